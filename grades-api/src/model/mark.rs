//! A mark and its coefficient: integers only, from the text at the edge to the store.

use std::{error, fmt, str::FromStr};

use rpc_core::Message;

/// Names a mark in its promotion's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Message)]
pub struct MarkId(pub u64);

/// A mark on its scale, or the reason why there is none. Valid by construction: 0 ≤ value ≤ scale, scale > 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Message)]
pub struct Mark {
    #[tag(1)]
    code: u8,
    #[tag(2)]
    ten_thousandths: u32,
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

/// How much a mark weighs, in hundredths. 0 is shown and not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Message)]
pub struct Coefficient(u32);

/// Why a text is no mark or no coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MarkTextError {
    /// Neither a number nor ABS, EXC or ATT.
    NotAMark,
    /// More decimals than are kept.
    TooPrecise,
    /// The value is above its scale.
    AboveScale,
    /// The scale is 0 or too large.
    BadScale,
    /// The coefficient is too large.
    TooLarge,
}

impl Mark {
    /// What the mark says.
    #[must_use]
    pub fn reading(self) -> MarkReading {
        todo!("{} {} {}", self.code, self.ten_thousandths, self.scale_hundredths)
    }
}

impl Coefficient {
    /// The coefficient, in hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl FromStr for Mark {
    type Err = MarkTextError;

    fn from_str(_text: &str) -> Result<Self, MarkTextError> {
        todo!()
    }
}

impl FromStr for Coefficient {
    type Err = MarkTextError;

    fn from_str(_text: &str) -> Result<Self, MarkTextError> {
        todo!()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl fmt::Display for Coefficient {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl fmt::Display for MarkTextError {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl error::Error for MarkTextError {}
