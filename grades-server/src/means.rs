//! Means, exactly: integers and fractions from the marks to the text, rounded once, when shown. Knows no store and no
//! access rule; the handlers feed it marks and send what it says.
//!
//! A student's mean is Σ(value · 20/scale · coefficient) / Σ coefficient over the marks that count. A promotion's mean is
//! the mean of its students' means, each student weighing 1. What is absent here: floating point.

use std::collections::BTreeMap;

use grades_api::model::{Coefficient, Mark, MarkReading, Mean, PromotionAverage, StudentAverage};

mod exact;
pub use exact::ExactMean;

/// A student's mean before it is put into a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudentMean {
    /// The mean; none if nothing counted.
    pub exact: Option<ExactMean>,
    /// Marks that counted.
    pub counted: u32,
    /// Marks that are awaited and weigh something.
    pub pending: u32,
}

/// A promotion's mean before it is put into a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionMean {
    /// The mean; none if no student has one.
    pub exact: Option<ExactMean>,
    /// Students who have a mean.
    pub counted: u32,
    /// Students in the promotion.
    pub enrolled: u32,
    /// Students who await a mark.
    pub pending: u32,
}

/// The mean of one student's marks, in any order.
///
/// A mark of coefficient 0 is shown and not counted: it can change no mean, so it makes none provisional either.
#[must_use]
pub fn student_mean(marks: impl IntoIterator<Item = (Mark, Coefficient)>) -> StudentMean {
    // Per scale, Σ value · coefficient: one fraction a scale, not one a mark, and most students have one scale.
    let mut sums: BTreeMap<u32, u128> = BTreeMap::new();
    let (mut weight, mut counted, mut pending) = (0_u128, 0_u32, 0_u32);
    for (mark, coefficient) in marks.into_iter().filter(|(_, coefficient)| coefficient.hundredths() > 0) {
        let (value, scale) = match mark.reading() {
            MarkReading::Value { ten_thousandths, scale_hundredths } => (ten_thousandths, Some(scale_hundredths)),
            MarkReading::Abs => (0, None),
            MarkReading::Exc => continue,
            MarkReading::Att => {
                pending = pending.saturating_add(1);
                continue;
            }
        };
        // Invariant: nothing saturates. A product is below 2^40, so the sums hold 2^88 marks; memory does not.
        let coefficient = u128::from(coefficient.hundredths());
        if let Some(scale) = scale {
            let sum = sums.entry(scale).or_default();
            *sum = sum.saturating_add(u128::from(value).saturating_mul(coefficient));
        }
        weight = weight.saturating_add(coefficient);
        counted = counted.saturating_add(1);
    }
    StudentMean { exact: ExactMean::weighted(&sums, weight), counted, pending }
}

/// The mean of a promotion's students, in any order.
#[must_use]
pub fn promotion_mean(students: impl IntoIterator<Item = StudentMean>) -> PromotionMean {
    let (mut means, mut counted, mut enrolled, mut pending) = (Vec::new(), 0_u32, 0_u32, 0_u32);
    for student in students {
        enrolled = enrolled.saturating_add(1);
        pending = pending.saturating_add(u32::from(student.pending > 0));
        if let Some(mean) = student.exact {
            counted = counted.saturating_add(1);
            means.push(mean);
        }
    }
    PromotionMean { exact: ExactMean::mean_of(means), counted, enrolled, pending }
}

impl From<&StudentMean> for StudentAverage {
    fn from(mean: &StudentMean) -> Self {
        Self { counted: mean.counted, pending: mean.pending, mean: mean.exact.as_ref().map(Mean::from) }
    }
}

