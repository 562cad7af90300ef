//! What the methods themselves answer with when they can't do what they were asked to.

use std::{error, fmt};

use rpc_core::AppError;

/// Why a method of `Accounts` failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AppError)]
#[non_exhaustive]
pub enum AccountsError {
    /// The name or the password is wrong, or the account is disabled or locked: one answer for all.
    #[tag(1)]
    BadCredentials,
    /// Too many failed logins; wait before the next.
    #[tag(2)]
    TryLater,
    /// No such account, session, promotion or student.
    #[tag(3)]
    NotFound,
    /// The name is taken.
    #[tag(4)]
    Conflict,
    /// The caller may not do this to this account.
    #[tag(5)]
    Forbidden,
    /// A password must have 15 to 128 characters and at most 512 bytes.
    #[tag(6)]
    PasswordLength,
    /// The password is among those that attackers try first, or contains the account's name.
    #[tag(7)]
    PasswordTooCommon,
    /// A name is empty, too long, or has control characters.
    #[tag(8)]
    BadName,
    /// The operation does not fit the account's role.
    #[tag(9)]
    WrongRole,
    /// The last administrator can't be disabled or lose the role.
    #[tag(10)]
    LastAdministrator,
    /// An error that this build does not know.
    #[unknown]
    Other(u32),
}

/// Why a method of `Grades` failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, AppError)]
#[non_exhaustive]
pub enum GradesError {
    /// No such promotion, student or mark, or none that the caller may know of.
    #[tag(1)]
    NotFound,
    /// The promotion is not one of the caller's.
    #[tag(2)]
    Forbidden,
    /// The name or number is taken.
    #[tag(3)]
    Conflict,
    /// The mark was corrected since the version that was named.
    #[tag(4)]
    VersionConflict {
        /// The version it has now.
        #[tag(1)]
        current: u32,
    },
    /// A name, number, label or reason is empty, too long, or has control characters.
    #[tag(5)]
    BadName,
    /// A sheet has a row that can't be taken; nothing was written.
    #[tag(6)]
    BadRow {
        /// The row, counted from 0.
        #[tag(1)]
        row: u32,
        /// What is wrong with it.
        #[tag(2)]
        reason: RowError,
    },
    /// A sheet has no column, two columns of one label, or more than allowed.
    #[tag(7)]
    BadColumns,
    /// An error that this build does not know.
    #[unknown]
    Other(u32),
}

/// What is wrong with a row of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, rpc_core::Message)]
#[non_exhaustive]
pub enum RowError {
    /// Another number of marks than there are columns.
    #[tag(1)]
    WrongNumberOfCells,
    /// The first cell is empty, too long, or has control characters.
    #[tag(2)]
    BadStudent,
    /// The first cell is the name of several students.
    #[tag(3)]
    AmbiguousName,
    /// The student stands in the sheet twice.
    #[tag(4)]
    Twice,
    /// The student has a mark of this label already.
    #[tag(5)]
    AlreadyMarked,
    /// A reason that this build does not know.
    #[unknown]
    Other(u32),
}

impl fmt::Display for AccountsError {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl error::Error for AccountsError {}

impl fmt::Display for GradesError {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl error::Error for GradesError {}
