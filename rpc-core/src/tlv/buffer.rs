//! Memory that messages are written to, again and again. Safe code can't write to memory that was never set: so it is zeroed
//! once, when the buffer grows, and emptying the buffer moves a cursor and nothing else. A warm encoder zeroes nothing.
//!
//! ```text
//!   0                used                         bytes.len()
//!   | what was written | what earlier messages left |
//! ```

use std::{
    fmt, mem,
    ops::{Deref, DerefMut},
};

/// Bytes that were written, and set memory behind them for more. To read, it is a slice of the bytes.
#[derive(Default)]
pub struct Buffer {
    /// As long as the buffer ever was.
    bytes: Vec<u8>,
    /// How many of them are in use.
    pub(super) used: usize,
}

impl Buffer {
    /// An empty buffer, which allocates once something is written.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), used: 0 }
    }

    /// How much memory it has.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Empties it; the memory stays.
    pub const fn clear(&mut self) {
        self.used = 0;
    }

    /// Keeps the first `length` bytes; all, if there are no more.
    #[inline(always)]
    pub fn truncate(&mut self, length: usize) {
        self.used = self.used.min(length);
    }

    /// Appends bytes.
    #[inline]
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        let end = self.used.saturating_add(bytes.len());
        self.memory(self.used, end).copy_from_slice(bytes);
        self.used = end;
    }

    /// Lets `write` append to a vector, as to a buffer.
    pub(crate) fn over<T>(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Self) -> T) -> T {
        let mut buffer = Self::from(mem::take(bytes));
        let written = write(&mut buffer);
        *bytes = buffer.into();
        written
    }

    /// The memory between these bounds, to be filled in: each byte of it, since they are what an earlier message left there.
    #[inline(always)]
    pub(super) fn memory(&mut self, start: usize, end: usize) -> &mut [u8] {
        if end > self.bytes.len() {
            self.grow(end);
        }
        // Invariant: it has grown.
        self.bytes.get_mut(start..end).unwrap_or_default()
    }

    /// The memory from `start`, to `end` at least and to `end_max` if there is so much.
    pub(super) fn memory_from(&mut self, start: usize, end: usize, end_max: usize) -> &mut [u8] {
        if end > self.bytes.len() {
            self.grow(end);
        }
        self.memory(start, self.bytes.len().min(end_max))
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, length: usize) {
        self.bytes.resize(length, UNWRITTEN);
    }
}

/// What new memory holds. In a debug build no byte that anyone would write, so that tests see one that was not filled in.
const UNWRITTEN: u8 = if cfg!(debug_assertions) { 0xa5 } else { 0 };

impl Deref for Buffer {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }
}

impl DerefMut for Buffer {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.used).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { used: bytes.len(), bytes }
    }
}

impl From<Buffer> for Vec<u8> {
    fn from(Buffer { mut bytes, used }: Buffer) -> Self {
        bytes.truncate(used);
        bytes
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("used", &self.used).finish_non_exhaustive()
    }
}
