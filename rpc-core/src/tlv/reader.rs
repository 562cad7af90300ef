//! A checked cursor over bytes that come from an enemy: the only way in this crate from bytes to values. It carries what
//! the value may still cost, so that every part of a body draws on one budget.

use std::mem;

use super::{DecodeError, DecodeErrorKind, ExtKind, Kind, Run, Tag};

/// What a decoded value may cost. Each bound has its reason in `Limits`.
#[derive(Clone, Copy, Debug)]
pub struct DecodeLimits {
    /// How deep messages may be nested.
    pub depth_max: u16,
    /// Bytes of memory that the decoded value may take, beside the input.
    pub heap_bytes_max: usize,
    /// Unknown fields in the whole input.
    pub unknown_fields_max: u16,
    /// Bytes in one string of text. Byte strings are bounded by the body and the memory alone.
    pub string_bytes_max: usize,
}

/// A cursor over one message.
#[derive(Debug)]
pub struct Reader<'a> {
    run: Run<'a>,
    /// What is left of the limits.
    left: DecodeLimits,
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `body`.
    #[must_use]
    pub const fn new(body: &'a [u8], limits: DecodeLimits) -> Self {
        Self { run: Run::new(body), left: limits }
    }

    /// The limit of one string.
    pub(crate) const fn string_bytes_max(&self) -> usize {
        self.left.string_bytes_max
    }

    /// The next field's tag, or `None` at the end of the message.
    ///
    /// # Errors
    /// `ZeroTag`, `Truncated`.
    #[inline]
    pub fn tag(&mut self) -> Result<Option<Tag>, DecodeError> {
        if self.run.is_empty() {
            return Ok(None);
        }
        let [byte] = self.run.array()?;
        let number = match byte >> 3 {
            Tag::NUMBER_FOLLOWS => u16::from_le_bytes(self.array()?),
            number => u16::from(number),
        };
        if number == 0 {
            return Err(self.error(DecodeErrorKind::ZeroTag));
        }
        Ok(Some(Tag { number, kind: Kind::from_tag_byte(byte) }))
    }

    /// Takes the next field's tag if it is exactly this one: one comparison.
    #[inline]
    pub(super) fn tag_if(&mut self, tag: Tag) -> bool {
        match (self.run.rest().first(), tag.byte()) {
            (Some(&next), Some(byte)) if next == byte => self.run.take(1).is_ok(),
            _ => false,
        }
    }

    /// Takes the next field's tag if it has this number, whatever the kind.
    #[inline]
    pub(super) fn kind_if(&mut self, number: u16) -> Option<Kind> {
        let &byte = self.run.rest().first()?;
        if byte >> 3 == Tag::NUMBER_FOLLOWS || u16::from(byte >> 3) != number {
            return None;
        }
        self.run.take(1).ok()?;
        Some(Kind::from_tag_byte(byte))
    }

    /// Skips the value of a field whose number is unknown, by its kind alone.
    ///
    /// # Errors
    /// `Truncated`, `TooManyUnknownFields`.
    pub fn skip(&mut self, kind: Kind) -> Result<(), DecodeError> {
        self.count_unknown()?;
        let bytes = match kind {
            Kind::F1 => 1,
            Kind::F4 => 4,
            Kind::F8 => 8,
            Kind::F16 => 16,
            Kind::Short => usize::from(u8::from_le_bytes(self.array()?)),
            Kind::Long | Kind::Table => self.length()?,
            Kind::Ext => {
                self.array::<1>()?;
                self.length()?
            }
        };
        self.take(bytes).map(drop)
    }

    /// The next `bytes` bytes.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn take(&mut self, bytes: usize) -> Result<&'a [u8], DecodeError> {
        self.run.take(bytes)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.run.array()
    }

    /// The bytes of a SHORT or LONG field.
    ///
    /// # Errors
    /// `Truncated`, `WrongKind`.
    #[inline]
    pub fn bytes(&mut self, kind: Kind) -> Result<&'a [u8], DecodeError> {
        Ok(self.bytes_run(kind)?.rest())
    }

    /// Ends the message: bytes that are left are an error.
    ///
    /// # Errors
    /// `TrailingBytes`.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.run.is_empty() { Ok(()) } else { Err(self.error(DecodeErrorKind::TrailingBytes)) }
    }

    /// An error at the cursor.
    #[cold]
    #[must_use]
    pub const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        self.run.error(kind)
    }

    /// Decodes a nested message: the bytes of a LONG field, to their end.
    ///
    /// # Errors
    /// Those of `decode`; `WrongKind`, `TooDeep`, `TrailingBytes`.
    #[inline]
    pub fn message<T>(
        &mut self,
        kind: Kind,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if kind != Kind::Long {
            return Err(self.error(DecodeErrorKind::WrongKind));
        }
        let bytes = self.length()?;
        let inner = self.run.cut(bytes)?;
        self.within(inner, decode)
    }

    /// Decodes `inner`, to its end, one level deeper and on the same budget.
    #[inline]
    pub(super) fn within<T>(
        &mut self,
        inner: Run<'a>,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let Some(depth_left) = self.left.depth_max.checked_sub(1) else {
            return Err(self.error(DecodeErrorKind::TooDeep));
        };
        self.left.depth_max = depth_left;
        let outer = mem::replace(&mut self.run, inner);
        // After an error nothing is read any more, so the outer run need not come back.
        let value = decode(self)?;
        if !self.run.is_empty() {
            return Err(self.error(DecodeErrorKind::TrailingBytes));
        }
        self.run = outer;
        self.left.depth_max = depth_left.saturating_add(1);
        Ok(value)
    }

    /// Takes memory for the decoded value from the budget, before it is allocated.
    ///
    /// # Errors
    /// `TooMuchMemory`.
    #[inline]
    pub fn charge(&mut self, bytes: usize) -> Result<(), DecodeError> {
        let Some(left) = self.left.heap_bytes_max.checked_sub(bytes) else {
            return Err(self.error(DecodeErrorKind::TooMuchMemory));
        };
        self.left.heap_bytes_max = left;
        Ok(())
    }

    /// Takes memory for `count` values of a type from the budget.
    #[inline]
    pub(super) fn charge_for<T>(&mut self, count: usize) -> Result<(), DecodeError> {
        self.charge(count.saturating_mul(size_of::<T>()))
    }

    /// Checks the length of a string of text.
    #[inline]
    pub(super) const fn check_text(&self, bytes: usize) -> Result<(), DecodeError> {
        if bytes > self.left.string_bytes_max {
            return Err(self.error(DecodeErrorKind::StringTooLong));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn bytes_run(&mut self, kind: Kind) -> Result<Run<'a>, DecodeError> {
        let bytes = match kind {
            Kind::Short => usize::from(u8::from_le_bytes(self.array()?)),
            Kind::Long => self.length()?,
            _ => return Err(self.error(DecodeErrorKind::WrongKind)),
        };
        self.run.cut(bytes)
    }

    /// The bytes of an EXT column, which must be of this further kind.
    pub(super) fn ext_run(&mut self, kind: Kind, ext: ExtKind) -> Result<Run<'a>, DecodeError> {
        if kind != Kind::Ext || self.array()? != [ext as u8] {
            return Err(self.error(DecodeErrorKind::WrongKind));
        }
        let bytes = self.length()?;
        self.run.cut(bytes)
    }

    /// What is still to be read of this message.
    #[inline]
    pub(super) const fn run(&mut self) -> &mut Run<'a> {
        &mut self.run
    }

    #[inline]
    pub(super) fn length(&mut self) -> Result<usize, DecodeError> {
        self.run.length()
    }

    pub(super) fn count_unknown(&mut self) -> Result<(), DecodeError> {
        let Some(left) = self.left.unknown_fields_max.checked_sub(1) else {
            return Err(self.error(DecodeErrorKind::TooManyUnknownFields));
        };
        self.left.unknown_fields_max = left;
        Ok(())
    }
}
