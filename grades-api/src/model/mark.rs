//! A mark: integers only, from the text at the edge to the store. Text and number meet here and nowhere else.

use std::{error, fmt, str::FromStr};

use rpc_core::Message;

use super::decimal::{DecimalError, parse_decimal, write_decimal};

/// Names a mark in its promotion's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Message)]
pub struct MarkId(pub u64);

/// A mark on its scale, or the reason why there is none.
///
/// Valid by construction and by decoding: 0 ≤ value ≤ scale and 0 < scale ≤ 1,000. As text: `14`, `14.5`, `14,5`,
/// `14.5/20`, `7/10`, `ABS`, `EXC`, `ATT`; the scale is 20 where none is named, codes are read in any case, blanks
/// around the parts do not count. It is shown with a point, no needless zero, and its scale only if that is not 20:
///
/// ```
/// use grades_api::model::{Mark, MarkError};
///
/// let mark: Mark = "14,50/20".parse()?;
/// assert_eq!(mark.to_string(), "14.5");
/// assert_eq!(mark, Mark::value(145_000, 2_000)?);
/// assert_eq!("20.25".parse::<Mark>(), Err(MarkError::AboveScale));
/// # Ok::<(), MarkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Message)]
#[message(check = Mark::is_valid)]
pub struct Mark {
    /// 0 for a value, else one of the codes below.
    #[tag(1)]
    code: u8,
    /// The value; 0 for a code, so that equal marks are equal bytes.
    #[tag(2)]
    ten_thousandths: u32,
    /// The scale; 0 for a code.
    #[tag(3)]
    scale_hundredths: u32,
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkReading {
    /// A value on a scale.
    Value {
        /// The value, in ten-thousandths of a point.
        ten_thousandths: u32,
        /// The scale, in hundredths of a point: 2,000 is "out of 20".
        scale_hundredths: u32,
    },
    /// Absent: counts 0 with its coefficient.
    Abs,
    /// Excused: counts nowhere.
    Exc,
    /// Awaited: counts nowhere and makes the mean provisional.
    Att,
}

/// Why there is no such mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MarkError {
    /// Neither a number, alone or over a scale, nor ABS, EXC or ATT.
    NotAMark,
    /// The value or the scale is negative.
    BelowZero,
    /// The value has more than four decimals, or the scale more than two.
    TooPrecise,
    /// The value is above its scale.
    AboveScale,
    /// The scale is 0 or above 1,000.
    BadScale,
}

impl Mark {
    /// Absent: counts 0 with its coefficient.
    pub const ABS: Self = Self::coded(1);
    /// Excused: counts nowhere.
    pub const EXC: Self = Self::coded(2);
    /// Awaited: counts nowhere and makes the mean provisional.
    pub const ATT: Self = Self::coded(3);

    /// The scale of a mark that names none: 20 points, as means are.
    pub const DEFAULT_SCALE_HUNDREDTHS: u32 = 2_000;

    /// The largest scale: 1,000 points. Scales in use end at 100 (percent) and 990 (language tests); and a value on it,
    /// in ten-thousandths, times the largest coefficient stays below 2^40, which keeps sums of any sheet in machine integers.
    pub const SCALE_HUNDREDTHS_MAX: u32 = 100_000;

    /// A value on a scale.
    ///
    /// # Errors
    /// `BadScale`, `AboveScale`.
    pub const fn value(ten_thousandths: u32, scale_hundredths: u32) -> Result<Self, MarkError> {
        if scale_hundredths == 0 || scale_hundredths > Self::SCALE_HUNDREDTHS_MAX {
            return Err(MarkError::BadScale);
        }
        // Can't saturate: the scale was checked, 100,000 × 100 is 10 million.
        if ten_thousandths > scale_hundredths.saturating_mul(TEN_THOUSANDTHS_IN_A_HUNDREDTH) {
            return Err(MarkError::AboveScale);
        }
        Ok(Self { code: 0, ten_thousandths, scale_hundredths })
    }

