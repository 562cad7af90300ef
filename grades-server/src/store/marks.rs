//! Promotions, students and marks in the store.

use grades_api::model::{Coefficient, Mark, MarkChange, MarkEntry, MarkId, Promotion};

use super::{
    AccountId, StoreError,
    columns::{position, with_their_marks},
};
use crate::clock::UnixMs;

/// Names a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PromotionId(pub(crate) i64);

/// Names a student of a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StudentId(pub(crate) i64);

/// A student as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StudentRow {
    pub(crate) id: StudentId,
    pub(crate) number: String,
    pub(crate) name: String,
}

/// A mark with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MarkPlace {
    pub(crate) promotion: PromotionId,
    /// The promotion's name.
    pub(crate) promotion_name: String,
    /// The student's number.
    pub(crate) number: String,
    pub(crate) entry: MarkEntry,
}

/// A correction of a mark.
#[derive(Clone, Debug)]
pub(crate) struct Correction {
    pub(crate) id: MarkId,
    /// The version that the correction makes.
    pub(crate) version: u32,
    pub(crate) old: (Mark, Coefficient),
    pub(crate) new: (Mark, Coefficient),
    pub(crate) by: AccountId,
    pub(crate) at: UnixMs,
    pub(crate) reason: String,
}

/// Questions about marks.
pub(crate) trait ReadMarks {
    fn promotion(&mut self, name: &str) -> Result<Option<PromotionId>, StoreError>;

    /// All promotions, by name.
    fn promotions(&mut self) -> Result<Vec<Promotion>, StoreError>;

    /// The promotion of this name with its size.
    fn promotion_summary(&mut self, name: &str) -> Result<Option<Promotion>, StoreError>;

    fn student(&mut self, promotion: PromotionId, number: &str) -> Result<Option<StudentRow>, StoreError>;

    /// Students of this name; two are enough to know that it names nobody.
    fn students_named(&mut self, promotion: PromotionId, name: &str) -> Result<Vec<StudentRow>, StoreError>;

    /// Students with their marks, by number (9 before 10), after the number `after`, at most `limit`; marks oldest first.
    fn students_with_marks(
        &mut self,
        promotion: PromotionId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(StudentRow, Vec<MarkEntry>)>, StoreError> {
        let after = after.map(position).unwrap_or_default();
        let students = self.students_behind(promotion, &after, limit)?;
        Ok(with_their_marks(students, self.marks_behind(promotion, &after, limit)?))
    }

    /// Of [`students_with_marks`](Self::students_with_marks): students in the order of their positions, behind one, at most
    /// `limit`.
    fn students_behind(
        &mut self,
        promotion: PromotionId,
        position: &str,
        limit: u32,
    ) -> Result<Vec<StudentRow>, StoreError>;

    /// Of [`students_with_marks`](Self::students_with_marks): the marks of the same students in the same order, each with whose
    /// it is; a student's oldest first.
    fn marks_behind(
        &mut self,
        promotion: PromotionId,
        position: &str,
        limit: u32,
    ) -> Result<Vec<(StudentId, MarkEntry)>, StoreError>;

    /// A student's marks, oldest first.
    fn marks_of(&mut self, student: StudentId) -> Result<Vec<MarkEntry>, StoreError>;

    fn has_mark_labelled(&mut self, student: StudentId, label: &str) -> Result<bool, StoreError>;

    /// For each of these numbers the student, if there is one, and whether they have a mark of this label.
    fn students_to_mark(
        &mut self,
        promotion: PromotionId,
        numbers: &[&str],
        label: &str,
    ) -> Result<Vec<Option<(StudentId, bool)>>, StoreError> {
        let mut students = Vec::with_capacity(numbers.len());
        for number in numbers {
            students.push(match self.student(promotion, number)? {
                Some(student) => Some((student.id, self.has_mark_labelled(student.id, label)?)),
                None => None,
            });
        }
        Ok(students)
    }

    fn mark(&mut self, id: MarkId) -> Result<Option<MarkPlace>, StoreError> {
        // A number that the column can't hold names no mark.
        i64::try_from(id.0).map_or(Ok(None), |number| self.mark_numbered(number))
    }

    /// Of [`mark`](Self::mark): the one in the row of this number.
    fn mark_numbered(&mut self, number: i64) -> Result<Option<MarkPlace>, StoreError>;

    /// A mark's corrections, oldest first.
    fn mark_history(&mut self, id: MarkId) -> Result<Vec<MarkChange>, StoreError>;
}

/// Changes to marks. The caller has checked that they are allowed.
pub(crate) trait WriteMarks {
    fn insert_promotion(&mut self, name: &str, created: UnixMs) -> Result<PromotionId, StoreError>;

    fn insert_student(&mut self, promotion: PromotionId, number: &str, name: &str) -> Result<StudentId, StoreError>;

    /// Deletes a student with their marks.
    fn delete_student(&mut self, student: StudentId) -> Result<(), StoreError>;

    fn insert_mark(
        &mut self,
        student: StudentId,
        mark: Mark,
        coefficient: Coefficient,
        label: &str,
        created: UnixMs,
    ) -> Result<MarkId, StoreError>;

    /// Gives each of these students a mark: the numbers of the marks, in their order.
    fn insert_marks(
        &mut self,
        marks: &[(StudentId, Mark)],
        coefficient: Coefficient,
        label: &str,
        created: UnixMs,
    ) -> Result<Vec<MarkId>, StoreError> {
        marks.iter().map(|(student, mark)| self.insert_mark(*student, *mark, coefficient, label, created)).collect()
    }

    /// Corrects a mark and keeps what it was.
    fn correct_mark(&mut self, correction: &Correction) -> Result<(), StoreError> {
        self.replace_mark(correction)?;
        self.insert_correction(correction)
    }

    /// Of [`correct_mark`](Self::correct_mark): writes what the mark is from now on.
    fn replace_mark(&mut self, correction: &Correction) -> Result<(), StoreError>;

    /// Of [`correct_mark`](Self::correct_mark): adds to its history.
    fn insert_correction(&mut self, correction: &Correction) -> Result<(), StoreError>;
}
