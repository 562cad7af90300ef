//! A sheet of marks: all of it in one transaction, or nothing and a row that can't be taken: the first that is wrong in itself,
//! else the first that does not fit the promotion.

use std::collections::HashSet;

use grades_api::{
    GradesError, RowError,
    model::{ImportReport, NameKind, Sheet, SheetRow},
};
use rpc_core::{Error, Result};

use super::names_a_test;
use crate::{
    clock::UnixMs,
    store::{PromotionId, StoreError, StudentId, Tx},
};

/// More exams than a term has; with it, a sheet of a thousand students is still one body.
const COLUMNS_MAX: usize = 100;

/// Refuses what the sheet alone shows to be wrong, before it is copied for the writer and without one question to the store.
pub(super) fn check(sheet: &Sheet) -> Result<(), GradesError> {
    check_columns(sheet)?;
    for (number, row) in (0_u32..).zip(&sheet.rows) {
        let refuse = |reason| Err(Error::App(GradesError::BadRow { row: number, reason }));
        if row.marks.len() != sheet.columns.len() {
            return refuse(RowError::WrongNumberOfCells);
        }
        // What is neither a number nor a name is nobody's, and nobody can be enrolled under it.
        if ![NameKind::StudentNumber, NameKind::StudentName].iter().any(|kind| kind.accepts(&row.student)) {
            return refuse(RowError::BadStudent);
        }
    }
    Ok(())
}

/// Refuses columns that could not be told apart afterwards.
fn check_columns(sheet: &Sheet) -> Result<(), GradesError> {
    let mut labels = HashSet::new();
    let good = !sheet.columns.is_empty()
        && sheet.columns.len() <= COLUMNS_MAX
        && sheet.columns.iter().all(|column| {
            let label = column.label.as_str();
            names_a_test(label) && labels.insert(label)
        });
    if good { Ok(()) } else { Err(Error::App(GradesError::BadColumns)) }
}

/// Adds the marks of a sheet that passed [`check`]; a dry run does the same and undoes it, so that it can't promise what an import would refuse.
pub(super) fn import(
    tx: &mut dyn Tx,
    promotion: PromotionId,
    sheet: &Sheet,
    dry_run: bool,
    now: UnixMs,
) -> Result<ImportReport, GradesError> {
    let mut report = Err(StoreError::Failed.into());
    tx.nested(&mut |tx| {
        report = add_rows(tx, promotion, sheet, now);
        report.is_ok() && !dry_run
    })?;
    report
}

fn add_rows(tx: &mut dyn Tx, promotion: PromotionId, sheet: &Sheet, now: UnixMs) -> Result<ImportReport, GradesError> {
    let mut report = ImportReport { matched: 0, enrolled: 0, marks: 0 };
    let mut seen = HashSet::new();
    for (number, row) in (0_u32..).zip(&sheet.rows) {
        let refuse = |reason| Error::App(GradesError::BadRow { row: number, reason });
        let (student, is_new) = match find(tx, promotion, &row.student)? {
            Found::Student(student) => (student, false),
            Found::Nobody if NameKind::StudentNumber.accepts(&row.student) => {
                (tx.insert_student(promotion, &row.student, &row.student)?, true)
            }
            Found::Nobody => return Err(refuse(RowError::BadStudent)),
            Found::Several => return Err(refuse(RowError::AmbiguousName)),
        };
        if !seen.insert(student) {
            return Err(refuse(RowError::Twice));
        }
        let count = if is_new { &mut report.enrolled } else { &mut report.matched };
        *count = count.saturating_add(1);
        if !add_marks(tx, student, is_new, sheet, row, now)? {
            return Err(refuse(RowError::AlreadyMarked));
        }
        report.marks = report.marks.saturating_add(u32::try_from(row.marks.len()).unwrap_or(u32::MAX));
    }
    Ok(report)
}

enum Found {
    Student(StudentId),
    Nobody,
    Several,
}

/// A number, else a unique name.
fn find(tx: &mut dyn Tx, promotion: PromotionId, cell: &str) -> std::result::Result<Found, StoreError> {
    if let Some(student) = tx.student(promotion, cell)? {
        return Ok(Found::Student(student.id));
    }
    Ok(match tx.students_named(promotion, cell)?.as_slice() {
        [] => Found::Nobody,
        [one] => Found::Student(one.id),
        _ => Found::Several,
    })
}

/// Adds the marks of one row; `false` if the student has one of these labels already.
fn add_marks(
    tx: &mut dyn Tx,
    student: StudentId,
    is_new: bool,
    sheet: &Sheet,
    row: &SheetRow,
    now: UnixMs,
) -> std::result::Result<bool, StoreError> {
    for (column, mark) in sheet.columns.iter().zip(&row.marks) {
        if !is_new && tx.has_mark_labelled(student, &column.label)? {
            return Ok(false);
        }
        tx.insert_mark(student, *mark, column.coefficient, &column.label, now)?;
    }
    Ok(true)
}
