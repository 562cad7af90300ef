//! The columns of a table that one walk over its rows fills: those of fixed size, and the first one of text, which stands
//! right behind them. Rows may be far more than the processor holds close by, so each walk that is saved is time.

use std::mem;

use crate::tlv::{Encode, Kind, Tag, Writer, few::copy};

/// What is to be known of a field before its column is written: its number, its kind if that is fixed, whether it is text.
type About = (u16, Option<Kind>, bool);

/// Appends the columns that `walk` fills in one walk over the rows, and tells the number of the one of text. It is 0 if there
/// is none: if another column stands before it, a string is longer than a byte can tell, or the memory is too small as yet.
#[inline]
pub fn encode_walked(fields: &[About], rows: usize, out: &mut Writer<'_>, walk: impl FnOnce(&mut Columns<'_>)) -> u16 {
    let fixed = fields.iter().filter_map(|(number, kind, _)| Some(Tag { number: *number, kind: (*kind)? }));
    let column_bytes =
        |tag: Tag| tag.kind.width().map_or(0, |width| rows.saturating_mul(width).saturating_add(tag.bytes()));
    let bytes = fixed.map(column_bytes).fold(0, usize::saturating_add);
    let text = match fields.iter().find(|(_, kind, _)| kind.is_none()) {
        Some((number, _, true)) => *number,
        _ => 0,
    };
    // Without rows every one of them would leave its values out.
    if rows == 0 || (bytes == 0 && text == 0) {
        return 0;
    }
    let (places, room) = out.place_and_room(bytes);
    if places.len() < bytes {
        return 0;
    }
    let mut columns = Columns { places, rows, text: Text::new(text, rows, room) };
    walk(&mut columns);
    let written = columns.text.finish();
    out.place(written);
    if written > 0 { text } else { 0 }
}

/// The places of columns that stand one after the other.
#[derive(Debug)]
pub struct Columns<'p> {
    places: &'p mut [u8],
    rows: usize,
    text: Text<'p>,
}

impl<'p> Columns<'p> {
    /// The column of a field, which has no places if another walk writes it.
    #[inline(always)]
    pub fn next<T: Encode + ?Sized>(&mut self, number: u16) -> Places<'p> {
        let rows = self.rows;
        let Some(kind) = T::KIND else {
            return if T::TEXT && number == self.text.number { Places::Text } else { Places::None };
        };
        let tag = Tag { number, kind };
        tag.put(self.take(tag.bytes()));
        let places = self.take(rows.saturating_mul(kind.width().unwrap_or(0)));
        match kind {
            Kind::F1 => Places::F1(cut(places, rows)),
            Kind::F4 => Places::F4(cut(places, rows)),
            Kind::F8 => Places::F8(cut(places, rows)),
            Kind::F16 => Places::F16(cut(places, rows)),
            Kind::Short | Kind::Long | Kind::Table | Kind::Ext => Places::None,
        }
    }

    /// Puts the value of a row in its place.
    #[inline(always)]
    pub fn put<T: Encode + ?Sized>(&mut self, places: &mut Places<'_>, row: usize, value: &T) {
        match places {
            Places::F1(places) => put(value, places, row),
            Places::F4(places) => put(value, places, row),
            Places::F8(places) => put(value, places, row),
            Places::F16(places) => put(value, places, row),
            Places::Text => self.text.put(row, value.text().as_bytes()),
            Places::None => {}
        }
    }

    #[inline(always)]
    fn take(&mut self, bytes: usize) -> &'p mut [u8] {
        // Invariant: `encode_walked` has counted the same columns.
        let (place, rest) = mem::take(&mut self.places).split_at_mut(bytes);
        self.places = rest;
        place
    }
}

/// The places of the values of one column. Which it is, is known when the program is built.
#[derive(Debug)]
pub enum Places<'p> {
    F1(&'p mut [[u8; 1]]),
    F4(&'p mut [[u8; 4]]),
    F8(&'p mut [[u8; 8]]),
    F16(&'p mut [[u8; 16]]),
    Text,
    None,
}

/// As many places as there are rows. All columns then have one length, so one comparison is enough for all.
#[inline(always)]
fn cut<const N: usize>(places: &mut [u8], rows: usize) -> &mut [[u8; N]] {
    places.as_chunks_mut().0.get_mut(..rows).unwrap_or_default()
}

#[inline(always)]
fn put<T: Encode + ?Sized, const N: usize>(value: &T, places: &mut [[u8; N]], row: usize) {
    if let Some(place) = places.get_mut(row) {
        value.put(place);
    }
}

/// A SHORT column of text, as far as it has come.
#[derive(Debug, Default)]
struct Text<'p> {
    number: u16,
    tag: &'p mut [u8],
    total: Option<&'p mut [u8; 4]>,
    lengths: &'p mut [u8],
    /// Room for text, and how much of it is left.
    bytes_max: usize,
    room: &'p mut [u8],
    fails: bool,
}

impl<'p> Text<'p> {
    #[inline(always)]
    fn new(number: u16, rows: usize, room: &'p mut [u8]) -> Self {
        let tag_bytes = Tag { number, kind: Kind::Short }.bytes();
        if number > 0
            && let Some((tag, room)) = room.split_at_mut_checked(tag_bytes)
            && let Some((total, room)) = room.split_first_chunk_mut()
            && let Some((lengths, room)) = room.split_at_mut_checked(rows)
        {
            return Self { number, tag, total: Some(total), lengths, bytes_max: room.len(), room, fails: false };
        }
        Self::default()
    }

    #[inline(always)]
    fn put(&mut self, row: usize, text: &[u8]) {
        if let (Some(length_place), Ok(length)) = (self.lengths.get_mut(row), u8::try_from(text.len()))
            && let Some((place, room)) = mem::take(&mut self.room).split_at_mut_checked(text.len())
        {
            *length_place = length;
            copy(place, text);
            self.room = room;
        } else {
            self.fails = true;
        }
    }

    /// Bytes of the column; none if it is to be written otherwise.
    #[inline(always)]
    fn finish(self) -> usize {
        let bytes = self.bytes_max.saturating_sub(self.room.len());
        match (self.total, u32::try_from(bytes)) {
            (Some(total), Ok(short)) if !self.fails => {
                Tag { number: self.number, kind: Kind::Short }.put(self.tag);
                *total = short.to_le_bytes();
                self.tag.len().saturating_add(4).saturating_add(self.lengths.len()).saturating_add(bytes)
            }
            _ => 0,
        }
    }
}
