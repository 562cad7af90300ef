//! The marks of one test: all of them in one transaction, or nothing and every row that can't be taken.

use std::collections::HashSet;

use grades_api::{
    GradesError, RowError, RowFault,
    model::{Coefficient, MarkId, NameKind, NewMark},
};
use rpc_core::{Error, Result};

use super::names_a_test;
use crate::{
    clock::UnixMs,
    store::{PromotionId, Tx},
};

/// More students than sit one test together, and few enough for the one writer of a file, for which all others wait meanwhile.
const ROWS_MAX: u32 = 1_000;

/// Refuses what shows without one question to the store. The label names the test, so there has to be one.
pub(super) fn check(marks: &[NewMark], label: &str) -> Result<(), GradesError> {
    if u32::try_from(marks.len()).unwrap_or(u32::MAX) > ROWS_MAX {
        return Err(Error::App(GradesError::TooManyRows { rows_max: ROWS_MAX }));
    }
    if !names_a_test(label) {
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
    // What can be no number is no student's, and not every database can be asked for it.
    let numbers: Vec<&str> = marks.iter().map(|new| if is_number(&new.number) { &new.number } else { "" }).collect();
    let found = tx.students_to_mark(promotion, &numbers, label)?;
    let (mut good, mut faults, mut seen) = (Vec::with_capacity(marks.len()), Vec::new(), HashSet::new());
    for ((row, NewMark { number, mark }), found) in (0_u32..).zip(marks).zip(found) {
        let reason = match found {
            _ if !seen.insert(number) => RowError::Twice,
            Some((student, false)) => {
                good.push((student, *mark));
                continue;
            }
            Some((_, true)) => RowError::AlreadyMarked,
            None if is_number(number) => RowError::UnknownStudent,
            None => RowError::BadStudent,
        };
        let number = number.chars().take(NameKind::StudentNumber.chars_max()).collect();
        faults.push(RowFault { row, reason, number });
    }
    if !faults.is_empty() {
        return Err(Error::App(GradesError::BadRows { faults }));
    }
    Ok(tx.insert_marks(&good, coefficient, label, now)?)
}

fn is_number(text: &str) -> bool {
    NameKind::StudentNumber.accepts(text)
}
