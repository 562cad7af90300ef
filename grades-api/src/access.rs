//! The access rules that methods name: who may call a method at all. Scope (which promotion, which student) is decided
//! in the transaction of the call, by the server, and tells nobody what exists beyond it: to a teacher every promotion
//! but theirs is *forbidden*, to a student every mark but theirs is *not found*, whether it exists or not.

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anyone, without a session.
    Public,
    /// Any account with a live session.
    SignedIn,
    /// Students, for what is theirs; and everyone above.
    Student,
    /// Teachers, for the promotions they are attached to; and administrators.
    Teacher,
    /// Administrators.
    Administrator,
}
