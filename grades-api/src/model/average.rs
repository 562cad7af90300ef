//! Means. Exact, as a fraction in lowest terms; rounded once, when shown (design rule: half up, two decimals).

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
    #[tag(2)]
    pub exact: String,
}

/// A student's mean.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
pub struct StudentAverage {
    /// Marks that counted: neither excused, nor awaited, nor of coefficient 0.
    #[tag(1)]
    pub counted: u32,
    /// Marks that are awaited; above 0, the mean is provisional.
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
    /// Students whose mean is provisional.
    #[tag(3)]
    pub pending: u32,
    /// The mean; none if no student has one.
    #[tag(4)]
    pub mean: Option<Mean>,
}
