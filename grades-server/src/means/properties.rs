//! Means of random marks against a computation that shares nothing with them: schoolbook fractions in `i128`, the common
//! denominator by Euclid, rounding by the remainder.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow panics, and a test that panics has failed")]

use grades_api::model::{Coefficient, Mark, MarkReading, Mean};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

use super::{ExactMean, StudentMean, promotion_mean, student_mean};

/// Scales whose common multiple is small enough for the means of three students to stay in `i128`.
const SCALES: [u32; 7] = [300, 500, 700, 1_000, 1_250, 2_000, 10_000];

type Marks = Vec<(Mark, Coefficient)>;

/// Numerator and denominator in lowest terms.
type Fraction = (i128, i128);

fn any_marks() -> impl Strategy<Value = Marks> {
    let value = (prop::sample::select(&SCALES[..]), any::<u32>())
        .prop_map(|(scale, value)| Mark::value(value % (scale * 100 + 1), scale).unwrap());
    let mark = prop_oneof![6 => value, 1 => Just(Mark::ABS), 1 => Just(Mark::EXC), 1 => Just(Mark::ATT)];
    let coefficient = prop_oneof![1 => Just(0), 5 => 1..=1_000_u32];
    prop::collection::vec((mark, coefficient.prop_map(|c| Coefficient::from_hundredths(c).unwrap())), 0..8)
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn reduced(numerator: i128, denominator: i128) -> Fraction {
    let common = gcd(numerator, denominator);
    (numerator / common, denominator / common)
}

fn schoolbook_sum(fractions: &[Fraction]) -> Fraction {
    let common =
        fractions.iter().fold(1, |multiple, (_, denominator)| multiple / gcd(multiple, *denominator) * denominator);
    let numerator = fractions.iter().map(|(numerator, denominator)| numerator * (common / denominator)).sum();
    reduced(numerator, common)
}

/// Each mark brought to 20 as a fraction of its own, weighed, added up, divided.
fn schoolbook_student(marks: &Marks) -> Option<Fraction> {
    let (mut parts, mut weight) = (Vec::new(), 0);
    for (mark, coefficient) in marks {
        let coefficient = i128::from(coefficient.hundredths());
        let (value, scale) = match mark.reading() {
            MarkReading::Value { ten_thousandths, scale_hundredths } => {
                (ten_thousandths.into(), scale_hundredths.into())
            }
            MarkReading::Abs => (0, 2_000),
            MarkReading::Exc | MarkReading::Att => continue,
        };
        weight += coefficient;
        // In hundredths of a coefficient: value/10,000 × 20 ÷ scale/100.
        parts.push(reduced(value * 20 * 100 * coefficient, 10_000 * scale));
    }
    let (numerator, denominator) = schoolbook_sum(&parts);
    (weight > 0).then(|| reduced(numerator, denominator * weight))
}

fn schoolbook_promotion(students: &[Marks]) -> Option<Fraction> {
    let means: Vec<Fraction> = students.iter().filter_map(schoolbook_student).collect();
    let (numerator, denominator) = schoolbook_sum(&means);
    (!means.is_empty()).then(|| reduced(numerator, denominator * i128::try_from(means.len()).unwrap()))
}

fn schoolbook_wire((numerator, denominator): Fraction) -> Mean {
    let (whole, rest) = (numerator * 100 / denominator, numerator * 100 % denominator);
    let hundredths = if 2 * rest >= denominator { whole + 1 } else { whole };
    let exact = if denominator == 1 { numerator.to_string() } else { format!("{numerator}/{denominator}") };
    Mean { hundredths: u32::try_from(hundredths).unwrap(), exact: Some(exact) }
}

fn wire(exact: Option<&ExactMean>) -> Option<Mean> {
    exact.map(Mean::from)
}

fn means(students: &[Marks]) -> Vec<StudentMean> {
    students.iter().map(|marks| student_mean(marks.iter().copied())).collect()
}

proptest! {
    #[test]
    fn a_student_mean_equals_the_schoolbook_one(marks in any_marks()) {
        let mean = student_mean(marks.iter().copied());
        prop_assert_eq!(wire(mean.exact.as_ref()), schoolbook_student(&marks).map(schoolbook_wire));
        prop_assert_eq!(mean.exact.is_some(), mean.counted > 0);
    }

    #[test]
    fn a_promotion_mean_equals_the_schoolbook_one(students in prop::collection::vec(any_marks(), 0..=3)) {
        let mean = promotion_mean(means(&students));
        prop_assert_eq!(wire(mean.exact.as_ref()), schoolbook_promotion(&students).map(schoolbook_wire));
        prop_assert_eq!(mean.exact.is_some(), mean.counted > 0);
        prop_assert_eq!(usize::try_from(mean.enrolled).unwrap(), students.len());
    }

    #[test]
    fn the_order_of_marks_and_students_changes_no_mean(
        (marks, shuffled) in any_marks().prop_flat_map(|marks| (Just(marks.clone()), Just(marks).prop_shuffle())),
        (students, turn) in (prop::collection::vec(any_marks(), 0..8), 0..8_usize),
    ) {
        prop_assert_eq!(student_mean(marks), student_mean(shuffled));
        let mut turned = means(&students);
        turned.rotate_left(turn.min(students.len()));
        turned.reverse();
        prop_assert_eq!(promotion_mean(means(&students)), promotion_mean(turned));
    }
}
