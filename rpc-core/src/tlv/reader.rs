//! A checked cursor over bytes that come from an enemy: the only way in this crate from bytes to values.

use super::{DecodeError, DecodeErrorKind, Kind, Tag};

/// What a decoded value may cost. Each bound has its reason in `Limits`.
#[derive(Clone, Copy, Debug)]
pub struct DecodeLimits {
    /// How deep messages may be nested.
    pub depth_max: u16,
    /// Bytes of memory that the decoded value may take, beside the input.
    pub heap_bytes_max: usize,
    /// Unknown fields in the whole input.
    pub unknown_fields_max: u16,
    /// Bytes in one string.
    pub string_bytes_max: usize,
}

/// A cursor over one message.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes in the whole body, of which `rest` is the tail: offset = whole - rest.
    whole: usize,
    limits: DecodeLimits,
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `body`.
    #[must_use]
    pub const fn new(body: &'a [u8], limits: DecodeLimits) -> Self {
        Self { rest: body, whole: body.len(), limits }
    }

    /// The next field's tag, or `None` at the end of the message.
    ///
    /// # Errors
    /// `ZeroTag`, `Truncated`.
    pub fn tag(&mut self) -> Result<Option<Tag>, DecodeError> {
        let Some((&byte, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        let number = match byte >> 3 {
            Tag::NUMBER_FOLLOWS => u16::from_le_bytes(self.array()?),
            number => u16::from(number),
        };
        if number == 0 {
            return Err(self.error(DecodeErrorKind::ZeroTag));
        }
        Ok(Some(Tag { number, kind: Kind::from_tag_byte(byte) }))
    }

    /// Skips the value of a field whose number is unknown, by its kind alone.
    ///
    /// # Errors
    /// `Truncated`, `TooManyUnknownFields`.
    pub fn skip(&mut self, kind: Kind) -> Result<(), DecodeError> {
        let Some(left) = self.limits.unknown_fields_max.checked_sub(1) else {
            return Err(self.error(DecodeErrorKind::TooManyUnknownFields));
        };
        self.limits.unknown_fields_max = left;
        let bytes = match kind {
            Kind::F1 => 1,
            Kind::F4 => 4,
            Kind::F8 => 8,
            Kind::F16 => 16,
            Kind::Short => usize::from(self.array::<1>()?[0]),
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
    pub fn take(&mut self, bytes: usize) -> Result<&'a [u8], DecodeError> {
        let Some((head, rest)) = self.rest.split_at_checked(bytes) else {
            return Err(self.error(DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// `Truncated`.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some((head, rest)) = self.rest.split_first_chunk() else {
            return Err(self.error(DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        Ok(*head)
    }

    /// The bytes of a SHORT or LONG field.
    ///
    /// # Errors
    /// `Truncated`, `WrongKind`.
    pub fn bytes(&mut self, kind: Kind) -> Result<&'a [u8], DecodeError> {
        let bytes = match kind {
            Kind::Short => usize::from(self.array::<1>()?[0]),
            Kind::Long => self.length()?,
            _ => return Err(self.error(DecodeErrorKind::WrongKind)),
        };
        self.take(bytes)
    }

    /// Ends the message: bytes that are left are an error.
    ///
    /// # Errors
    /// `TrailingBytes`.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(DecodeErrorKind::TrailingBytes)) }
    }

    /// An error at the cursor.
    #[must_use]
    pub const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, offset: self.whole.saturating_sub(self.rest.len()), field: 0 }
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        let length = u32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| self.error(DecodeErrorKind::Truncated))
    }
}
