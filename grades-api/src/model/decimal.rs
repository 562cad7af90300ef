//! Decimal text ↔ integers of a fixed unit: `14,5` in ten-thousandths is 145,000. Shared by marks, scales and
//! coefficients; no float is ever involved.
//!
//! The grammar is `digits` or `digits separator digits`, where the separator is `.` or `,`. No sign, no exponent, no
//! grouping: a sheet that has them says something else than a mark.

use std::fmt;

/// Why a text is no decimal of the wanted unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalError {
    /// Not of the grammar.
    NotANumber,
    /// A minus sign stands before a number.
    BelowZero,
    /// A digit other than 0 stands behind the smallest unit.
    TooPrecise,
}

/// Reads a number and counts it in units of 10^−`decimals`.
///
/// A number over `u64` comes back as `u64::MAX`: it is above every bound that a caller can have.
pub(super) fn parse_decimal(text: &str, decimals: usize) -> Result<u64, DecimalError> {
    if let Some(number) = text.strip_prefix('-') {
        return Err(if split(number).is_some() { DecimalError::BelowZero } else { DecimalError::NotANumber });
    }
    let (whole, fraction) = split(text).ok_or(DecimalError::NotANumber)?;
    let fraction = fraction.trim_end_matches('0');
    let Some(missing) = decimals.checked_sub(fraction.len()) else { return Err(DecimalError::TooPrecise) };
    let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', missing));
    Ok(digits.fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))))
}

/// The digits before and after the separator, if `text` is of the grammar.
fn split(text: &str) -> Option<(&str, &str)> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once(['.', ',']) {
        None => is_digits(text).then_some((text, "")),
        Some((whole, fraction)) => (is_digits(whole) && is_digits(fraction)).then_some((whole, fraction)),
    }
}

/// Shows `units` of 10^−`decimals` with a point and no needless zero.
pub(super) fn write_decimal(f: &mut fmt::Formatter<'_>, units: u32, decimals: u32) -> fmt::Result {
    let one = 10_u32.saturating_pow(decimals).max(1);
    let (whole, fraction) = (units.checked_div(one).unwrap_or(0), units.checked_rem(one).unwrap_or(0));
    write!(f, "{whole}")?;
    if fraction > 0 {
        let width = usize::try_from(decimals).unwrap_or(0);
        write!(f, ".{}", format!("{fraction:0width$}").trim_end_matches('0'))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{DecimalError, parse_decimal, write_decimal};

    fn check(text: &str, decimals: usize, expected: Result<u64, DecimalError>) {
        assert_eq!(parse_decimal(text, decimals), expected, "{text:?} with {decimals} decimals");
    }

    #[test]
    fn a_decimal_is_counted_in_its_unit() {
        check("14", 4, Ok(140_000));
        check("14.5", 4, Ok(145_000));
        check("14,5", 4, Ok(145_000));
        check("014.50", 4, Ok(145_000));
        check("0.0001", 4, Ok(1));
        check("0", 2, Ok(0));
        check("2,25", 2, Ok(225));
    }

    #[test]
    fn zeros_behind_the_unit_are_no_loss_of_precision() {
        check("14.500000", 4, Ok(145_000));
        check("0.00001", 4, Err(DecimalError::TooPrecise));
        check("0.125", 2, Err(DecimalError::TooPrecise));
    }

    #[test]
    fn what_is_not_of_the_grammar_is_no_number() {
        for text in
            ["", ".", "14.", ".5", "1.2.3", "1.2,3", "+1", "1e3", "0x1", "1 000", "١", "NaN", "--1", "-", "-x", " 1"]
        {
            check(text, 4, Err(DecimalError::NotANumber));
        }
        check("-0,5", 4, Err(DecimalError::BelowZero));
    }

    #[test]
    fn a_number_beyond_the_integer_is_above_every_bound() {
        check("18446744073709551615", 0, Ok(u64::MAX));
        check("18446744073709551616", 0, Ok(u64::MAX));
        check(&"9".repeat(4_000), 4, Ok(u64::MAX));
    }

    #[test]
    fn a_shown_decimal_has_a_point_and_no_needless_zero() {
        struct Shown(u32, u32);
        impl std::fmt::Display for Shown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write_decimal(f, self.0, self.1)
            }
        }
        let cases =
            [(0, 4, "0"), (1, 4, "0.0001"), (145_000, 4, "14.5"), (140_000, 4, "14"), (1_000, 2, "10"), (7, 0, "7")];
        for (units, decimals, expected) in cases {
            assert_eq!(Shown(units, decimals).to_string(), expected);
        }
    }
}