impl From<&PromotionMean> for PromotionAverage {
    fn from(mean: &PromotionMean) -> Self {
        Self {
            counted: mean.counted,
            enrolled: mean.enrolled,
            pending: mean.pending,
            mean: mean.exact.as_ref().map(Mean::from),
        }
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use grades_api::model::{Coefficient, Mark, PromotionAverage, StudentAverage};

    use super::{StudentMean, promotion_mean, student_mean};

    /// Marks as text: `12 (2), ABS (1)`.
    fn student(marks: &str) -> StudentMean {
        let mark = |text: &str| -> (Mark, Coefficient) {
            let (mark, coefficient) = text.trim().trim_end_matches(')').split_once(" (").unwrap();
            (mark.parse().unwrap(), coefficient.parse().unwrap())
        };
        student_mean(marks.split(',').filter(|text| !text.trim().is_empty()).map(mark))
    }

    /// `mean` is what is shown and the exact value, or nothing.
    fn check(marks: &str, mean: Option<(&str, &str)>, counted: u32, pending: u32) {
        let average = StudentAverage::from(&student(marks));
        let shown = average.mean.map(|mean| (mean.to_string(), mean.exact.unwrap()));
        assert_eq!(shown, mean.map(|(shown, exact)| (shown.to_owned(), exact.to_owned())), "{marks}");
        assert_eq!((average.counted, average.pending), (counted, pending), "{marks}");
    }

    fn check_promotion(students: &[&str], mean: Option<(&str, &str)>, counted: u32, pending: u32) {
        let average = PromotionAverage::from(&promotion_mean(students.iter().map(|marks| student(marks))));
        let shown = average.mean.map(|mean| (mean.to_string(), mean.exact.unwrap()));
        assert_eq!(shown, mean.map(|(shown, exact)| (shown.to_owned(), exact.to_owned())), "{students:?}");
        let enrolled = u32::try_from(students.len()).unwrap();
        assert_eq!((average.counted, average.enrolled, average.pending), (counted, enrolled, pending), "{students:?}");
    }

    #[test]
    fn a_mean_weighs_marks_by_coefficient() {
        check("12 (2), 8.5 (1), 15 (0.5)", Some(("11.43", "80/7")), 3, 0);
    }

    #[test]
    fn an_absence_counts_0_with_its_coefficient() {
        check("12 (2), ABS (1)", Some(("8.00", "8")), 2, 0);
        check("ABS (1)", Some(("0.00", "0")), 1, 0);
    }

    #[test]
    fn an_excuse_takes_its_coefficient_with_it() {
        check("12 (2), EXC (1)", Some(("12.00", "12")), 1, 0);
    }

    #[test]
    fn an_awaited_mark_makes_the_mean_provisional() {
        check("12 (2), ATT (1)", Some(("12.00", "12")), 1, 1);
    }

    #[test]
    fn a_mean_between_two_hundredths_is_rounded_up() {
        check("5.75 (3), 6.25 (3), 10.5 (2)", Some(("7.13", "57/8")), 3, 0);
    }

    #[test]
    fn a_mean_at_the_pass_bar_is_at_the_pass_bar() {
        check("5.5 (0.2), 9.2 (0.2), 15.3 (0.2)", Some(("10.00", "10")), 3, 0);
    }

    #[test]
    fn marks_on_other_scales_are_brought_to_20() {
        check("7/10 (1), 15/20 (1)", Some(("14.50", "29/2")), 2, 0);
        check("18/20 (1), 3/10 (1), 1/5 (1)", Some(("9.33", "28/3")), 3, 0);
    }

    #[test]
    fn a_mark_of_coefficient_0_is_as_if_it_were_not_there() {
        check("14 (0)", None, 0, 0);
        check("14 (0), 10 (1)", Some(("10.00", "10")), 1, 0);
        check("ATT (0), 10 (1)", Some(("10.00", "10")), 1, 0);
    }

    #[test]
    fn nothing_counted_is_no_mean() {
        check("", None, 0, 0);
        check("EXC (1), ATT (3)", None, 0, 1);
    }

    #[test]
    fn a_promotion_is_the_mean_of_means() {
        check_promotion(&["12 (1)", "14 (1), 10 (3)", ""], Some(("11.50", "23/2")), 2, 0);
        check_promotion(&["12 (1), ATT (1)", "ATT (1)", "9 (1)"], Some(("10.50", "21/2")), 2, 2);
    }

    #[test]
    fn a_promotion_is_rounded_from_exact_means_not_from_shown_ones() {
        // Shown as 9.34 and 9.33, whose mean would be shown as 9.34.
        check_promotion(&["9.335 (1)", "9.33 (2), 9.335 (1)"], Some(("9.33", "28/3")), 2, 0);
    }

    #[test]
    fn a_promotion_without_marks_has_no_mean() {
        check_promotion(&[], None, 0, 0);
        check_promotion(&["", "EXC (1)"], None, 0, 0);
    }
}
