//! Tuples: messages whose fields are numbered 1, 2, …

use super::{Decode, DecodeError, Encode, Kind, Reader, Tag, Writer, message, table};
use crate::{Field, Shape};

macro_rules! tuple {
    ($($type:ident $index:tt $number:literal $name:literal),*) => {
        impl<$($type: Encode),*> Encode for ($($type,)*) {
            fn shape() -> Shape {
                struct Fields<T>(T);
                impl<$($type: Encode),*> Fields<($($type,)*)> {
                    const FIELDS: &'static [Field] =
                        &[$(Field { number: $number, name: $name, shape: $type::shape }),*];
                }
                Shape::Message("tuple", <Fields<Self>>::FIELDS)
            }

            fn encode(&self, number: u16, out: &mut Writer<'_>) {
                out.message(number, |out| {
                    $(message::encode_fixed(out, $number, &self.$index);)*
                    $(message::encode_sized(out, $number, &self.$index);)*
                });
            }

            fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
                Self: 'r,
            {
                table::encode_group(number, out, |out| Self::encode_rows(rows, project, out));
            }

            fn encode_rows<'r, R, P>(rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
                Self: 'r,
            {
                for pass in message::Pass::BOTH {
                    $(pass.column($number, rows, move |row| &project(row).$index, out);)*
                }
            }
        }

        impl<'a, $($type: Decode<'a>),*> Decode<'a> for ($($type,)*) {
            type Column = ($(Option<$type::Column>,)*);

            fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
                input.message(kind, |input| {
                    let mut fields: ($(Option<$type>,)*) = ($(None::<$type>,)*);
                    $(message::guess_fixed($number, &mut fields.$index, input)?;)*
                    $(message::guess_sized($number, &mut fields.$index, input)?;)*
                    while let Some(tag) = input.tag()? {
                        match tag.number {
                            $($number => fields.$index = Some(message::decode_field(tag, input)?),)*
                            _ => input.skip(tag.kind)?,
                        }
                    }
                    Ok(($(message::required(fields.$index, $number, input)?,)*))
                })
            }

            fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
                message::open_group::<Self>(tag, rows, input)
            }

            fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
                Ok(($(message::next_required(&mut column.$index, $number, input)?,)*))
            }

            fn open_rows(rows: usize, input: &mut Reader<'a>) -> Result<Option<Self::Column>, DecodeError> {
                let mut columns: Self::Column = ($(None::<$type::Column>,)*);
                while let Some(tag) = message::column_tag(rows, input)? {
                    match tag.number {
                        $($number => columns.$index = Some(message::open_column::<$type>(tag, rows, input)?),)*
                        _ => message::skip_column(tag, rows, input)?,
                    }
                }
                Ok(Some(columns))
            }
        }
    };
}

tuple!(A 0 1 "0");
tuple!(A 0 1 "0", B 1 2 "1");
tuple!(A 0 1 "0", B 1 2 "1", C 2 3 "2");
tuple!(A 0 1 "0", B 1 2 "1", C 2 3 "2", D 3 4 "3");
tuple!(A 0 1 "0", B 1 2 "1", C 2 3 "2", D 3 4 "3", E 4 5 "4");
tuple!(A 0 1 "0", B 1 2 "1", C 2 3 "2", D 3 4 "3", E 4 5 "4", F 5 6 "5");

/// An entry of a map, as a row that borrows its key and its value.
pub(super) struct Pair<'r, K, V>(pub(super) &'r K, pub(super) &'r V);

impl<K: Encode, V: Encode> Encode for Pair<'_, K, V> {
    fn shape() -> Shape {
        <(K, V)>::shape()
    }

    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        (self.0, self.1).encode(number, out);
    }

    fn encode_rows<'r, R, P>(rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
        Self: 'r,
    {
        for pass in message::Pass::BOTH {
            pass.column(1, rows, move |row| project(row).0, out);
            pass.column(2, rows, move |row| project(row).1, out);
        }
    }
}