    /// What the mark says.
    #[must_use]
    pub const fn reading(self) -> MarkReading {
        match self.code {
            1 => MarkReading::Abs,
            2 => MarkReading::Exc,
            3 => MarkReading::Att,
            _ => MarkReading::Value { ten_thousandths: self.ten_thousandths, scale_hundredths: self.scale_hundredths },
        }
    }

    /// Whether the fields, as they came over the wire, are those of a mark.
    const fn is_valid(&self) -> bool {
        match self.code {
            0 => Self::value(self.ten_thousandths, self.scale_hundredths).is_ok(),
            1..=3 => self.ten_thousandths == 0 && self.scale_hundredths == 0,
            _ => false,
        }
    }

    const fn coded(code: u8) -> Self {
        Self { code, ten_thousandths: 0, scale_hundredths: 0 }
    }
}

/// A point has ten thousand of the one and a hundred of the other.
const TEN_THOUSANDTHS_IN_A_HUNDREDTH: u32 = 100;

/// Decimals of a value: 0.0001 is the difference below which schools call two marks the same.
const VALUE_DECIMALS: u32 = 4;

/// Decimals of a scale: exercises are marked out of 12.5, never finer than a hundredth.
const SCALE_DECIMALS: u32 = 2;

impl FromStr for Mark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        let text = text.trim();
        for (code, mark) in [("ABS", Self::ABS), ("EXC", Self::EXC), ("ATT", Self::ATT)] {
            if text.eq_ignore_ascii_case(code) {
                return Ok(mark);
            }
        }
        let (value, scale) = match text.split_once('/') {
            Some((value, scale)) => (value.trim_end(), parse(scale.trim_start(), SCALE_DECIMALS)?),
            None => (text, Self::DEFAULT_SCALE_HUNDREDTHS),
        };
        Self::value(parse(value, VALUE_DECIMALS)?, scale)
    }
}

/// A number over `u32` comes back as `u32::MAX`, which is above every bound here.
fn parse(text: &str, decimals: u32) -> Result<u32, MarkError> {
    let decimals = usize::try_from(decimals).unwrap_or(usize::MAX);
    match parse_decimal(text, decimals) {
        Ok(units) => Ok(u32::try_from(units).unwrap_or(u32::MAX)),
        Err(DecimalError::NotANumber) => Err(MarkError::NotAMark),
        Err(DecimalError::BelowZero) => Err(MarkError::BelowZero),
        Err(DecimalError::TooPrecise) => Err(MarkError::TooPrecise),
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reading() {
            MarkReading::Value { ten_thousandths, scale_hundredths } => {
                write_decimal(f, ten_thousandths, VALUE_DECIMALS)?;
                if scale_hundredths != Self::DEFAULT_SCALE_HUNDREDTHS {
                    f.write_str("/")?;
                    write_decimal(f, scale_hundredths, SCALE_DECIMALS)?;
                }
                Ok(())
            }
            MarkReading::Abs => f.write_str("ABS"),
            MarkReading::Exc => f.write_str("EXC"),
            MarkReading::Att => f.write_str("ATT"),
        }
    }
}

impl fmt::Display for MarkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MarkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAMark => "not a number such as 14.5 or 7/10, nor one of ABS, EXC, ATT",
            Self::BelowZero => "a mark can't be negative",
            Self::TooPrecise => "too many decimals: a mark keeps four, its scale two",
            Self::AboveScale => "the mark is above its scale",
            Self::BadScale => "the scale must be above 0 and at most 1000",
        })
    }
}

impl error::Error for MarkError {}

#[cfg(test)]
mod tests {
    use super::{Mark, MarkError, MarkReading};

