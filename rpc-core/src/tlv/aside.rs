//! Long strings that a message's writer does not copy. What it writes is then not the whole message: the strings belong
//! between its bytes, at the places that are noted here, and are written to the transport from where they lie.
//!
//! Two ways, since a value that is returned can be given away and one that is borrowed can't: the caller of a method
//! writes its arguments twice, first to learn what is long, then to lend it while it is written.

use std::fmt;

/// A string of so many bytes is worth a part of its own in a gathered write: copying fewer takes less than a microsecond.
pub(crate) const LONG_BYTES: usize = 16 << 10;

/// What a writer does with long strings instead of copying them.
pub(crate) enum Aside<'a> {
    /// Keeps those that it is given; copies those that it is lent.
    Keep(&'a mut Vec<Given>),
    /// Leaves them out, and notes where.
    Leave(&'a mut Vec<Gap>),
    /// Shows each to whoever writes it.
    Show(&'a mut dyn FnMut(Gap, &[u8])),
}

/// A long string, and how many bytes of the buffer come before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) at: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Where a long string belongs, by the bytes of the buffer that come before it, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) at: usize,
    pub(crate) bytes: usize,
}

impl Aside<'_> {
    /// Takes a string that is to stand at `at`, if this one is not to be copied.
    pub(super) fn borrow(&mut self, at: usize, bytes: &[u8]) -> bool {
        let gap = Gap { at, bytes: bytes.len() };
        match self {
            _ if gap.bytes < LONG_BYTES => return false,
            Self::Keep(_) => return false,
            Self::Leave(gaps) => gaps.push(gap),
            Self::Show(show) => show(gap, bytes),
        }
        true
    }
}

impl fmt::Debug for Aside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep(given) => f.debug_tuple("Keep").field(given).finish(),
            Self::Leave(gaps) => f.debug_tuple("Leave").field(gaps).finish(),
            Self::Show(_) => f.debug_tuple("Show").finish_non_exhaustive(),
        }
    }
}
