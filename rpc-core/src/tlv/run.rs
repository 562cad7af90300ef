//! A run of bytes that are still to be read, and where they stand in the body: what a reader and every column of a
//! table move along. The only place of the crate that cuts pieces off bytes from a peer.

use super::{DecodeError, DecodeErrorKind};

/// Bytes to read, in order.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    rest: &'a [u8],
    /// The offset in the body at which `rest` ends: the cursor stands at `end - rest.len()`.
    end: usize,
}

impl<'a> Run<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() }
    }

    /// No bytes, at the same place.
    pub(super) const fn empty(self) -> Self {
        Self { rest: &[], end: self.end.saturating_sub(self.rest.len()) }
    }

    #[inline]
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `bytes` bytes as a run of their own.
    #[inline]
    pub(super) fn cut(&mut self, bytes: usize) -> Result<Self, DecodeError> {
        let Some((head, rest)) = self.rest.split_at_checked(bytes) else {
            return Err(self.error(DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(Self { rest: head, end: self.end.saturating_sub(rest.len()) })
    }

    #[inline]
    pub(super) fn take(&mut self, bytes: usize) -> Result<&'a [u8], DecodeError> {
        Ok(self.cut(bytes)?.rest)
    }

    #[inline(always)]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some((head, rest)) = self.rest.split_first_chunk() else {
            return Err(self.error(DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(*head)
    }

    /// A u32 that counts something in memory.
    #[inline(always)]
    pub(super) fn length(&mut self) -> Result<usize, DecodeError> {
        let length = u32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| self.error(DecodeErrorKind::Truncated))
    }

    #[cold]
    pub(super) const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, offset: self.end.saturating_sub(self.rest.len()), field: 0 }
    }
}
