//! What the expansions of the derives call: the steps of encoding and decoding a message, field by field. Unstable: the
//! derives and this module change together, nothing else uses it.
#![allow(missing_docs, missing_debug_implementations)]

use super::{Decode, DecodeError, DecodeErrorKind, Encode, Kind, Reader, Tag, Writer, table};

pub use super::{
    decode::skip_fields,
    table::encode_walked,
    variant::{EnumColumn, Variants, decode_variant, next_variant, open_variant, unknown_variant},
};

/// Bytes of the fields of fixed size, tags included: what [`Fixed`] takes for a message of these fields.
#[must_use]
pub const fn fixed_bytes(fields: &[(u16, Option<Kind>)]) -> usize {
    let mut bytes = 0_usize;
    let mut rest = fields;
    while let [(number, kind), tail @ ..] = rest {
        if let Some(kind) = kind
            && let Some(width) = kind.width()
        {
            let tag = Tag { number: *number, kind: *kind };
            bytes = bytes.saturating_add(width).saturating_add(tag.bytes());
        }
        rest = tail;
    }
    bytes
}

/// The fields of fixed size of a message, which stand first: all offsets are constant, so they are put together in one
/// place that is appended at once.
pub struct Fixed<'f> {
    rest: &'f mut [u8],
}

/// Appends the fields of fixed size; `N` is what [`fixed_bytes`] says of them.
#[inline(always)]
pub fn encode_run<const N: usize>(out: &mut Writer<'_>, put: impl FnOnce(&mut Fixed<'_>)) {
    if N > 0
        && let Some(place) = out.place(N).first_chunk_mut::<N>()
    {
        put(&mut Fixed { rest: place });
    }
}

impl Fixed<'_> {
    /// Puts a field in its place; nothing if it is not of fixed size.
    #[inline(always)]
    pub fn put<T: Encode + ?Sized>(&mut self, number: u16, value: &T) {
        let Some(kind) = T::KIND else { return };
        let tag = Tag { number, kind };
        tag.put(self.take(tag.bytes()));
        value.put(self.take(kind.width().unwrap_or(0)));
    }

    /// The next `bytes` bytes of the place.
    #[inline(always)]
    fn take(&mut self, bytes: usize) -> &mut [u8] {
        // Invariant: `fixed_bytes` has counted the same fields.
        let (place, rest) = std::mem::take(&mut self.rest).split_at_mut(bytes);
        self.rest = rest;
        place
    }
}

/// Appends a field, if it is of fixed size: such fields come first.
#[inline]
pub fn encode_fixed<T: Encode + ?Sized>(out: &mut Writer<'_>, number: u16, value: &T) {
    if T::KIND.is_some() {
        value.encode(number, out);
    }
}

/// Appends a field, if it is of no fixed size and not left out.
#[inline]
pub fn encode_sized<T: Encode + ?Sized>(out: &mut Writer<'_>, number: u16, value: &T) {
    if T::KIND.is_none() && !value.is_absent() {
        value.encode(number, out);
    }
}

/// Appends a field of fixed size by putting its bytes.
#[inline]
pub fn encode_put<T: Encode>(number: u16, value: &T, out: &mut Writer<'_>) {
    let one = std::slice::from_ref(value);
    table::encode_fixed::<T, _, _>(number, one, |value| value, out);
}

/// Appends a column of values of fixed size.
pub fn encode_put_column<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    table::encode_fixed(number, rows, project, out);
}

/// Appends the column of a field, if its values are of no fixed size.
#[inline]
pub fn encode_sized_column<'r, T, R, P>(number: u16, rows: &'r [R], project: P, written: u16, out: &mut Writer<'_>)
where
    T: Encode + ?Sized + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    if number != written {
        Pass::Sized.column(number, rows, project, out);
    }
}

/// One of the two passes over the fields in which the columns of a message are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    Fixed,
    Sized,
}

impl Pass {
    pub const BOTH: [Self; 2] = [Self::Fixed, Self::Sized];

