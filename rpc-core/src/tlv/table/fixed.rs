//! Columns of values that take the same fixed bytes each, packed.

use std::{mem, slice::ChunksExactMut};

use crate::tlv::{DecodeError, DecodeErrorKind, Encode, Kind, Reader, Run, Tag, Writer};

/// Appends a column of values whose [`Encode::KIND`] is fixed.
#[inline]
pub(in crate::tlv) fn encode_fixed<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + ?Sized + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    let Some(kind) = T::KIND else { return };
    out.tag(number, kind);
    put_all(rows, project, out);
}

/// Appends values whose [`Encode::KIND`] is fixed, end to end.
#[inline]
pub(in crate::tlv) fn put_all<'r, T, R, P>(rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + ?Sized + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    let Some(width) = T::KIND.and_then(Kind::width) else { return };
    let places = out.zeros(rows.len().saturating_mul(width));
    for (place, row) in places.chunks_exact_mut(width).zip(rows) {
        project(row).put(place);
    }
}

/// Appends the columns of the fields of fixed size, which `put` fills in: all of them in one walk over the rows, which may be
/// far more than the processor holds close by.
#[inline]
pub fn encode_fixed_columns(
    fields: &[(u16, Option<Kind>)],
    rows: usize,
    out: &mut Writer<'_>,
    put: impl FnOnce(&mut FixedColumns<'_>),
) {
    let columns = fields.iter().filter_map(|(number, kind)| Some(Tag { number: *number, kind: (*kind)? }));
    let column_bytes =
        |tag: Tag| tag.kind.width().map_or(0, |width| rows.saturating_mul(width).saturating_add(tag.bytes()));
    let bytes = columns.map(column_bytes).fold(0, usize::saturating_add);
    // Without rows every one of them would leave its values out.
    if rows > 0 && bytes > 0 {
        let places = out.zeros(bytes);
        if !places.is_empty() {
            put(&mut FixedColumns { rest: places, rows });
        }
    }
}

/// The places of columns that stand one after the other.
#[derive(Debug)]
pub struct FixedColumns<'p> {
    rest: &'p mut [u8],
    rows: usize,
}

impl<'p> FixedColumns<'p> {
    /// Puts the tag of the next column, if its values are of fixed size.
    #[inline(always)]
    pub fn next<'r, T, R, P>(&mut self, number: u16, project: P) -> FixedPlaces<'p, P>
    where
        T: Encode + ?Sized + 'r,
        R: 'r,
        P: Fn(&'r R) -> &'r T,
    {
        let (mut places, mut width) = (&mut [][..], 1);
        if let Some(kind) = T::KIND {
            let tag = Tag { number, kind };
            width = kind.width().unwrap_or(1);
            tag.put(self.take(tag.bytes()));
            places = self.take(self.rows.saturating_mul(width));
        }
        FixedPlaces { places: places.chunks_exact_mut(width), project }
    }

    #[inline(always)]
    fn take(&mut self, bytes: usize) -> &'p mut [u8] {
        // Invariant: `encode_fixed_columns` has counted the same columns.
        let (place, rest) = mem::take(&mut self.rest).split_at_mut(bytes);
        self.rest = rest;
        place
    }
}

/// The places of the values of one column; none if they are of no fixed size.
#[derive(Debug)]
pub struct FixedPlaces<'p, P> {
    places: ChunksExactMut<'p, u8>,
    project: P,
}

impl<P> FixedPlaces<'_, P> {
    /// Puts the next row's value in its place.
    #[inline(always)]
    pub fn put<'r, T, R>(&mut self, row: &'r R)
    where
        T: Encode + ?Sized + 'r,
        P: Fn(&'r R) -> &'r T,
    {
        if T::KIND.is_some()
            && let Some(place) = self.places.next()
        {
            (self.project)(row).put(place);
        }
    }
}

/// A cursor over a column of fixed values.
#[doc(hidden)]
#[derive(Debug)]
pub struct FixedColumn<'a> {
    pub(in crate::tlv) run: Run<'a>,
    /// The kind of the column, which may be narrower than that of the type.
    pub(in crate::tlv) kind: Kind,
}

impl<'a> FixedColumn<'a> {
    pub(in crate::tlv) fn open(kind: Kind, rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let Some(width) = kind.width() else { return Err(input.error(DecodeErrorKind::WrongKind)) };
        let run = input.run().cut(rows.saturating_mul(width))?;
        Ok(Self { run, kind })
    }
}
