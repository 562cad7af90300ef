//! A mean out of 20 as a fraction in lowest terms: the only file that names big numbers.

use std::{collections::BTreeMap, fmt};

use grades_api::model::Mean;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

/// A mean out of 20, exact.
///
/// Fractions of any size, because a mean of means can need more than 128 bits: each student may bring a denominator
/// of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactMean(BigRational);

impl ExactMean {
    /// Σ(value · 20/scale · coefficient) / `weight`, where `sums` has Σ(value · coefficient) by scale; none if
    /// nothing weighs. Values in ten-thousandths, scales, coefficients and `weight` in hundredths.
    #[expect(clippy::arithmetic_side_effects, reason = "big integers grow, they do not overflow")]
    pub(super) fn weighted(sums: &BTreeMap<u32, u128>, weight: u128) -> Option<Self> {
        if weight == 0 {
            return None;
        }
        // (v/10⁴ · 20/(s/10²) · c/10²) / (w/10²) = v·c / (5·s·w)
        let part = |(&scale, &sum): (&u32, &u128)| {
            BigRational::new(sum.into(), BigRational::from_integer(weight.into()).to_integer() * 5 * scale)
        };
        Some(Self(sum(sums.iter().map(part).collect())))
    }

    /// The mean of means, each weighing 1; none if there are none.
    #[expect(clippy::arithmetic_side_effects, reason = "big integers grow, they do not overflow; the divisor is not 0")]
    pub(super) fn mean_of(means: Vec<Self>) -> Option<Self> {
        let count = means.len();
        (count > 0).then(|| {
            Self(sum(means.into_iter().map(|mean| mean.0).collect()) / BigRational::from_integer(count.into()))
        })
    }

    /// The mean as shown, in hundredths: rounded half up.
    #[must_use]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "big integers grow, they do not overflow; a denominator is not 0"
    )]
    #[expect(
        clippy::expect_used,
        reason = "a mark that exists is at most its scale, so a mean that exists is at most 20"
    )]
    pub fn hundredths(&self) -> u32 {
        // ⌊100·n/d + 1/2⌋
        let rounded = (self.0.numer() * 200_u32 + self.0.denom()) / (self.0.denom() * 2_u32);
        rounded.to_u32().expect("a mean is at most 20")
    }

    /// The exact value as text, `80/7` or `12`, if that is short enough for a reply.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        // A digit is less than four bits: what is over this bound is too long for certain, and turning it into digits
        // would take long to find that out.
        let bits_max = u64::try_from(Mean::EXACT_BYTES_MAX).unwrap_or(u64::MAX).saturating_mul(4);
        let bits = self.0.numer().bits().saturating_add(self.0.denom().bits());
        (bits <= bits_max).then(|| self.to_string()).filter(|text| text.len() <= Mean::EXACT_BYTES_MAX)
    }
}

impl fmt::Display for ExactMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&ExactMean> for Mean {
    fn from(mean: &ExactMean) -> Self {
        Self { hundredths: mean.hundredths(), exact: mean.to_text() }
    }
}

/// The sum, pair by pair: the numbers of a pair are of like size, so that only the last few additions see large ones.
/// One after the other would pay the size of the result each time.
#[expect(clippy::arithmetic_side_effects, reason = "big integers grow, they do not overflow")]
fn sum(mut parts: Vec<BigRational>) -> BigRational {
    while parts.len() > 1 {
        let mut rest = parts.into_iter();
        let mut sums = Vec::with_capacity(rest.len().div_ceil(2));
        while let Some(left) = rest.next() {
            sums.push(match rest.next() {
                Some(right) => left + right,
                None => left,
            });
        }
        parts = sums;
    }
    parts.pop().unwrap_or_else(BigRational::zero)
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;

    use super::ExactMean;

    fn fraction(numerator: u64, denominator: u64) -> ExactMean {
        ExactMean(BigRational::new(numerator.into(), denominator.into()))
    }

    fn check(numerator: u64, denominator: u64, hundredths: u32, text: &str) {
        let mean = fraction(numerator, denominator);
        assert_eq!((mean.hundredths(), mean.to_text().as_deref()), (hundredths, Some(text)));
    }

    #[test]
    fn half_a_hundredth_is_rounded_up_and_less_is_not() {
        check(12, 1, 1_200, "12");
        check(80, 7, 1_143, "80/7");
        check(1, 200, 1, "1/200");
        check(199_999, 40_000_000, 0, "199999/40000000");
        check(200_001, 40_000_000, 1, "200001/40000000");
        check(0, 3, 0, "0");
        check(3_999_999, 200_000, 2_000, "3999999/200000");
        check(20, 1, 2_000, "20");
    }

    #[test]
    fn an_exact_text_is_held_to_its_length() {
        // "1/" and a 1 with zeros behind it.
        let text_of = |bytes: i32| ExactMean(BigRational::from_integer(10.into()).pow(3 - bytes)).to_text();
        assert_eq!(text_of(4_095).map(|text| text.len()), Some(4_095));
        assert_eq!(text_of(4_096).map(|text| text.len()), Some(4_096));
        assert_eq!(text_of(4_097), None);
        assert_eq!(text_of(1_000_000), None);
    }

    #[test]
    fn what_is_too_long_to_send_is_shown_all_the_same() {
        let long = ExactMean(BigRational::from_integer(2.into()).pow(-100_000) + BigRational::new(25.into(), 2.into()));
        assert_eq!((long.hundredths(), long.to_text()), (1_250, None));
    }

    #[test]
    fn means_are_summed_whatever_their_number() {
        for count in [1, 2, 3, 7, 8, 9] {
            let means = (1..=count).map(|n| fraction(n, 11)).collect();
            assert_eq!(ExactMean::mean_of(means), Some(fraction(count + 1, 22)));
        }
        assert_eq!(ExactMean::mean_of(Vec::new()), None);
    }
}
