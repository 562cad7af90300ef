//! Promotions, students and their marks as lists show them.

use rpc_core::Message;

use super::{Coefficient, Mark, MarkId, StudentAverage};

/// A promotion.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct Promotion {
    /// The name; 1 to 200 characters, unique.
    #[tag(1)]
    pub name: String,
    /// Students in it.
    #[tag(2)]
    pub students: u32,
}

/// A student with their marks and mean.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct StudentMarks {
    /// The number; unique in the promotion.
    #[tag(1)]
    pub number: String,
    /// The name.
    #[tag(2)]
    pub name: String,
    /// The mean.
    #[tag(3)]
    pub average: StudentAverage,
    /// The marks, oldest first.
    #[tag(4)]
    pub marks: Vec<MarkEntry>,
}

/// A mark as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct MarkEntry {
    /// Names the mark.
    #[tag(1)]
    pub id: MarkId,
    /// Counts its corrections; a correction names the version it saw.
    #[tag(2)]
    pub version: u32,
    /// How much it weighs.
    #[tag(3)]
    pub coefficient: Coefficient,
    /// The mark.
    #[tag(4)]
    pub mark: Mark,
    /// What it was given for; may be empty.
    #[tag(5)]
    pub label: String,
}

/// One correction in a mark's history.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct MarkChange {
    /// The version that the correction made.
    #[tag(1)]
    pub version: u32,
    /// When, in milliseconds since the Unix epoch.
    #[tag(2)]
    pub at_ms: u64,
    /// The coefficient before.
    #[tag(3)]
    pub old_coefficient: Coefficient,
    /// The coefficient after.
    #[tag(4)]
    pub new_coefficient: Coefficient,
    /// The mark before.
    #[tag(5)]
    pub old: Mark,
    /// The mark after.
    #[tag(6)]
    pub new: Mark,
    /// The account that corrected it.
    #[tag(7)]
    pub by: String,
    /// Why.
    #[tag(8)]
    pub reason: String,
}
