//! Appends fields to a buffer in one forward pass; lengths are filled in afterwards.

use super::{
    Aside, Buffer, EncodeError, ExtKind, Given, Kind, Tag,
    aside::LONG_BYTES,
    few::{copy, pack},
};

/// Appends one message to a buffer, up to a limit.
///
/// Over the limit it stops appending and remembers: encoding code has no error to handle, [`Writer::finish`] has. What is
/// not finished was not appended.
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut Buffer,
    start: usize,
    /// Where the next byte goes. Kept here until the message is finished, in a register.
    at: usize,
    bytes_max: usize,
    /// How far the message may reach, less by what was set aside: 0 once something was over the limit, so that nothing more
    /// is appended.
    end_max: usize,
    too_large: bool,
    /// Where long strings go that are not copied. Behind a pointer, so that the writer's own fields stay in registers.
    aside: Option<&'b mut Aside<'b>>,
}

/// A length that is not known yet.
#[derive(Debug)]
#[must_use = "a length that is never filled in stays impossible"]
pub struct Patch {
    at: usize,
    /// Bytes of the message before it.
    before: usize,
}

impl<'b> Writer<'b> {
    /// Appends to `out` at most `bytes_max` bytes.
    pub const fn new(out: &'b mut Buffer, bytes_max: usize) -> Self {
        let start = out.used;
        Self {
            out,
            start,
            at: start,
            bytes_max,
            end_max: start.saturating_add(bytes_max),
            too_large: false,
            aside: None,
        }
    }

    /// Appends to `out` all but long strings, which `aside` takes. They count against `bytes_max` as well.
    pub(crate) const fn with_aside(out: &'b mut Buffer, bytes_max: usize, aside: &'b mut Aside<'b>) -> Self {
        let writer = Self::new(out, bytes_max);
        Self { aside: Some(aside), ..writer }
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
    // Always inlined: only then do the writer's own fields stay in registers.
    #[inline(always)]
    pub fn bytes_field(&mut self, number: u16, bytes: &[u8]) {
        if !self.few_bytes_field(number, bytes) {
            match append_field(self.out, self.at, self.end_max, self.aside.as_deref_mut(), number, bytes) {
                Some((at, end_max)) => (self.at, self.end_max) = (at, end_max),
                None => self.refuse(),
            }
        }
    }

    /// Appends a tag and bytes as a SHORT or LONG field; long ones may be kept as they are.
    pub(super) fn give_field(&mut self, number: u16, bytes: Vec<u8>) {
        if bytes.len() < LONG_BYTES || !matches!(self.aside.as_deref(), Some(Aside::Keep(_))) {
            return self.bytes_field(number, &bytes);
        }
        self.tag(number, Kind::Long);
        self.length(bytes.len());
        if self.admits(bytes.len()) {
            self.end_max = self.end_max.saturating_sub(bytes.len());
            if let Some(Aside::Keep(given)) = self.aside.as_deref_mut() {
                given.push(Given { at: self.at, bytes });
            }
        }
    }

    /// Appends a field of few bytes, or tells that this is none. Such a field is one number, put in place in one step of
    /// constant size and then cut to what it takes: that needs no call of `memcpy`, and one look at the room that is left.
    #[inline(always)]
    fn few_bytes_field(&mut self, number: u16, bytes: &[u8]) -> bool {
        let tag = (Tag { number, kind: Kind::Short }).byte();
        let (Some(tag), Some(value), Ok(length)) = (tag, pack(bytes), u8::try_from(bytes.len())) else { return false };
        let (at, end) = (self.at, self.at.saturating_add(bytes.len()).saturating_add(2));
        if end > self.end_max {
            return false;
        }
        let field = value << 16 | u128::from(length) << 8 | u128::from(tag);
        if let Some(place) = self.out.memory(at, at.saturating_add(16)).first_chunk_mut() {
            *place = field.to_le_bytes();
        }
        self.at = end;
        true
    }

    /// Appends `N` bytes.
    #[inline(always)]
    pub(super) fn array<const N: usize>(&mut self, bytes: &[u8; N]) {
        if let Some(place) = self.place(N).first_chunk_mut() {
            *place = *bytes;
        }
    }

    /// Appends bytes as they are.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let place = self.place(bytes.len());
        if place.len() == bytes.len() {
            place.copy_from_slice(bytes);
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
            Err(_) => self.refuse(),
        }
    }

    /// Appends `bytes` bytes and lends them to be filled in, each one; none if they are over the limit.
    #[inline(always)]
    pub(super) fn place(&mut self, bytes: usize) -> &mut [u8] {
        if !self.admits(bytes) {
            return &mut [];
        }
        let at = self.at;
        self.at = at.saturating_add(bytes);
        self.out.memory(at, self.at)
    }

