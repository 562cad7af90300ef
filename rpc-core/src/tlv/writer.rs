//! Appends fields to a buffer in one forward pass; lengths are filled in afterwards.

use super::{EncodeError, Kind, Tag};

/// Appends one message to a buffer, up to a limit.
///
/// Over the limit it stops appending and remembers: encoding code has no error to handle, [`Writer::finish`] has.
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut Vec<u8>,
    start: usize,
    bytes_max: usize,
    too_large: bool,
}

/// A length that is not known yet.
#[derive(Debug)]
#[must_use = "a length that is never filled in stays impossible"]
pub struct Patch {
    at: usize,
}

impl<'b> Writer<'b> {
    /// Appends to `out` at most `bytes_max` bytes.
    pub const fn new(out: &'b mut Vec<u8>, bytes_max: usize) -> Self {
        let start = out.len();
        Self { out, start, bytes_max, too_large: false }
    }

    /// Appends a tag.
    pub fn tag(&mut self, number: u16, kind: Kind) {
        match u8::try_from(number) {
            Ok(short) if short < Tag::NUMBER_FOLLOWS => self.bytes(&[short << 3 | kind as u8]),
            _ => {
                self.bytes(&[Tag::NUMBER_FOLLOWS << 3 | kind as u8]);
                self.bytes(&number.to_le_bytes());
            }
        }
    }

    /// Appends a tag and bytes as a SHORT or LONG field.
    pub fn bytes_field(&mut self, number: u16, bytes: &[u8]) {
        if let Ok(short) = u8::try_from(bytes.len()) {
            self.tag(number, Kind::Short);
            self.bytes(&[short]);
        } else {
            self.tag(number, Kind::Long);
            // Over u32 the limit has been passed as well, and nothing of this is sent.
            self.bytes(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        self.bytes(bytes);
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let written = self.out.len().saturating_sub(self.start);
        if bytes.len() > self.bytes_max.saturating_sub(written) {
            self.too_large = true;
            return;
        }
        self.out.extend_from_slice(bytes);
    }

    /// Leaves room for a u32 length, which [`Writer::end`] fills in.
    pub fn begin(&mut self) -> Patch {
        let at = self.out.len();
        self.bytes(&u32::MAX.to_le_bytes());
        Patch { at }
    }

    /// Fills in the length: the bytes appended since [`Writer::begin`].
    pub fn end(&mut self, patch: Patch) {
        if self.too_large {
            return;
        }
        let body = patch.at.saturating_add(4);
        let length = u32::try_from(self.out.len().saturating_sub(body));
        let place = self.out.get_mut(patch.at..).and_then(<[u8]>::first_chunk_mut::<4>);
        match (place, length) {
            (Some(place), Ok(length)) => *place = length.to_le_bytes(),
            _ => self.too_large = true,
        }
    }

    /// Ends the message: how many bytes it took.
    ///
    /// # Errors
    /// The message is over the limit. The buffer is then as long as before.
    pub fn finish(self) -> Result<usize, EncodeError> {
        if self.too_large {
            self.out.truncate(self.start);
            return Err(EncodeError { bytes_max: self.bytes_max });
        }
        Ok(self.out.len().saturating_sub(self.start))
    }
}
