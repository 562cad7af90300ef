//! A hand-written `Grades` for unit tests: one promotion, `L3`, and a record of what was asked of it. It keeps just
//! enough of the rules for the commands to be tested against; what no command of these tests calls is refused.

use std::cell::RefCell;

use grades_api::{
    Grades, GradesError, RowError, RowFault,
    model::{
        Coefficient, ImportReport, Mark, MarkChange, MarkEntry, MarkId, Mean, NewMark, Promotion, PromotionAverage,
        Sheet, StudentAverage, StudentMarks,
    },
};
use rpc_core::Result;

pub(super) struct FakeGrades {
    students: Vec<StudentMarks>,
    page_max: usize,
    /// The promotion of each call.
    calls: RefCell<Vec<String>>,
    /// The rows of each import.
    imports: RefCell<Vec<usize>>,
    corrections: RefCell<Vec<(u64, u32, u32)>>,
    /// Each test's `label ×coefficient: number mark, …`.
    tests: RefCell<Vec<String>>,
}

impl FakeGrades {
    /// Students `0001`, `0002`, …, each with one mark, 12.
    pub(super) fn with_students(count: u32) -> Self {
        let students = (1..=count).map(|n| student(&format!("{n:04}"), vec![entry(n.into(), "exam")])).collect();
        Self::of(students)
    }

    /// One student, `0001`, with marks of these ids and labels.
    pub(super) fn with_marks(marks: &[(u64, &str)]) -> Self {
        Self::of(vec![student("0001", marks.iter().map(|(id, label)| entry(*id, label)).collect())])
    }

    fn of(students: Vec<StudentMarks>) -> Self {
        let (calls, imports, corrections, tests) = Default::default();
        Self { students, page_max: usize::MAX, calls, imports, corrections, tests }
    }

    /// Gives at most this many students a call, however many are asked for.
    pub(super) fn pages_of(self, page_max: usize) -> Self {
        Self { page_max, ..self }
    }

    pub(super) fn numbers(&self) -> Vec<String> {
        self.students.iter().map(|student| student.number.clone()).collect()
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.borrow().len()
    }

    pub(super) fn imports(&self) -> usize {
        self.imports.borrow().len()
    }

    /// The id, the version and the hundredths of the coefficient of each correction.
    pub(super) fn corrections(&self) -> Vec<(u64, u32, u32)> {
        self.corrections.borrow().clone()
    }

    pub(super) fn tests(&self) -> Vec<String> {
        self.tests.borrow().clone()
    }

    fn enter(&self, promotion: &str) -> Result<(), GradesError> {
        self.calls.borrow_mut().push(promotion.to_owned());
        if promotion == "L3" { Ok(()) } else { Err(not_found()) }
    }

    fn find(&self, number: &str) -> Result<&StudentMarks, GradesError> {
        self.students.iter().find(|student| student.number == number).ok_or_else(not_found)
    }
}

fn not_found() -> rpc_core::Error<GradesError> {
    rpc_core::Error::App(GradesError::NotFound)
}

fn entry(id: u64, label: &str) -> MarkEntry {
    let (mark, coefficient) = ("12".parse().unwrap(), "1".parse().unwrap());
    MarkEntry { id: MarkId(id), version: 3, coefficient, mark, label: label.to_owned() }
}

fn student(number: &str, marks: Vec<MarkEntry>) -> StudentMarks {
    let mean = Mean { hundredths: 1200, exact: Some("12".to_owned()) };
    let average = StudentAverage { counted: u32::try_from(marks.len()).unwrap(), pending: 0, mean: Some(mean) };
    StudentMarks { number: number.to_owned(), name: format!("Student {number}"), average, marks }
}

impl Grades for FakeGrades {
    fn add_student(&self, promotion: &str, number: &str, _name: &str) -> Result<(), GradesError> {
        self.enter(promotion)?;
        if self.find(number).is_ok() { Err(rpc_core::Error::App(GradesError::Conflict)) } else { Ok(()) }
    }

    fn student(&self, promotion: &str, number: &str) -> Result<StudentMarks, GradesError> {
        self.enter(promotion)?;
        self.find(number).cloned()
    }

    fn students(&self, promotion: &str, after: Option<&str>, limit: u32) -> Result<Vec<StudentMarks>, GradesError> {
        self.enter(promotion)?;
        let count = self.page_max.min(usize::try_from(limit).unwrap());
        let later = self.students.iter().filter(|student| after.is_none_or(|after| student.number.as_str() > after));
        Ok(later.take(count).cloned().collect())
    }

    fn student_average(&self, promotion: &str, number: &str) -> Result<StudentAverage, GradesError> {
        self.enter(promotion)?;
        Ok(self.find(number)?.average.clone())
    }

    fn correct_mark(
        &self,
        id: MarkId,
        version: u32,
        _mark: Mark,
        coefficient: Coefficient,
        _reason: &str,
    ) -> Result<u32, GradesError> {
        self.enter("L3")?;
        self.corrections.borrow_mut().push((id.0, version, coefficient.hundredths()));
        Ok(version.saturating_add(1))
    }

    fn import(&self, promotion: &str, sheet: &Sheet, _dry_run: bool) -> Result<ImportReport, GradesError> {
        self.enter(promotion)?;
        self.imports.borrow_mut().push(sheet.rows.len());
        let count = |n: usize| u32::try_from(n).unwrap();
        let (matched, enrolled): (Vec<_>, Vec<_>) = sheet.rows.iter().partition(|row| self.find(&row.student).is_ok());
        let marks = sheet.rows.iter().map(|row| row.marks.len()).sum();
        Ok(ImportReport { matched: count(matched.len()), enrolled: count(enrolled.len()), marks: count(marks) })
    }

    fn add_marks(
        &self,
        promotion: &str,
        marks: &[NewMark],
        coefficient: Coefficient,
        label: &str,
    ) -> Result<Vec<MarkId>, GradesError> {
        self.enter(promotion)?;
        let fault = |(row, new): (u32, &NewMark)| {
            let reason = self.find(&new.number).is_err().then_some(RowError::UnknownStudent)?;
            Some(RowFault { row, reason, number: new.number.clone() })
        };
        let faults: Vec<RowFault> = (0..).zip(marks).filter_map(fault).collect();
        if !faults.is_empty() {
            return Err(GradesError::BadRows { faults }.into());
        }
        let given: Vec<String> = marks.iter().map(|new| format!("{} {}", new.number, new.mark)).collect();
        self.tests.borrow_mut().push(format!("{label} ×{coefficient}: {}", given.join(", ")));
        Ok((1..).map(MarkId).take(marks.len()).collect())
    }

    fn create_promotion(&self, _promotion: &str) -> Result<(), GradesError> {
        Err(not_found())
    }

    fn promotions(&self) -> Result<Vec<Promotion>, GradesError> {
        Err(not_found())
    }

    fn remove_student(&self, _promotion: &str, _number: &str) -> Result<(), GradesError> {
        Err(not_found())
    }

    fn add_mark(
        &self,
        promotion: &str,
        _number: &str,
        _mark: Mark,
        _coefficient: Coefficient,
        _label: &str,
    ) -> Result<MarkId, GradesError> {
        self.enter(promotion)?;
        Err(not_found())
    }

    fn mark_history(&self, _id: MarkId) -> Result<Vec<MarkChange>, GradesError> {
        Err(not_found())
    }

    fn promotion_average(&self, _promotion: &str) -> Result<PromotionAverage, GradesError> {
        Err(not_found())
    }
}
