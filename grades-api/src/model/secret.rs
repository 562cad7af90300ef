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

    /// The bytes, for the credential of a call.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
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
