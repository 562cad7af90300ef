//! `Decode`: how a field becomes a value, and a column many values. Mirrors `encode`, item by item.

use std::fmt;

use super::{DecodeError, DecodeErrorKind, Encode, Kind, Reader, Tag, table};

/// A value that can be read out of a message; `'a` is the buffer it may borrow from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the wire",
    label = "this type has no wire form",
    note = "a struct or an enum gets one by `#[derive(rpc_core::Message)]`, which lists the types that have one"
)]
pub trait Decode<'a>: Encode + Sized {
    /// A cursor over a column of such values.
    #[doc(hidden)]
    type Column;

    /// Whether the value is an `Option`: its column can say of each row whether it is there.
    #[doc(hidden)]
    const OPTIONAL: bool = false;

    /// What a missing field stands for, if it may be missing.
    #[inline]
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// Reads the value of a field whose tag had this `kind`.
    ///
    /// # Errors
    /// The bytes are not such a value.
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// Takes a column of `rows` values from `input`, which had this tag; checks all that does not depend on the
    /// single value.
    ///
    /// # Errors
    /// The bytes are not such a column.
    #[doc(hidden)]
    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError>;

    /// The next value of a column. `input` lends its budget only.
    ///
    /// # Errors
    /// The bytes are not such a value.
    #[doc(hidden)]
    fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// The next `count` values of a column; their memory is paid for.
    ///
    /// # Errors
    /// The bytes are not such values.
    #[doc(hidden)]
    fn next_list(column: &mut Self::Column, count: usize, input: &mut Reader<'a>) -> Result<Vec<Self>, DecodeError> {
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(Self::next(column, input)?);
        }
        Ok(list)
    }

    /// The values that these bytes are, where a value is a byte.
    #[doc(hidden)]
    #[inline]
    fn array_of_bytes<const N: usize>(_bytes: Option<&[u8; N]>) -> Option<[Self; N]> {
        None
    }

    /// Takes the columns of a table of such values, to the end of `input`; `None` if the one column is missing.
    ///
    /// # Errors
    /// The bytes are not such columns.
    #[doc(hidden)]
    fn open_rows(rows: usize, input: &mut Reader<'a>) -> Result<Option<Self::Column>, DecodeError> {
        table::open_single::<Self>(rows, input)
    }
}

/// A message that can be the whole body of a frame. Derived.
pub trait DecodeBody<'a>: Sized {
    /// Reads fields to the end of `input`.
    ///
    /// # Errors
    /// The bytes are not such a message.
    fn decode_body(input: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// A value that borrows nothing from the buffer it was read from.
pub trait DecodeOwned: for<'a> Decode<'a> {}

impl<T: for<'a> Decode<'a>> DecodeOwned for T {}

/// Reads a body whose field 1 is the value, to its end: what replies are (Wire §6). Unknown fields are skipped.
///
/// # Errors
/// The bytes are not such a body.
pub fn decode_value<'a, T: Decode<'a>>(input: &mut Reader<'a>) -> Result<T, DecodeError> {
    let mut value = None;
    while let Some(tag) = input.tag()? {
        match tag.number {
            1 => value = Some(T::decode(tag.kind, input).map_err(|error| error.in_field(1))?),
            _ => input.skip(tag.kind)?,
        }
    }
    value.or_else(T::absent).ok_or_else(|| input.error(DecodeErrorKind::MissingField).in_field(1))
}

/// Passes over the fields of what has none that are known: a method's arguments, a variant.
#[inline]
pub fn skip_fields(input: &mut Reader<'_>) -> Result<(), DecodeError> {
    while let Some(tag) = input.tag()? {
        input.skip(tag.kind)?;
    }
    Ok(())
}

/// The arguments of a method that has none.
impl<'a> DecodeBody<'a> for () {
    fn decode_body(input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        skip_fields(input)
    }
}

impl<'a> Decode<'a> for () {
    type Column = ();

    fn absent() -> Option<Self> {
        Some(())
    }

    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        input.message(kind, Self::decode_body)
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<(), DecodeError> {
        table::open_group(tag.kind, input, |input| {
            while let Some(tag) = table::column_tag(rows, input)? {
                table::skip_column(tag.kind, rows, input)?;
            }
            Ok(())
        })
    }

    fn next(_column: &mut (), _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

/// A cursor over a column of boxed values: on the heap, so that a type that contains itself has one of finite size.
#[doc(hidden)]
pub struct BoxColumn<'a, T: Decode<'a>>(Box<T::Column>);

impl<'a, T: Decode<'a>> fmt::Debug for BoxColumn<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxColumn").finish_non_exhaustive()
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Box<T> {
    type Column = BoxColumn<'a, T>;

    const OPTIONAL: bool = T::OPTIONAL;

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }

    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        input.charge_for::<T>(1)?;
        T::decode(kind, input).map(Self::new)
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        input.charge_for::<T>(rows)?;
        Ok(BoxColumn(Box::new(T::open(tag, rows, input)?)))
    }

    fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        T::next(&mut column.0, input).map(Self::new)
    }

    fn open_rows(rows: usize, input: &mut Reader<'a>) -> Result<Option<Self::Column>, DecodeError> {
        input.charge_for::<T>(rows)?;
        Ok(T::open_rows(rows, input)?.map(|column| BoxColumn(Box::new(column))))
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Option<T> {
    type Column = table::OptColumn<'a, T>;

    const OPTIONAL: bool = true;

    #[inline]
    fn absent() -> Option<Self> {
        Some(None)
    }

    #[inline]
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        T::decode(kind, input).map(Some)
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        table::OptColumn::open(tag, rows, input)
    }

    #[inline]
    fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match column.next_present() {
            Some(values) => T::next(values, input).map(Some),
            None => Ok(None),
        }
    }
}
