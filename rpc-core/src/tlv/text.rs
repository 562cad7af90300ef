//! Strings of text: UTF-8, SHORT or LONG.

use std::borrow::Cow;

use super::{
    Decode, DecodeError, DecodeErrorKind, Encode, Kind, Reader, Tag, Writer,
    few::copy,
    table::{TextColumn, encode_lengths},
};
use crate::Shape;

impl Encode for str {
    const TEXT: bool = true;

    fn shape() -> Shape {
        Shape::Value("str")
    }

    #[inline(always)]
    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        out.bytes_field(number, self.as_bytes());
    }

    #[inline(always)]
    fn text(&self) -> &str {
        self
    }

    fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
    {
        let put = |row, place: &mut [u8]| copy(place, project(row).as_bytes());
        encode_lengths(number, rows, out, |row| project(row).len(), put);
    }
}

/// Writes the same as the text that it holds.
macro_rules! encode_text {
    ($($type:ty { $($give:item)? })*) => {$(
        impl Encode for $type {
            const TEXT: bool = true;

            fn shape() -> Shape {
                str::shape()
            }

            #[inline(always)]
            fn encode(&self, number: u16, out: &mut Writer<'_>) {
                str::encode(self, number, out);
            }

            #[inline(always)]
            fn text(&self) -> &str {
                self
            }

            $($give)?

            fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
                Self: 'r,
            {
                str::encode_column(number, rows, move |row| &**project(row), out);
            }
        }
    )*};
}

encode_text! {
    String {
        #[inline]
        fn give(self, number: u16, out: &mut Writer<'_>) {
            out.give_field(number, self.into_bytes());
        }
    }
    Cow<'_, str> {}
}

impl<'a> Decode<'a> for &'a str {
    type Column = TextColumn<'a>;

    #[inline]
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = input.bytes_run(kind)?;
        input.check_text(bytes.rest().len())?;
        str::from_utf8(bytes.rest()).map_err(|_| bytes.error(DecodeErrorKind::NotUtf8))
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        TextColumn::open(tag.kind, rows, input)
    }

    #[inline(always)]
    fn next(column: &mut Self::Column, _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        column.next()
    }
}

impl<'a> Decode<'a> for String {
    type Column = TextColumn<'a>;

    #[inline]
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let text = <&str>::decode(kind, input)?;
        input.charge(text.len())?;
        Ok(Self::from(text))
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        let column = TextColumn::open(tag.kind, rows, input)?;
        input.charge(column.bytes())?;
        Ok(column)
    }

    #[inline(always)]
    fn next(column: &mut Self::Column, _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        column.next().map(Self::from)
    }
}

impl<'a> Decode<'a> for Cow<'a, str> {
    type Column = TextColumn<'a>;

    #[inline]
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        <&str>::decode(kind, input).map(Cow::Borrowed)
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        TextColumn::open(tag.kind, rows, input)
    }

    #[inline(always)]
    fn next(column: &mut Self::Column, _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        column.next().map(Cow::Borrowed)
    }
}
