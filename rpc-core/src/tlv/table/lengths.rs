//! Columns of values that have a length each: all lengths, then all bytes. SHORT where every length fits a byte, LONG
//! otherwise.

use crate::tlv::{DecodeError, DecodeErrorKind, Kind, Reader, Run, Writer};

/// Appends a column of strings or bytes: `length` tells how many bytes a row has, `put` fills in as many. Most have few bytes
/// each: so it is first tried as SHORT, in one walk over the rows that finds and writes the lengths, and one that copies.
pub(in crate::tlv) fn encode_lengths<'r, R>(
    number: u16,
    rows: &'r [R],
    out: &mut Writer<'_>,
    length: impl Fn(&'r R) -> usize,
    put: impl Fn(&'r R, &mut [u8]),
) {
    let lengths = || rows.iter().map(&length);
    let before = out.written();
    out.tag(number, Kind::Short);
    let total = out.begin();
    let (mut sum, mut all) = (0_usize, 0);
    for (place, length) in out.place(rows.len()).iter_mut().zip(lengths()) {
        *place = u8::try_from(length).unwrap_or(u8::MAX);
        sum = sum.saturating_add(length);
        all |= length;
    }
    if u8::try_from(all).is_ok() {
        out.patch(total, sum);
    } else {
        out.rewind(before);
        out.tag(number, Kind::Long);
        out.length(sum);
        put_wide(lengths(), out);
    }
    let mut places = out.place(sum);
    for row in rows {
        // Nothing but the limit can leave too few places, and then nothing of this is sent.
        let Some((place, rest)) = places.split_at_mut_checked(length(row)) else { return };
        put(row, place);
        places = rest;
    }
}

/// Appends lengths of four bytes each.
pub(super) fn put_wide(lengths: impl ExactSizeIterator<Item = usize>, out: &mut Writer<'_>) {
    let (places, _) = out.place(lengths.len().saturating_mul(4)).as_chunks_mut::<4>();
    for (place, length) in places.iter_mut().zip(lengths) {
        // Above u32 the items are above every limit too, and the writer refuses them.
        *place = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    }
}

/// A cursor over the lengths of a column; their sum was checked against the bytes.
#[doc(hidden)]
#[derive(Debug)]
pub struct Lengths<'a> {
    run: Run<'a>,
    wide: bool,
}

impl<'a> Lengths<'a> {
    /// Takes `rows` lengths of four bytes each: they and their sum.
    pub(in crate::tlv) fn take_wide(rows: usize, input: &mut Reader<'a>) -> Result<(Self, usize), DecodeError> {
        let run = input.run().cut(rows.saturating_mul(4))?;
        let (lengths, _) = run.rest().as_chunks::<4>();
        // At most 2^32 values below 2^32 each: a u64 holds the sum.
        let sum: u64 = lengths.iter().map(|length| u64::from(u32::from_le_bytes(*length))).sum();
        let sum = usize::try_from(sum).map_err(|_| run.error(DecodeErrorKind::TooManyRows))?;
        Ok((Self { run, wide: true }, sum))
    }

    /// Takes a whole SHORT or LONG column: its lengths and its bytes.
    pub(in crate::tlv) fn take_column(
        kind: Kind,
        rows: usize,
        input: &mut Reader<'a>,
    ) -> Result<(Self, Run<'a>), DecodeError> {
        if !matches!(kind, Kind::Short | Kind::Long) {
            return Err(input.error(DecodeErrorKind::WrongKind));
        }
        let total = input.length()?;
        let (lengths, sum) = if kind == Kind::Short {
            let run = input.run().cut(rows)?;
            (Self { run, wide: false }, run.rest().iter().copied().map(usize::from).sum())
        } else {
            Self::take_wide(rows, input)?
        };
        if sum != total {
            return Err(input.error(DecodeErrorKind::WrongLength));
        }
        Ok((lengths, input.run().cut(total)?))
    }

    /// The greatest length.
    fn max(&self) -> usize {
        if self.wide {
            let (lengths, _) = self.run.rest().as_chunks::<4>();
            let max = lengths.iter().map(|length| u32::from_le_bytes(*length)).max().unwrap_or(0);
            usize::try_from(max).unwrap_or(usize::MAX)
        } else {
            usize::from(self.run.rest().iter().copied().max().unwrap_or(0))
        }
    }

    #[inline(always)]
    pub(in crate::tlv) fn next(&mut self) -> Result<usize, DecodeError> {
        if self.wide { self.run.length() } else { self.run.array().map(|[length]| usize::from(length)) }
    }
}

/// A cursor over a column of text: checked to be UTF-8 once, as a whole.
#[doc(hidden)]
#[derive(Debug)]
pub struct TextColumn<'a> {
    lengths: Lengths<'a>,
    text: &'a str,
    /// The bytes of `text`, for the place of an error.
    end: Run<'a>,
}

impl<'a> TextColumn<'a> {
    pub(in crate::tlv) fn open(kind: Kind, rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let (lengths, bytes) = Lengths::take_column(kind, rows, input)?;
        input.check_text(lengths.max())?;
        let text = str::from_utf8(bytes.rest()).map_err(|_| bytes.error(DecodeErrorKind::NotUtf8))?;
        Ok(Self { lengths, text, end: bytes })
    }

    /// The bytes of all the text that is left.
    pub(in crate::tlv) const fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The next string. A column that is UTF-8 as a whole can still end a string inside a character.
    #[inline(always)]
    pub(in crate::tlv) fn next(&mut self) -> Result<&'a str, DecodeError> {
        let length = self.lengths.next()?;
        let Some((string, rest)) = self.text.split_at_checked(length) else {
            return Err(self.end.error(DecodeErrorKind::NotUtf8));
        };
        self.text = rest;
        Ok(string)
    }
}