    /// `text` is read as the mark that is shown as `shown`, which is read as the same again.
    fn check(text: &str, shown: &str) {
        let mark: Mark = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(mark.to_string(), shown, "{text:?}");
        assert_eq!(shown.parse(), Ok(mark), "{text:?} shown as {shown:?}");
        assert!(mark.is_valid(), "{text:?}");
    }

    fn check_refused(text: &str, expected: MarkError) {
        assert_eq!(text.parse::<Mark>(), Err(expected), "{text:?}");
    }

    #[test]
    fn a_mark_reads_from_text_and_shows_in_one_form() {
        check("14", "14");
        check("14.5", "14.5");
        check("14,5", "14.5");
        check("14.50", "14.5");
        check("14.5/20", "14.5");
        check("14,5/20,00", "14.5");
        check("7/10", "7/10");
        check("7 / 10", "7/10");
        check(" 7.25/12,5\t", "7.25/12.5");
        check("0", "0");
        check("0/5", "0/5");
        check("0.0001", "0.0001");
        check("20", "20");
        check("\u{a0}12\u{a0}", "12");
        for (code, shown) in [("ABS", "ABS"), ("abs", "ABS"), (" Exc ", "EXC"), ("att", "ATT")] {
            check(code, shown);
        }
    }

    #[test]
    fn a_text_that_is_no_mark_says_why() {
        for text in
            ["", " ", "x", "ABSENT", "AB", "14.", ".5", "1e1", "7/10/20", "/10", "7/", "7//10", "12 13", "ABS/20"]
        {
            check_refused(text, MarkError::NotAMark);
        }
        check_refused("-1", MarkError::BelowZero);
        check_refused("1/-20", MarkError::BelowZero);
        check_refused("1.00001", MarkError::TooPrecise);
        check_refused("1/12.345", MarkError::TooPrecise);
    }

    #[test]
    fn a_value_ends_at_its_scale() {
        check("19.9999", "19.9999");
        check("20.0000", "20");
        check_refused("20.0001", MarkError::AboveScale);
        check("12.5/12.5", "12.5/12.5");
        check_refused("12.5001/12.5", MarkError::AboveScale);
        check_refused("99999999999999999999999", MarkError::AboveScale);
    }

    #[test]
    fn a_scale_is_above_0_and_at_most_1000() {
        check_refused("0/0", MarkError::BadScale);
        check("0.01/0.01", "0.01/0.01");
        check("999.99/999.99", "999.99/999.99");
        check("1000/1000", "1000/1000");
        check_refused("1/1000.01", MarkError::BadScale);
        check_refused("1/99999999999999999999999", MarkError::BadScale);
    }

    #[test]
    fn a_mark_from_numbers_is_held_to_the_same_bounds() {
        assert_eq!(Mark::value(0, 0), Err(MarkError::BadScale));
        assert_eq!(Mark::value(1, 100_001), Err(MarkError::BadScale));
        assert_eq!(Mark::value(200_001, 2_000), Err(MarkError::AboveScale));
        let mark = Mark::value(200_000, 2_000).unwrap();
        assert_eq!(mark.reading(), MarkReading::Value { ten_thousandths: 200_000, scale_hundredths: 2_000 });
        assert_eq!(Mark::ABS.reading(), MarkReading::Abs);
        assert_eq!(Mark::EXC.reading(), MarkReading::Exc);
        assert_eq!(Mark::ATT.reading(), MarkReading::Att);
    }

    #[test]
    fn fields_that_no_mark_has_are_not_valid() {
        let valid =
            |code, ten_thousandths, scale_hundredths| Mark { code, ten_thousandths, scale_hundredths }.is_valid();
        assert!(valid(0, 200_000, 2_000) && valid(1, 0, 0) && valid(3, 0, 0));
        assert!(!valid(0, 200_001, 2_000) && !valid(0, 0, 0) && !valid(0, 0, 100_001));
        assert!(!valid(1, 1, 0) && !valid(2, 0, 2_000) && !valid(4, 0, 0) && !valid(255, 0, 0));
    }
}
