//! A page of students: it ends with the promotion, at as many students as were asked for, or before its reply grows too large
//! to be sent. Whoever pages on from the last student misses nobody, and only an empty page is the end.

use std::mem::size_of;

use grades_api::model::{MarkEntry, StudentMarks};

use super::with_average;
use crate::store::{PromotionId, StoreError, View};

/// Students in one page, so that no reply and no snapshot grows with the promotion.
const STUDENTS_MAX: u32 = 500;

/// A page ends with the student who brings it here: half of a reply, so that the largest student still fits behind it.
const BYTES_ENOUGH: usize = 2 << 20;

/// Students that are read at once: those behind the end of a page are read in vain.
const PART: u32 = 50;

/// The students behind the number `after`: at least one, if there are any and one was asked for.
pub(super) fn page(
    view: &mut dyn View,
    promotion: PromotionId,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<StudentMarks>, StoreError> {
    let (mut page, mut bytes) = (Vec::<StudentMarks>::new(), 0_usize);
    let mut left = limit.min(STUDENTS_MAX);
    while left > 0 {
        let wanted = left.min(PART);
        let after = page.last().map(|student| student.number.as_str()).or(after);
        let part = view.students_with_marks(promotion, after, wanted)?;
        let count = u32::try_from(part.len()).unwrap_or(u32::MAX);
        for (student, marks) in part {
            let student = with_average(student, marks);
            bytes = bytes.saturating_add(weight(&student));
            page.push(student);
            if bytes >= BYTES_ENOUGH {
                return Ok(page);
            }
        }
        if count < wanted {
            break; // the promotion ends here
        }
        left = left.saturating_sub(wanted);
    }
    Ok(page)
}

/// No less than a student takes in a reply: a number is no wider there than here, and a text's length stands for its place.
fn weight(student: &StudentMarks) -> usize {
    let exact = student.average.mean.as_ref().and_then(|mean| mean.exact.as_ref()).map_or(0, String::len);
    let labels: usize = student.marks.iter().map(|mark| mark.label.len()).sum();
    let marks = student.marks.len().saturating_mul(size_of::<MarkEntry>());
    [student.number.len(), student.name.len(), exact, labels, marks]
        .into_iter()
        .fold(size_of::<StudentMarks>(), usize::saturating_add)
}
