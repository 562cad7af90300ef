//! Accounts, roles and sessions as their owners and administrators see them.

use std::{error, fmt, str::FromStr};

use rpc_core::Message;

use super::SessionId;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Message)]
pub enum Role {
    /// Keeps accounts and promotions, and may do what a teacher does in every promotion.
    #[tag(1)]
    Administrator,
    /// Keeps the students and marks of the promotions they are attached to.
    #[tag(2)]
    Teacher,
    /// Reads their own marks.
    #[tag(3)]
    Student,
}

/// A text that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RoleError;

/// A student named as people name them: the promotion and the number in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Message)]
pub struct StudentKey {
    /// The name of the promotion.
    #[tag(1)]
    pub promotion: String,
    /// The student's number; text, as it is printed on a card.
    #[tag(2)]
    pub number: String,
}

/// What a successful login gives.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct SignedIn {
    /// The secret that proves the session; sent as the credential of each later call.
    #[tag(1)]
    pub session: SessionId,
    /// Whose session it is.
    #[tag(2)]
    pub account: Whoami,
}

/// Whose session a call carries.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct Whoami {
    /// The name of the account.
    #[tag(1)]
    pub name: String,
    /// What it may do.
    #[tag(2)]
    pub role: Role,
    /// When the session ends if it is not used, in milliseconds since the Unix epoch.
    #[tag(3)]
    pub idle_expires_ms: u64,
    /// When the session ends in any case, in milliseconds since the Unix epoch.
    #[tag(4)]
    pub expires_ms: u64,
    /// Failed logins on the account since the last that succeeded.
    #[tag(5)]
    pub failed_logins: u32,
    /// The promotions that a teacher is attached to, by name.
    #[tag(6)]
    pub promotions: Vec<String>,
    /// The student that a student account is bound to.
    #[tag(7)]
    pub student: Option<StudentKey>,
}

/// What it takes to make an account.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct NewAccount {
    /// The name; 1 to 64 characters, unique.
    #[tag(1)]
    pub name: String,
    /// What it may do.
    #[tag(2)]
    pub role: Role,
    /// For a teacher: the promotions to attach to at once.
    #[tag(3)]
    pub promotions: Vec<String>,
    /// For a student: the student to bind to at once.
    #[tag(4)]
    pub student: Option<StudentKey>,
}

/// An account as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct Account {
    /// The name.
    #[tag(1)]
    pub name: String,
    /// What it may do.
    #[tag(2)]
    pub role: Role,
    /// Whether it may sign in.
    #[tag(3)]
    pub disabled: bool,
    /// Whether too many failed logins have locked it.
    #[tag(4)]
    pub locked: bool,
    /// When it was made, in milliseconds since the Unix epoch.
    #[tag(5)]
    pub created_ms: u64,
    /// The promotions that a teacher is attached to, by name.
    #[tag(6)]
    pub promotions: Vec<String>,
    /// The student that a student account is bound to.
    #[tag(7)]
    pub student: Option<StudentKey>,
}

/// A session as its owner sees it: enough to recognise and to end it, not to use it.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct SessionSummary {
    /// A number that names the session and proves nothing.
    #[tag(1)]
    pub handle: u64,
    /// The account's name.
    #[tag(2)]
    pub account: String,
    /// When it began, in milliseconds since the Unix epoch.
    #[tag(3)]
    pub created_ms: u64,
    /// When it was last used, to the minute, in milliseconds since the Unix epoch.
    #[tag(4)]
    pub last_used_ms: u64,
    /// When it ends in any case, in milliseconds since the Unix epoch.
    #[tag(5)]
    pub expires_ms: u64,
    /// Whether it is the session of this very call.
    #[tag(6)]
    pub current: bool,
    /// The address it was begun from.
    #[tag(7)]
    pub peer: String,
}

impl Role {
    /// Every role, the most powerful first.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Teacher, Self::Student];

    /// The role as it is written and read: `administrator`, `teacher`, `student`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Teacher => "teacher",
            Self::Student => "student",
        }
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for RoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a role: write administrator, teacher or student")
    }
}

impl error::Error for RoleError {}

#[cfg(test)]
mod tests {
    use super::{Role, RoleError};

    #[test]
    fn a_role_reads_from_what_it_shows() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        for text in ["", "admin", "Teacher", " student"] {
            assert_eq!(text.parse::<Role>(), Err(RoleError), "{text:?}");
        }
    }
}
