//! `Encode`: how a value becomes a field, and many values a column. `decode` mirrors it, item by item.

use super::{Kind, Writer, table};
use crate::Shape;

/// A value that can stand in a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the wire",
    label = "this type has no wire form",
    note = "a struct or an enum gets one by `#[derive(rpc_core::Message)]`, which lists the types that have one"
)]
pub trait Encode {
    /// The kind of the field, if each value takes the same fixed bytes and is always written: such fields come first in
    /// a message.
    const KIND: Option<Kind> = None;

    /// Whether the value is a secret, or holds nothing but one. A message that has a secret among its fields says so in
    /// its shape only: it may contain itself, and a constant can't be computed in circles.
    const SECRET: bool = false;

    /// Whether the value is text, which [`Encode::text`] then is.
    #[doc(hidden)]
    const TEXT: bool = false;

    /// How a list of such values is written.
    #[doc(hidden)]
    const LIST: ListForm = ListForm::Table;

    /// The structure of the type, for dumps and documents.
    fn shape() -> Shape;

    /// Whether the value is left out of a message: `None` and empty collections are.
    #[inline]
    fn is_absent(&self) -> bool {
        false
    }

    /// Appends the value as the field `number`.
    fn encode(&self, number: u16, out: &mut Writer<'_>);

    /// Appends the value as the field `number`; a long string may be kept instead of copied.
    #[doc(hidden)]
    #[inline]
    fn give(self, number: u16, out: &mut Writer<'_>)
    where
        Self: Sized,
    {
        self.encode(number, out);
    }

    /// Fills in the bytes of a value of a fixed [`Encode::KIND`]; `place` is as long as the kind is wide. All of them: it
    /// holds what an earlier message has left there.
    #[doc(hidden)]
    fn put(&self, place: &mut [u8]) {
        place.fill(0);
    }

    /// The text that the value is.
    #[doc(hidden)]
    fn text(&self) -> &str {
        ""
    }

    /// Appends the values that `project` finds in `rows` as one column of a table (Wire §5), cells if nothing else.
    #[doc(hidden)]
    fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
        Self: 'r,
    {
        table::encode_cells(number, rows, project, out);
    }

    /// Appends the columns of a table of such values: one, unless the value is a message.
    #[doc(hidden)]
    fn encode_rows<'r, R, P>(rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
        Self: 'r,
    {
        table::encode_column(1, rows, project, out);
    }

    /// The list as bytes, where a value is a byte.
    #[doc(hidden)]
    fn into_bytes(list: Vec<Self>) -> Result<Vec<u8>, Vec<Self>>
    where
        Self: Sized,
    {
        Err(list)
    }

    /// The very bytes of a list, where a value is a byte.
    #[doc(hidden)]
    fn as_bytes(_list: &[Self]) -> Option<&[u8]>
    where
        Self: Sized,
    {
        None
    }
}

/// How a list of values is written (Wire §4.2).
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// As a table.
    Table,
    /// As a SHORT or LONG field, the elements end to end.
    Packed,
    /// The same; and as a column of bytes.
    Bytes,
}

/// A message that can be the whole body of a frame. Derived.
pub trait EncodeBody {
    /// Appends the fields: those of fixed size first, then the others, each group ascending.
    fn encode_body(&self, out: &mut Writer<'_>);
}

/// Writes a body whose field 1 is `value`: what replies are (Wire §6).
pub fn encode_value<T: Encode + ?Sized>(out: &mut Writer<'_>, value: &T) {
    if !value.is_absent() {
        value.encode(1, out);
    }
}

/// The same of a value that nobody needs any more, so that its long strings need not be copied.
pub fn give_value<T: Encode>(out: &mut Writer<'_>, value: T) {
    if !value.is_absent() {
        value.give(1, out);
    }
}

/// The arguments of a method that has none.
impl EncodeBody for () {
    fn encode_body(&self, _out: &mut Writer<'_>) {}
}

impl<T: EncodeBody + ?Sized> EncodeBody for &T {
    fn encode_body(&self, out: &mut Writer<'_>) {
        (**self).encode_body(out);
    }
}

/// Nothing: the value of a method that has none. Left out of a message; where it must stand, a message without fields.
impl Encode for () {
    fn shape() -> Shape {
        Shape::Message("()", &[])
    }

    fn is_absent(&self) -> bool {
        true
    }

    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        out.message(number, |_| {});
    }

    fn encode_column<'r, R, P>(number: u16, _rows: &'r [R], _project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
    {
        table::encode_group(number, out, |_| {});
    }
}

/// Writes the same as the value that is pointed to.
macro_rules! encode_through {
    ($($pointer:ty),*) => {$(
        impl<T: Encode + ?Sized> Encode for $pointer {
            const KIND: Option<Kind> = T::KIND;
            const SECRET: bool = T::SECRET;
            const TEXT: bool = T::TEXT;
            const LIST: ListForm = T::LIST;

            fn shape() -> Shape {
                T::shape()
            }

            #[inline]
            fn is_absent(&self) -> bool {
                (**self).is_absent()
            }

            #[inline]
            fn encode(&self, number: u16, out: &mut Writer<'_>) {
                (**self).encode(number, out);
            }

            #[inline]
            fn put(&self, place: &mut [u8]) {
                (**self).put(place);
            }

            #[inline(always)]
            fn text(&self) -> &str {
                (**self).text()
            }

            fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
                Self: 'r,
            {
                T::encode_column(number, rows, move |row| &**project(row), out);
            }

            fn encode_rows<'r, R, P>(rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
                Self: 'r,
            {
                T::encode_rows(rows, move |row| &**project(row), out);
            }
        }
    )*};
}

encode_through!(&T, Box<T>);

/// An optional value: as what it wraps, if it is there.
impl<T: Encode> Encode for Option<T> {
    const SECRET: bool = T::SECRET;

    fn shape() -> Shape {
        Shape::Optional(T::shape)
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_none()
    }

    #[inline]
    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        if let Some(value) = self {
            value.encode(number, out);
        }
    }

    #[inline]
    fn give(self, number: u16, out: &mut Writer<'_>) {
        if let Some(value) = self {
            value.give(number, out);
        }
    }

    fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
        Self: 'r,
    {
        table::encode_opt(number, rows, move |row| project(row).as_ref(), out);
    }
}
