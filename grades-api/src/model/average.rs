//! Means. Exact, as a fraction in lowest terms; rounded once, when shown: half up, to two decimals.

use std::fmt;

use rpc_core::Message;

/// A mean out of 20: the exact fraction and what is shown of it.
///
/// The numbers are text because an exact mean of means can need more than 128 bits.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct Mean {
    /// The mean as shown, in hundredths: rounded half up from the exact value. 1,143 is 11.43.
    #[tag(1)]
    pub hundredths: u32,
    /// The exact value as a fraction in lowest terms, `80/7`; a whole number stands alone, `12`.
    ///
    /// None if the text would be longer than [`Mean::EXACT_BYTES_MAX`]; what is shown is right then too.
    #[tag(2)]
    pub exact: Option<String>,
}

/// A student's mean.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct StudentAverage {
    /// Marks that counted: neither excused, nor awaited, nor of coefficient 0.
    #[tag(1)]
    pub counted: u32,
    /// Marks that are awaited and weigh something; above 0, the mean is provisional.
    #[tag(2)]
    pub pending: u32,
    /// The mean; none if nothing counted.
    #[tag(3)]
    pub mean: Option<Mean>,
}

/// A promotion's mean: the mean of its students' means.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct PromotionAverage {
    /// Students who have a mean.
    #[tag(1)]
    pub counted: u32,
    /// Students in the promotion.
    #[tag(2)]
    pub enrolled: u32,
    /// Students who await a mark; above 0, the mean is provisional.
    #[tag(3)]
    pub pending: u32,
    /// The mean; none if no student has one.
    #[tag(4)]
    pub mean: Option<Mean>,
}

impl Mean {
    /// The longest text of an exact value. Students who sat the same exams share a denominator, and their mean takes a
    /// dozen digits; thousands of unrelated coefficients can be made to take megabytes, which no one reads.
    pub const EXACT_BYTES_MAX: usize = 4_096;
}

/// As people write it: `11.43`.
impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The divisor is a constant that is not 0.
        let (points, hundredths) = (self.hundredths.wrapping_div(100), self.hundredths.wrapping_rem(100));
        f.pad(&format!("{points}.{hundredths:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Mean;

    #[test]
    fn a_mean_is_shown_with_two_decimals() {
        for (hundredths, shown) in [(0, "0.00"), (5, "0.05"), (800, "8.00"), (1_143, "11.43"), (2_000, "20.00")] {
            assert_eq!(Mean { hundredths, exact: None }.to_string(), shown);
        }
        assert_eq!(format!("{:>6}", Mean { hundredths: 800, exact: None }), "  8.00");
    }
}
