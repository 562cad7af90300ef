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
    /// The password is among those that attackers try first, or no more than the account's name.
    #[tag(7)]
    PasswordTooCommon,
    /// A name is not one that [`NameKind`](crate::model::NameKind) accepts.
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
    /// No such promotion, student or mark, or none that the caller may know of: a student learns nothing of others.
    #[tag(1)]
    NotFound,
    /// The promotion is not one of the caller's: a teacher is not told whether there is one of this name.
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
    /// A name, number, label or reason is not one that [`NameKind`](crate::model::NameKind) accepts.
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
    /// A sheet has no column, more than allowed, two of one label, or one whose label is empty or none that
    /// [`NameKind`](crate::model::NameKind) accepts.
    #[tag(7)]
    BadColumns,
    /// Rows of a test's marks can't be taken; nothing was written.
    #[tag(8)]
    BadRows {
        /// Each of them, in the order of the rows.
        #[tag(1)]
        faults: Vec<RowFault>,
    },
    /// There are more rows than one call takes; nothing was written.
    #[tag(9)]
    TooManyRows {
        /// So many it takes.
        #[tag(1)]
        rows_max: u32,
    },
    /// An error that this build does not know.
    #[unknown]
    Other(u32),
}

/// A row that can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, rpc_core::Message)]
pub struct RowFault {
    /// The row, counted from 0.
    #[tag(1)]
    pub row: u32,
    /// What is wrong with it.
    #[tag(2)]
    pub reason: RowError,
    /// The number of its student as it was sent, but no more of it than a number can have.
    #[tag(3)]
    pub number: String,
}

/// What is wrong with a row of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, rpc_core::Message)]
#[non_exhaustive]
pub enum RowError {
    /// Another number of marks than there are columns.
    #[tag(1)]
    WrongNumberOfCells,
    /// The student is no number that [`NameKind`](crate::model::NameKind) accepts.
    #[tag(2)]
    BadStudent,
    /// The student is the name of several.
    #[tag(3)]
    AmbiguousName,
    /// The student stands in an earlier row.
    #[tag(4)]
    Twice,
    /// The student has a mark of this label already.
    #[tag(5)]
    AlreadyMarked,
    /// No student of the promotion has this number.
    #[tag(6)]
    UnknownStudent,
    /// A reason that this build does not know.
    #[unknown]
    Other(u32),
}

impl fmt::Display for AccountsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadCredentials => "the name or the password is wrong, or the account can't sign in",
            Self::TryLater => "too many failed logins: wait before the next",
            Self::NotFound => "no such account, session, promotion or student",
            Self::Conflict => "the name is taken",
            Self::Forbidden => "you may not do this to this account",
            Self::PasswordLength => "a password must have 15 to 128 characters and at most 512 bytes",
            Self::PasswordTooCommon => {
                "the password is among those that attackers try first, or no more than the account's name"
            }
            Self::BadName => "a name is empty, too long, or has characters that a line of text can't hold",
            Self::WrongRole => "this does not fit the account's role",
            Self::LastAdministrator => "the last administrator can't be disabled or lose the role",
            Self::Other(number) => return write!(f, "error {number}, which this build does not know"),
        })
    }
}

impl error::Error for AccountsError {}

impl fmt::Display for GradesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no such promotion, student or mark",
            Self::Forbidden => "the promotion is not one of yours",
            Self::Conflict => "the name or number is taken",
            Self::VersionConflict { current } => {
                return write!(f, "the mark was corrected meanwhile: it has version {current} now");
            }
            Self::BadName => {
                "a name, number, label or reason is empty, too long, or has characters that a line of text can't hold"
            }
            Self::BadRow { row, reason } => return write!(f, "row {}: {reason}", u64::from(*row).saturating_add(1)),
            Self::BadRows { faults } => return write_faults(f, faults),
            Self::TooManyRows { rows_max } => return write!(f, "more rows than the {rows_max} that one call takes"),
            Self::BadColumns => {
                "the sheet has no column of marks, more than are allowed, two of one label, or one whose label is none"
            }
            Self::Other(number) => return write!(f, "error {number}, which this build does not know"),
        })
    }
}

impl error::Error for GradesError {}

/// The first of them, and how many others there are: an error is a line, not a list.
fn write_faults(f: &mut fmt::Formatter<'_>, faults: &[RowFault]) -> fmt::Result {
    let Some(first) = faults.first() else { return f.write_str("rows that can't be taken") };
    write!(f, "row {}, student {:?}: {}", u64::from(first.row).saturating_add(1), first.number, first.reason)?;
    match faults.len().saturating_sub(1) {
        0 => Ok(()),
        others => write!(f, ", and {others} more"),
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongNumberOfCells => "it has another number of marks than there are columns",
            Self::BadStudent => "the student is empty, too long, or has characters that a line of text can't hold",
            Self::AmbiguousName => "the student's name is that of several students: use a number",
            Self::Twice => "the student stands in the sheet twice",
            Self::AlreadyMarked => "the student has a mark of this label already",
            Self::UnknownStudent => "no student of the promotion has this number",
            Self::Other(number) => return write!(f, "reason {number}, which this build does not know"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountsError, GradesError, RowError, RowFault};

    #[test]
    fn an_error_says_what_is_wrong_with_its_numbers() {
        let bad_row = GradesError::BadRow { row: 6, reason: RowError::Twice };
        assert_eq!(bad_row.to_string(), "row 7: the student stands in the sheet twice");
        let bad_row = GradesError::BadRow { row: u32::MAX, reason: RowError::Other(9) };
        assert_eq!(bad_row.to_string(), "row 4294967296: reason 9, which this build does not know");
        let fault = |row, number: &str| RowFault { row, reason: RowError::UnknownStudent, number: number.to_owned() };
        let bad_rows = |faults: &[RowFault]| GradesError::BadRows { faults: faults.to_vec() }.to_string();
        let one = "row 3, student \"9\\n9\": no student of the promotion has this number";
        assert_eq!(bad_rows(&[fault(2, "9\n9")]), one);
        assert_eq!(bad_rows(&[fault(2, "9\n9"), fault(4, "98")]), format!("{one}, and 1 more"));
        let too_many = GradesError::TooManyRows { rows_max: 1_000 };
        assert_eq!(too_many.to_string(), "more rows than the 1000 that one call takes");
        let conflict = GradesError::VersionConflict { current: 3 };
        assert_eq!(conflict.to_string(), "the mark was corrected meanwhile: it has version 3 now");
        assert_eq!(AccountsError::Other(77).to_string(), "error 77, which this build does not know");
    }

    #[test]
    fn an_error_text_is_lower_case_without_a_full_stop() {
        let texts = [
            AccountsError::BadCredentials.to_string(),
            AccountsError::PasswordTooCommon.to_string(),
            GradesError::BadColumns.to_string(),
            GradesError::BadName.to_string(),
        ];
        for text in texts {
            assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
        }
    }
}
