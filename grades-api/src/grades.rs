//! The service that keeps marks. Promotions are named by name and students by number, as people name them.

use rpc_core::Result;

use crate::{
    Access, GradesError,
    model::{
        Coefficient, ImportReport, Mark, MarkChange, MarkId, NewMark, Promotion, PromotionAverage, Sheet,
        StudentAverage, StudentMarks,
    },
};

/// Promotions, students, marks and means.
#[rpc_core::service(id = 0x47, name = "grades", access = Access)]
pub trait Grades {
    /// Creates a promotion.
    #[rpc(opcode = 1, access = Access::Administrator, keyed)]
    fn create_promotion(&self, promotion: &str) -> Result<(), GradesError>;

    /// The promotions that the caller may see, by name: all, the attached ones, or the student's own.
    #[rpc(opcode = 2, access = Access::SignedIn, idempotent)]
    fn promotions(&self) -> Result<Vec<Promotion>, GradesError>;

    /// Adds a student to a promotion.
    #[rpc(opcode = 3, access = Access::Teacher, keyed)]
    fn add_student(&self, promotion: &str, number: &str, name: &str) -> Result<(), GradesError>;

    /// Removes a student from a promotion, with their marks.
    #[rpc(opcode = 4, access = Access::Teacher, keyed)]
    fn remove_student(&self, promotion: &str, number: &str) -> Result<(), GradesError>;

    /// Gives a student of a promotion a mark with its coefficient.
    #[rpc(opcode = 5, access = Access::Teacher, keyed)]
    fn add_mark(
        &self,
        promotion: &str,
        number: &str,
        mark: Mark,
        coefficient: Coefficient,
        label: &str,
    ) -> Result<MarkId, GradesError>;

    /// Corrects a mark that had `version` when the caller saw it; answers with the version it has now.
    #[rpc(opcode = 6, access = Access::Teacher, keyed)]
    fn correct_mark(
        &self,
        id: MarkId,
        version: u32,
        mark: Mark,
        coefficient: Coefficient,
        reason: &str,
    ) -> Result<u32, GradesError>;

    /// The corrections of a mark, oldest first.
    #[rpc(opcode = 7, access = Access::Teacher, idempotent)]
    fn mark_history(&self, id: MarkId) -> Result<Vec<MarkChange>, GradesError>;

    /// A student's mean in a promotion.
    #[rpc(opcode = 8, access = Access::Student, idempotent)]
    fn student_average(&self, promotion: &str, number: &str) -> Result<StudentAverage, GradesError>;

    /// A promotion's mean.
    #[rpc(opcode = 9, access = Access::Teacher, idempotent)]
    fn promotion_average(&self, promotion: &str) -> Result<PromotionAverage, GradesError>;

    /// One student with their marks.
    #[rpc(opcode = 10, access = Access::Student, idempotent)]
    fn student(&self, promotion: &str, number: &str) -> Result<StudentMarks, GradesError>;

    /// A promotion's students with their marks and means, by number: at most `limit`, after the number `after`. Fewer where
    /// more would not fit into a reply; only an empty page is the end.
    #[rpc(opcode = 11, access = Access::Teacher, idempotent)]
    fn students(&self, promotion: &str, after: Option<&str>, limit: u32) -> Result<Vec<StudentMarks>, GradesError>;

    /// Adds a whole sheet of marks in one transaction, or nothing; with `dry_run` only says what it would do.
    #[rpc(opcode = 12, access = Access::Teacher, keyed)]
    fn import(&self, promotion: &str, sheet: &Sheet, dry_run: bool) -> Result<ImportReport, GradesError>;

    /// Gives students of a promotion the marks of one test, all in one transaction, or none and every row that can't be taken;
    /// answers with the ids in the order of the rows.
    #[rpc(opcode = 13, access = Access::Teacher, keyed)]
    fn add_marks(
        &self,
        promotion: &str,
        marks: &[NewMark],
        coefficient: Coefficient,
        label: &str,
    ) -> Result<Vec<MarkId>, GradesError>;
}
