//! A coefficient: how much a mark weighs, in hundredths.

use std::{error, fmt, str::FromStr};

use rpc_core::Message;

use super::decimal::{DecimalError, parse_decimal, write_decimal};

/// How much a mark weighs. A mark of coefficient 0 is shown and not counted.
///
/// Valid by construction and by decoding: at most 1,000. As text: `1`, `0.5`, `2,25`.
///
/// ```
/// use grades_api::model::{Coefficient, CoefficientError};
///
/// let coefficient: Coefficient = "2,50".parse()?;
/// assert_eq!((coefficient.hundredths(), coefficient.to_string()), (250, "2.5".to_owned()));
/// # Ok::<(), CoefficientError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Message)]
#[message(check = Coefficient::is_valid)]
pub struct Coefficient(u32);

/// Why there is no such coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CoefficientError {
    /// Not a number.
    NotANumber,
    /// Negative.
    BelowZero,
    /// More than two decimals.
    TooPrecise,
    /// Above 1,000.
    TooLarge,
}

impl Coefficient {
    /// The largest coefficient: 1,000. Weights in use end at 100, where they are percents; ten times that is a slip of
    /// the keyboard or a deliberate joke.
    pub const HUNDREDTHS_MAX: u32 = 100_000;

    /// A coefficient from hundredths.
    ///
    /// # Errors
    /// `TooLarge`.
    pub const fn from_hundredths(hundredths: u32) -> Result<Self, CoefficientError> {
        if hundredths > Self::HUNDREDTHS_MAX { Err(CoefficientError::TooLarge) } else { Ok(Self(hundredths)) }
    }

    /// The coefficient, in hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }

    /// Whether the number, as it came over the wire, is a coefficient.
    const fn is_valid(&self) -> bool {
        Self::from_hundredths(self.0).is_ok()
    }
}

/// Decimals of a coefficient: schools weigh in halves, quarters and percents.
const DECIMALS: u32 = 2;

impl FromStr for Coefficient {
    type Err = CoefficientError;

    fn from_str(text: &str) -> Result<Self, CoefficientError> {
        let decimals = usize::try_from(DECIMALS).unwrap_or(usize::MAX);
        match parse_decimal(text.trim(), decimals) {
            // A number over `u32` becomes one that is too large.
            Ok(hundredths) => Self::from_hundredths(u32::try_from(hundredths).unwrap_or(u32::MAX)),
            Err(DecimalError::NotANumber) => Err(CoefficientError::NotANumber),
            Err(DecimalError::BelowZero) => Err(CoefficientError::BelowZero),
            Err(DecimalError::TooPrecise) => Err(CoefficientError::TooPrecise),
        }
    }
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0, DECIMALS)
    }
}

impl fmt::Display for CoefficientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "not a number such as 1, 0.5 or 2,25",
            Self::BelowZero => "a coefficient can't be negative",
            Self::TooPrecise => "too many decimals: a coefficient keeps two",
            Self::TooLarge => "a coefficient is at most 1000",
        })
    }
}

impl error::Error for CoefficientError {}

#[cfg(test)]
mod tests {
    use super::{Coefficient, CoefficientError};

    fn check(text: &str, expected: Result<(u32, &str), CoefficientError>) {
        let read = text.parse::<Coefficient>().map(|coefficient| (coefficient.hundredths(), coefficient.to_string()));
        assert_eq!(read, expected.map(|(hundredths, shown)| (hundredths, shown.to_owned())), "{text:?}");
    }

    #[test]
    fn a_coefficient_reads_from_text_and_shows_in_one_form() {
        check("1", Ok((100, "1")));
        check("0.5", Ok((50, "0.5")));
        check("2,25", Ok((225, "2.25")));
        check(" 2.50 ", Ok((250, "2.5")));
        check("0", Ok((0, "0")));
        check("0.01", Ok((1, "0.01")));
    }

    #[test]
    fn a_text_that_is_no_coefficient_says_why() {
        for text in ["", "x", "1/2", "ABS", "1.", ".5", "+1"] {
            check(text, Err(CoefficientError::NotANumber));
        }
        check("-1", Err(CoefficientError::BelowZero));
        check("0.125", Err(CoefficientError::TooPrecise));
    }

    #[test]
    fn a_coefficient_is_at_most_1000() {
        check("999.99", Ok((99_999, "999.99")));
        check("1000", Ok((100_000, "1000")));
        check("1000.01", Err(CoefficientError::TooLarge));
        check("99999999999999999999999", Err(CoefficientError::TooLarge));
        assert_eq!(Coefficient::from_hundredths(100_001), Err(CoefficientError::TooLarge));
        assert!(Coefficient(100_000).is_valid() && !Coefficient(100_001).is_valid());
    }
}
