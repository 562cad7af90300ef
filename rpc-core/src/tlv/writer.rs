//! Appends fields to a buffer in one forward pass; lengths are filled in afterwards.

use super::{EncodeError, ExtKind, Kind, Tag};

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
    #[inline]
    pub fn tag(&mut self, number: u16, kind: Kind) {
        if let Some(byte) = (Tag { number, kind }).byte() {
            self.bytes(&[byte]);
        } else {
            let [low, high] = number.to_le_bytes();
            self.bytes(&[Tag::NUMBER_FOLLOWS << 3 | kind as u8, low, high]);
        }
    }

    /// Appends a tag and bytes as a SHORT or LONG field.
    #[inline]
    pub fn bytes_field(&mut self, number: u16, bytes: &[u8]) {
        if let Ok(short) = u8::try_from(bytes.len()) {
            if let Some(tag) = (Tag { number, kind: Kind::Short }).byte() {
                self.bytes(&[tag, short]);
            } else {
                self.tag(number, Kind::Short);
                self.bytes(&[short]);
            }
        } else {
            self.tag(number, Kind::Long);
            self.length(bytes.len());
        }
        self.bytes(bytes);
    }

    /// Appends bytes as they are.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.admits(bytes.len()) {
            self.out.extend_from_slice(bytes);
        }
    }

    /// Appends a nested message as a LONG field.
    #[inline]
    pub fn message(&mut self, number: u16, fields: impl FnOnce(&mut Self)) {
        self.tag(number, Kind::Long);
        let length = self.begin();
        fields(self);
        self.end(length);
    }

    /// Appends an EXT column.
    pub(super) fn ext(&mut self, number: u16, ext: ExtKind, column: impl FnOnce(&mut Self)) {
        self.tag(number, Kind::Ext);
        self.bytes(&[ext as u8]);
        let length = self.begin();
        column(self);
        self.end(length);
    }

    /// Appends a u32 that counts something in memory.
    #[inline]
    pub(super) fn length(&mut self, length: usize) {
        match u32::try_from(length) {
            Ok(length) => self.bytes(&length.to_le_bytes()),
            // More than u32 counts of anything is over every limit as well.
            Err(_) => self.too_large = true,
        }
    }

    /// Appends `bytes` zeros and lends them to be filled in; nothing if they are over the limit.
    #[inline]
    pub(super) fn zeros(&mut self, bytes: usize) -> &mut [u8] {
        if !self.admits(bytes) {
            return &mut [];
        }
        let at = self.out.len();
        self.out.resize(at.saturating_add(bytes), 0);
        self.out.get_mut(at..).unwrap_or_default()
    }

    /// Bytes appended so far.
    #[inline]
    pub(super) const fn written(&self) -> usize {
        self.out.len().saturating_sub(self.start)
    }

    /// Leaves room for a u32 length, which [`Writer::end`] fills in.
    #[inline]
    pub fn begin(&mut self) -> Patch {
        let at = self.out.len();
        self.bytes(&u32::MAX.to_le_bytes());
        Patch { at }
    }

    /// Fills in the length: the bytes appended since [`Writer::begin`].
    #[inline]
    pub fn end(&mut self, patch: Patch) {
        let body = patch.at.saturating_add(4);
        self.patch(patch, self.out.len().saturating_sub(body));
    }

    /// Room for `count` u32 lengths, each to be filled in with [`Writer::patch`].
    pub(super) fn begin_many(&mut self, count: usize) -> impl Iterator<Item = Patch> + use<> {
        let at = self.out.len();
        let room = self.zeros(count.saturating_mul(4)).len();
        (0..room).step_by(4).map(move |offset| Patch { at: at.saturating_add(offset) })
    }

    /// Fills in a length that was counted elsewhere.
    #[inline]
    pub(super) fn patch(&mut self, patch: Patch, length: usize) {
        if self.too_large {
            return;
        }
        let place = self.out.get_mut(patch.at..).and_then(<[u8]>::first_chunk_mut::<4>);
        match (place, u32::try_from(length)) {
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
        Ok(self.written())
    }

    /// Whether as many bytes more may be appended; once they may not, nothing may any more.
    #[inline]
    fn admits(&mut self, bytes: usize) -> bool {
        if self.too_large || bytes > self.bytes_max.saturating_sub(self.written()) {
            self.too_large = true;
        }
        !self.too_large
    }
}
