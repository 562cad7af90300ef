//! The marks of one test: all of them in one transaction, or nothing and every row that can't be taken.

use std::collections::HashSet;

use grades_api::{
    GradesError, RowError, RowFault,
    model::{Coefficient, MarkId, NameKind, NewMark},
};
use rpc_core::{Error, Result};

use crate::{
    clock::UnixMs,
    store::{PromotionId, StoreError, StudentId, Tx, View},
};

/// More students than sit one test together. A row is four statements, and all of them have to be done within a call's deadline
/// on a database that is a network away; meanwhile the one writer of a file does nothing else.
const ROWS_MAX: u32 = 1_000;

/// Refuses what shows without one question to the store. The label names the test, so there has to be one.
pub(super) fn check(marks: &[NewMark], label: &str) -> Result<(), GradesError> {
    if u32::try_from(marks.len()).unwrap_or(u32::MAX) > ROWS_MAX {
        return Err(Error::App(GradesError::TooManyRows { rows_max: ROWS_MAX }));
    }
    if label.is_empty() || !NameKind::Label.accepts(label) {
        return Err(Error::App(GradesError::BadName));
    }
    Ok(())
}

/// Adds marks that passed [`check`], once every row of them is known to be good.
pub(super) fn add(
    tx: &mut dyn Tx,
    promotion: PromotionId,
    marks: &[NewMark],
    coefficient: Coefficient,
    label: &str,
    now: UnixMs,
) -> Result<Vec<MarkId>, GradesError> {
    let students = students(tx.view(), promotion, marks, label)?;
    let mut ids = Vec::with_capacity(marks.len());
    for (student, new) in students.into_iter().zip(marks) {
        ids.push(tx.insert_mark(student, new.mark, coefficient, label, now)?);
    }
    Ok(ids)
}

/// The student of each row, or all that is wrong.
fn students(
    view: &mut dyn View,
    promotion: PromotionId,
    marks: &[NewMark],
    label: &str,
) -> Result<Vec<StudentId>, GradesError> {
    let (mut students, mut faults, mut seen) = (Vec::with_capacity(marks.len()), Vec::new(), HashSet::new());
    for (row, NewMark { number, .. }) in (0_u32..).zip(marks) {
        let found = if seen.insert(number) { student(view, promotion, number, label)? } else { Err(RowError::Twice) };
        match found {
            Ok(student) => students.push(student),
            Err(reason) => {
                let number = number.chars().take(NameKind::StudentNumber.chars_max()).collect();
                faults.push(RowFault { row, reason, number });
            }
        }
    }
    if faults.is_empty() { Ok(students) } else { Err(Error::App(GradesError::BadRows { faults })) }
}

/// The student of this number, who has no mark of this label yet.
fn student(
    view: &mut dyn View,
    promotion: PromotionId,
    number: &str,
    label: &str,
) -> std::result::Result<std::result::Result<StudentId, RowError>, StoreError> {
    // What can be no number is no student's, and is not worth a question.
    let found = match NameKind::StudentNumber.accepts(number) {
        true => view.student(promotion, number)?,
        false => return Ok(Err(RowError::BadStudent)),
    };
    let Some(student) = found else { return Ok(Err(RowError::UnknownStudent)) };
    Ok(match view.has_mark_labelled(student.id, label)? {
        true => Err(RowError::AlreadyMarked),
        false => Ok(student.id),
    })
}
