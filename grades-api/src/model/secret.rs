//! Values that no log, error or dump may show.

use std::fmt;

use rpc_core::Message;

/// A password as it was typed: no composition rule, no trimming. Its `Debug` hides it and it has no `Display`.
#[derive(Clone, PartialEq, Eq, Message)]
#[message(secret)]
pub struct Password(String);

/// The secret that proves a session: 32 bytes that the server drew. Its `Debug` hides it and it has no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
#[message(secret)]
pub struct SessionId([u8; 32]);

impl Password {
    /// A password from what was typed. The server judges it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl SessionId {
    /// A session ID from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The session ID that 64 hexadecimal digits write, for who kept it as a text; none if the text is another one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
        let (pairs, []) = digits.as_chunks::<2>() else { return None };
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, for the credential of a call.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text that [`SessionId::parse`] reads, for a file that only its owner reads.
    #[must_use]
    pub fn expose_text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, SessionId};
    use crate::model::{Role, SignedIn, Whoami};

    #[test]
    fn a_session_id_is_64_digits_as_a_text_and_nothing_else() {
        let session = SessionId::from_bytes(std::array::from_fn(|index| u8::try_from(index * 8).unwrap()));
        let text = session.expose_text();
        assert!(text.starts_with("0008101820") && text.len() == 64, "{text}");
        assert_eq!(SessionId::parse(&text), Some(session));
        assert_eq!(SessionId::parse(&text.to_uppercase()), Some(session));
        for other in ["", &text[..63], &text[..62], &format!("{text}0"), &text.replace("00", "0x"), &"é".repeat(32)] {
            assert_eq!(SessionId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_secret_is_hidden_from_debug_wherever_it_stands() {
        let password = Password::new("correct horse battery staple");
        assert_eq!(format!("{:?}", Some(&password)), "Some(Password(hidden))");

        let account = Whoami {
            name: "ada".into(),
            role: Role::Teacher,
            idle_expires_ms: 1,
            expires_ms: 2,
            failed_logins: 0,
            promotions: Vec::new(),
            student: None,
        };
        let signed_in = SignedIn { session: SessionId::from_bytes([0xa5; 32]), account };
        let shown = format!("{signed_in:#?}");
        assert!(shown.contains("session: SessionId(hidden)"), "{shown}");
        assert!(!shown.contains("165") && !shown.contains("a5"), "{shown}");
    }
}
