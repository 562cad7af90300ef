//! Texts that come back from where an enemy may have been: stored password hashes, session IDs; and dumps of anything.

use grades_api::{AccountsClient, GradesClient, model::SessionId};
use grades_server::PasswordCost;

use crate::peak_of;

/// A stored hash is obeyed only within bounds: a row that was tampered with can't take the machine.
pub(super) fn password_hashes(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (cost, peak) = peak_of(|| PasswordCost::of_stored(text));
    assert!(peak <= 4 * text.len() + 1_024, "judging {} bytes took {peak}", text.len());
    let Some(cost) = cost else { return };
    assert!(cost.memory_kib() <= 65_536 && cost.passes() <= 10 && cost.lanes() <= 4, "{cost:?}");
    assert!(cost.memory_kib() >= 8 && cost.passes() >= 1 && cost.lanes() >= 1, "{cost:?}");
    assert!(text.starts_with("$argon2id$v=19$"));
}

/// A text is 32 bytes in 64 digits, or no session ID; one that is comes out again as it was, but for the case of letters.
pub(super) fn session_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match SessionId::parse(text) {
        Some(session) => assert_eq!(session.expose_text(), text.to_ascii_lowercase()),
        None => assert!(text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit())),
    }
}

/// Any bytes can be shown, and what is shown grows with them and with nothing else.
pub(super) fn dumps(bytes: &[u8]) {
    let shown = rpc_core::dump::frame(bytes, &[&AccountsClient::SERVICE, &GradesClient::SERVICE]).to_string();
    // A line of at most a few hundred characters for each byte at the very most, and a few that always stand.
    assert!(shown.len() <= 4_096 + 600 * bytes.len(), "{} bytes were shown in {}", bytes.len(), shown.len());
}
