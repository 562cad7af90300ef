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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlv::Writer;

    #[test]
    fn memory_is_set_once_and_used_again() {
        let mut buffer = Buffer::new();
        buffer.extend_from_slice(&[1; 100]);
        let (address, capacity) = (buffer.as_ptr(), buffer.capacity());
        buffer.clear();
        assert!(buffer.is_empty());
        buffer.extend_from_slice(&[2; 3]);
        assert_eq!(buffer[..], [2; 3]);
        assert_eq!((buffer.as_ptr(), buffer.capacity()), (address, capacity));
        assert_eq!(buffer.memory(3, 5), [1; 2], "what was there before");
        assert_eq!(buffer.memory(99, 101), [1, UNWRITTEN]);
        buffer.truncate(2);
        buffer.truncate(7);
        assert_eq!(Vec::from(buffer), [2; 2]);
    }

    #[test]
    fn what_is_not_finished_is_not_in_the_buffer() {
        let mut buffer = Buffer::from(b"before".to_vec());
        let mut out = Writer::new(&mut buffer, 100);
        out.bytes(&[1; 50]);
        assert_eq!(buffer[..], *b"before");
        let mut out = Writer::new(&mut buffer, 3);
        out.bytes(&[2; 3]);
        assert_eq!(out.finish(), Ok(3));
        assert_eq!(buffer[..], *b"before\x02\x02\x02");
    }

    #[test]
    fn a_vector_is_appended_to_as_a_buffer_is() {
        let mut bytes = vec![1];
        Buffer::over(&mut bytes, |buffer| buffer.extend_from_slice(&[2, 3]));
        assert_eq!(bytes, [1, 2, 3]);
    }
}
