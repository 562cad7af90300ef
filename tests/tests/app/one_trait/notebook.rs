//! The trait written by hand, in memory: what a test double of a user of the service looks like.

use std::{collections::BTreeMap, sync::Mutex};

use grades_api::{
    Grades, GradesError, RowError, RowFault,
    model::{
        Coefficient, ImportReport, Mark, MarkChange, MarkEntry, MarkId, MarkReading, Mean, NewMark, Promotion,
        PromotionAverage, Sheet, StudentAverage, StudentMarks,
    },
};
use rpc_core::{Error, Result, Status};

/// One promotion; its marks are out of 20 and weigh whole points.
#[derive(Debug)]
pub(super) struct Notebook {
    promotion: &'static str,
    students: Mutex<BTreeMap<String, StudentMarks>>,
}

impl Notebook {
    pub(super) const fn new(promotion: &'static str) -> Self {
        Self { promotion, students: Mutex::new(BTreeMap::new()) }
    }

    fn knows(&self, promotion: &str) -> Result<(), GradesError> {
        if promotion == self.promotion { Ok(()) } else { Err(GradesError::NotFound.into()) }
    }
}

/// Whole ten-thousandths are enough for the marks of a test.
fn average(marks: &[MarkEntry]) -> StudentAverage {
    let (mut sum, mut weight) = (0, 0);
    for entry in marks {
        if let MarkReading::Value { ten_thousandths, .. } = entry.mark.reading() {
            sum += ten_thousandths / 100 * entry.coefficient.hundredths();
            weight += entry.coefficient.hundredths();
        }
    }
    let mean = (weight > 0).then(|| Mean { hundredths: sum / weight, exact: None });
    StudentAverage { counted: u32::try_from(marks.len()).unwrap(), pending: 0, mean }
}

fn not_kept<T>() -> Result<T, GradesError> {
    Err(Error::rejected(Status::UNKNOWN_OPCODE, None))
}

impl Grades for Notebook {
    fn create_promotion(&self, _: &str) -> Result<(), GradesError> {
        not_kept()
    }

    fn promotions(&self) -> Result<Vec<Promotion>, GradesError> {
        not_kept()
    }

    fn add_student(&self, promotion: &str, number: &str, name: &str) -> Result<(), GradesError> {
        self.knows(promotion)?;
        let mut students = self.students.lock().unwrap();
        if students.contains_key(number) {
            return Err(GradesError::Conflict.into());
        }
        let student =
            StudentMarks { number: number.to_owned(), name: name.to_owned(), average: average(&[]), marks: Vec::new() };
        students.insert(number.to_owned(), student);
        Ok(())
    }

    fn remove_student(&self, _: &str, _: &str) -> Result<(), GradesError> {
        not_kept()
    }

    fn add_mark(
        &self,
        promotion: &str,
        number: &str,
        mark: Mark,
        coefficient: Coefficient,
        label: &str,
    ) -> Result<MarkId, GradesError> {
        self.knows(promotion)?;
        let mut students = self.students.lock().unwrap();
        let student = students.get_mut(number).ok_or(GradesError::NotFound)?;
        let id = MarkId(u64::try_from(student.marks.len()).unwrap() + 1);
        student.marks.push(MarkEntry { id, version: 1, coefficient, mark, label: label.to_owned() });
        student.average = average(&student.marks);
        Ok(id)
    }

    fn correct_mark(&self, _: MarkId, _: u32, _: Mark, _: Coefficient, _: &str) -> Result<u32, GradesError> {
        not_kept()
    }

    fn mark_history(&self, _: MarkId) -> Result<Vec<MarkChange>, GradesError> {
        not_kept()
    }

    fn student_average(&self, promotion: &str, number: &str) -> Result<StudentAverage, GradesError> {
        self.student(promotion, number).map(|student| student.average)
    }

    fn promotion_average(&self, _: &str) -> Result<PromotionAverage, GradesError> {
        not_kept()
    }

    fn student(&self, promotion: &str, number: &str) -> Result<StudentMarks, GradesError> {
        self.knows(promotion)?;
        Ok(self.students.lock().unwrap().get(number).cloned().ok_or(GradesError::NotFound)?)
    }

    fn students(&self, promotion: &str, after: Option<&str>, limit: u32) -> Result<Vec<StudentMarks>, GradesError> {
        self.knows(promotion)?;
        let students = self.students.lock().unwrap();
        let page = students.values().filter(|student| after.is_none_or(|after| student.number.as_str() > after));
        Ok(page.take(usize::try_from(limit).unwrap()).cloned().collect())
    }

    fn import(&self, _: &str, _: &Sheet, _: bool) -> Result<ImportReport, GradesError> {
        not_kept()
    }

    fn add_marks(
        &self,
        promotion: &str,
        marks: &[NewMark],
        coefficient: Coefficient,
        label: &str,
    ) -> Result<Vec<MarkId>, GradesError> {
        self.knows(promotion)?;
        let students = self.students.lock().unwrap();
        let unknown = |(_, new): &(u32, &NewMark)| !students.contains_key(&new.number);
        let fault = |(row, new): (u32, &NewMark)| RowFault {
            row,
            reason: RowError::UnknownStudent,
            number: new.number.clone(),
        };
        let faults: Vec<RowFault> = (0..).zip(marks).filter(unknown).map(fault).collect();
        drop(students);
        if !faults.is_empty() {
            return Err(GradesError::BadRows { faults }.into());
        }
        marks.iter().map(|new| self.add_mark(promotion, &new.number, new.mark, coefficient, label)).collect()
    }
}