    /// The same, with the memory behind it that is there and that the limit allows.
    #[inline(always)]
    pub(super) fn place_and_room(&mut self, bytes: usize) -> (&mut [u8], &mut [u8]) {
        if !self.admits(bytes) {
            return (&mut [], &mut []);
        }
        let at = self.at;
        self.at = at.saturating_add(bytes);
        self.out.memory_from(at, self.at, self.end_max).split_at_mut_checked(bytes).unwrap_or_default()
    }

    /// Takes back what was appended after the first `written` bytes.
    pub(super) fn rewind(&mut self, written: usize) {
        self.at = self.at.saturating_sub(self.written().saturating_sub(written));
    }

    /// Bytes of the message so far.
    #[inline]
    pub(super) const fn written(&self) -> usize {
        // Without a limit passed, `end_max` is less than at the beginning by what was set aside.
        let aside = self.start.saturating_add(self.bytes_max).saturating_sub(self.end_max);
        self.at.saturating_sub(self.start).saturating_add(aside)
    }

    /// Leaves room for a u32 length, which [`Writer::end`] fills in.
    #[inline]
    pub fn begin(&mut self) -> Patch {
        let (at, before) = (self.at, self.written());
        self.bytes(&u32::MAX.to_le_bytes());
        Patch { at, before }
    }

    /// Fills in the length: the bytes appended since [`Writer::begin`].
    #[inline]
    pub fn end(&mut self, patch: Patch) {
        let body = patch.before.saturating_add(4);
        self.patch(patch, self.written().saturating_sub(body));
    }

    /// Room for `count` u32 lengths, each to be filled in with [`Writer::patch`].
    pub(super) fn begin_many(&mut self, count: usize) -> impl Iterator<Item = Patch> + use<> {
        let (at, before) = (self.at, self.written());
        let room = self.place(count.saturating_mul(4)).len();
        let patch = move |offset| Patch { at: at.saturating_add(offset), before: before.saturating_add(offset) };
        (0..room).step_by(4).map(patch)
    }

    /// Fills in a length that was counted elsewhere.
    #[inline]
    pub(super) fn patch(&mut self, patch: Patch, length: usize) {
        if self.too_large {
            return;
        }
        let place = self.out.memory(patch.at, patch.at.saturating_add(4)).first_chunk_mut::<4>();
        match (place, u32::try_from(length)) {
            (Some(place), Ok(length)) => *place = length.to_le_bytes(),
            _ => self.refuse(),
        }
    }

    /// Ends the message: how many bytes it took.
    ///
    /// # Errors
    /// The message is over the limit. The buffer is then as long as before.
    pub fn finish(self) -> Result<usize, EncodeError> {
        if self.too_large {
            return Err(EncodeError { bytes_max: self.bytes_max });
        }
        self.out.used = self.at;
        Ok(self.written())
    }

    /// Whether as many bytes more may be appended; once they may not, nothing may any more.
    #[inline]
    fn admits(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.end_max.saturating_sub(self.at);
        if !fits {
            self.refuse();
        }
        fits
    }

    #[cold]
    const fn refuse(&mut self) {
        self.too_large = true;
        self.end_max = 0;
    }
}

/// Appends a SHORT or LONG field of any size, if `out` is then no longer than `end_max`, and tells how long it may be from
/// now on. No method: a writer whose address goes out to a call can't stay in registers.
#[inline(never)]
fn append_field(
    out: &mut Buffer,
    at: usize,
    end_max: usize,
    aside: Option<&mut Aside<'_>>,
    number: u16,
    bytes: &[u8],
) -> Option<(usize, usize)> {
    let mut writer = Writer { at, end_max, ..Writer::new(out, 0) };
    if let Ok(short) = u8::try_from(bytes.len()) {
        writer.tag(number, Kind::Short);
        writer.bytes(&[short]);
    } else {
        writer.tag(number, Kind::Long);
        writer.length(bytes.len());
    }
    if !writer.admits(bytes.len()) || writer.too_large {
        return None;
    }
    if aside.is_some_and(|aside| aside.borrow(writer.at, bytes)) {
        return Some((writer.at, end_max.checked_sub(bytes.len())?));
    }
    copy(writer.place(bytes.len()), bytes);
    Some((writer.at, end_max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_any_length_keeps_to_the_limit() {
        let bytes = [7; 300];
        for count in 0..bytes.len() {
            let header = if count < 256 { 2 } else { 5 };
            for number in [1, 31] {
                let needed = count + header + if number == 31 { 2 } else { 0 };
                for (bytes_max, expected) in
                    [(needed, Ok(needed)), (needed - 1, Err(EncodeError { bytes_max: needed - 1 }))]
                {
                    let mut out = Buffer::from(vec![1, 2, 3]);
                    let mut writer = Writer::new(&mut out, bytes_max);
                    writer.bytes_field(number, &bytes[..count]);
                    assert_eq!(writer.finish(), expected, "{count} bytes, number {number}");
                    assert_eq!(out.len(), 3 + expected.unwrap_or(0));
                    assert!(out.starts_with(&[1, 2, 3]));
                }
            }
        }
    }
}