    /// Appends the column of a field, if it is this pass's.
    #[inline]
    pub fn column<'r, T, R, P>(self, number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        T: Encode + ?Sized + 'r,
        P: Fn(&'r R) -> &'r T + Copy,
    {
        if T::KIND.is_some() == (self == Self::Fixed) {
            table::encode_column(number, rows, project, out);
        }
    }
}

/// Takes the field where an encoder puts it, if it stands there and is of fixed size: the guess costs one comparison,
/// and [`decode_field`] sees to whatever comes in another order.
#[inline(always)]
pub fn guess_fixed<'a, T: Decode<'a>>(
    number: u16,
    field: &mut Option<T>,
    input: &mut Reader<'a>,
) -> Result<(), DecodeError> {
    if let Some(kind) = T::KIND
        && input.tag_if(Tag { number, kind })
    {
        *field = Some(T::decode(kind, input).map_err(|error| error.in_field(number))?);
    }
    Ok(())
}

/// Takes the field where an encoder puts it, if it stands there and is of no fixed size.
#[inline(always)]
pub fn guess_sized<'a, T: Decode<'a>>(
    number: u16,
    field: &mut Option<T>,
    input: &mut Reader<'a>,
) -> Result<(), DecodeError> {
    if T::KIND.is_none()
        && let Some(kind) = input.kind_if(number)
    {
        *field = Some(T::decode(kind, input).map_err(|error| error.in_field(number))?);
    }
    Ok(())
}

/// Reads a field wherever it stands.
#[inline]
pub fn decode_field<'a, T: Decode<'a>>(tag: Tag, input: &mut Reader<'a>) -> Result<T, DecodeError> {
    T::decode(tag.kind, input).map_err(|error| error.in_field(tag.number))
}

/// The field's value, or what a missing one stands for.
#[inline(always)]
pub fn required<'a, T: Decode<'a>>(field: Option<T>, number: u16, input: &Reader<'a>) -> Result<T, DecodeError> {
    match field.or_else(T::absent) {
        Some(value) => Ok(value),
        None => Err(input.error(DecodeErrorKind::MissingField).in_field(number)),
    }
}

/// The message, if its rule holds.
#[inline]
pub fn checked<T>(value: T, holds: impl FnOnce(&T) -> bool, input: &Reader<'_>) -> Result<T, DecodeError> {
    if holds(&value) { Ok(value) } else { Err(input.error(DecodeErrorKind::Invalid)) }
}

/// Appends a column of messages: their columns, together.
pub fn encode_group<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    table::encode_group(number, out, |out| T::encode_rows(rows, project, out));
}

/// Opens a column of messages: their columns, together.
pub fn open_group<'a, T: Decode<'a>>(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<T::Column, DecodeError> {
    table::open_group(tag.kind, input, |input| {
        T::open_rows(rows, input)?.ok_or_else(|| input.error(DecodeErrorKind::MissingField))
    })
}

pub fn column_tag(rows: usize, input: &mut Reader<'_>) -> Result<Option<Tag>, DecodeError> {
    table::column_tag(rows, input)
}

pub fn skip_column(tag: Tag, rows: usize, input: &mut Reader<'_>) -> Result<(), DecodeError> {
    table::skip_column(tag.kind, rows, input)
}

pub fn open_column<'a, T: Decode<'a>>(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<T::Column, DecodeError> {
    table::open_column::<T>(tag, rows, input).map_err(|error| error.in_field(tag.number))
}

/// The next rows of a table.
#[inline(always)]
pub fn next_rows<T>(count: usize, mut next: impl FnMut() -> Result<T, DecodeError>) -> Result<Vec<T>, DecodeError> {
    let mut rows = Vec::with_capacity(count);
    for _ in 0..count {
        rows.push(next()?);
    }
    Ok(rows)
}

/// The next row's field.
#[inline(always)]
pub fn next_required<'a, T: Decode<'a>>(
    column: &mut Option<T::Column>,
    number: u16,
    input: &mut Reader<'a>,
) -> Result<T, DecodeError> {
    let field = match column {
        Some(column) => Some(T::next(column, input).map_err(|error| error.in_field(number))?),
        None => None,
    };
    required(field, number, input)
}

/// The next row's field, or its default where the column is missing.
#[inline(always)]
pub fn next_or_default<'a, T: Decode<'a> + Default>(
    column: &mut Option<T::Column>,
    number: u16,
    input: &mut Reader<'a>,
) -> Result<T, DecodeError> {
    match column {
        Some(column) => T::next(column, input).map_err(|error| error.in_field(number)),
        None => Ok(T::default()),
    }
}
