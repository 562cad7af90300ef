//! Marks for a whole promotion, as a sheet or as those of one test: one call, one transaction.

use rpc_core::Message;

use super::{Coefficient, Mark};

/// A wide sheet: one row a student, one column a mark.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct Sheet {
    /// The columns of marks.
    #[tag(1)]
    pub columns: Vec<SheetColumn>,
    /// The rows; each has as many marks as there are columns.
    #[tag(2)]
    pub rows: Vec<SheetRow>,
}

/// A column of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct SheetColumn {
    /// The coefficient of its marks.
    #[tag(1)]
    pub coefficient: Coefficient,
    /// The label of its marks.
    #[tag(2)]
    pub label: String,
}

/// A row of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct SheetRow {
    /// A number, else a name, else a student to enrol under both. A name that several students have is refused.
    #[tag(1)]
    pub student: String,
    /// The marks, in the order of the columns.
    #[tag(2)]
    pub marks: Vec<Mark>,
}

/// A row of a test's marks.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct NewMark {
    /// The student's number; nobody is enrolled.
    #[tag(1)]
    pub number: String,
    /// The mark.
    #[tag(2)]
    pub mark: Mark,
}

/// What an import did, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
pub struct ImportReport {
    /// Students who were there.
    #[tag(1)]
    pub matched: u32,
    /// Students who were enrolled.
    #[tag(2)]
    pub enrolled: u32,
    /// Marks that were added.
    #[tag(3)]
    pub marks: u32,
}
