//! Enums: the number of the variant alone as F4, or with its fields as LONG; in a table a column of numbers, or cells. A
//! reader takes either form of any enum, so that a variant may gain and lose fields.

use super::{
    Decode, DecodeError, DecodeErrorKind, Kind, Reader, Tag, decode_value,
    table::{Cells, FixedColumn},
};

/// An enum, as the derive describes it.
pub trait Variants<'a>: Sized {
    /// Reads the fields of the variant with this number, to the end of `input`.
    ///
    /// # Errors
    /// The bytes are not such fields.
    fn decode_fields(number: u32, input: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// A cursor over a column of enums.
#[derive(Debug)]
pub struct EnumColumn<'a>(Form<'a>);

#[derive(Debug)]
enum Form<'a> {
    Numbers(FixedColumn<'a>),
    Cells(Cells<'a>),
}

/// Reads a variant from a field.
#[inline]
pub fn decode_variant<'a, T: Variants<'a>>(kind: Kind, input: &mut Reader<'a>) -> Result<T, DecodeError> {
    if kind == Kind::Long {
        return input.message(kind, |input| {
            let number = u32::from_le_bytes(input.array()?);
            T::decode_fields(number, input)
        });
    }
    let number = u32::decode(kind, input)?;
    decode_bare(number, input)
}

/// Takes a column of enums.
pub fn open_variant<'a>(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<EnumColumn<'a>, DecodeError> {
    Ok(EnumColumn(match tag.kind {
        Kind::Ext => Form::Cells(Cells::open(tag, rows, input)?),
        _ => Form::Numbers(u32::open(tag, rows, input)?),
    }))
}

/// The next row's variant.
#[inline]
pub fn next_variant<'a, T: Variants<'a> + Decode<'a>>(
    column: &mut EnumColumn<'a>,
    input: &mut Reader<'a>,
) -> Result<T, DecodeError> {
    match &mut column.0 {
        Form::Numbers(numbers) => {
            let number = u32::next(numbers, input)?;
            decode_bare(number, input)
        }
        Form::Cells(cells) => {
            let cell = cells.next()?;
            input.within(cell, decode_value)
        }
    }
}

/// A variant of which only the number stands there.
#[inline]
fn decode_bare<'a, T: Variants<'a>>(number: u32, input: &mut Reader<'a>) -> Result<T, DecodeError> {
    let nothing = input.run().empty();
    input.within(nothing, |input| T::decode_fields(number, input))
}

/// The error of an enum that keeps no unknown variants.
#[cold]
pub fn unknown_variant(input: &Reader<'_>) -> DecodeError {
    input.error(DecodeErrorKind::UnknownVariant)
}
