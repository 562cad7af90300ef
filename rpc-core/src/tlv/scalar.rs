//! Numbers and `bool`: fixed bytes from the Rust type, little-endian. A reader widens a narrower kind of the same
//! signedness, so a field may grow from `u32` to `u64` (Wire §4.2).

use super::{
    Decode, DecodeError, DecodeErrorKind, Encode, Kind, ListForm, Reader, Run, Tag, Writer,
    table::{FixedColumn, encode_fixed},
};
use crate::Shape;

/// What a type of number says of itself; the rest is the same for all.
trait Scalar: Copy {
    const WIDTH: Kind;
    /// The narrowest kind that a reader widens.
    const NARROWEST: Kind;
    const FORM: ListForm;
    const NAME: &'static str;

    fn write(self, place: &mut [u8]);

    /// Reads a value of one of the kinds between the narrowest and its own.
    fn read(kind: Kind, run: &mut Run<'_>) -> Result<Self, DecodeError>;

    /// The same, of a kind that is narrower than its own: rare, since it takes a peer of another version.
    fn widen(_kind: Kind, run: &mut Run<'_>) -> Result<Self, DecodeError> {
        Err(run.error(DecodeErrorKind::WrongKind))
    }

    fn read_list(kind: Kind, count: usize, run: &mut Run<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(Self::read(kind, run)?);
        }
        Ok(list)
    }
}

const fn accepts<T: Scalar>(kind: Kind) -> bool {
    kind as u8 >= T::NARROWEST as u8 && kind as u8 <= T::WIDTH as u8
}

macro_rules! scalar {
    ($($type:ident),*) => {$(
        impl Encode for $type {
            const KIND: Option<Kind> = Some(<$type as Scalar>::WIDTH);
            const LIST: ListForm = <$type as Scalar>::FORM;

            fn shape() -> Shape {
                Shape::Value(<$type as Scalar>::NAME)
            }

            #[inline]
            fn encode(&self, number: u16, out: &mut Writer<'_>) {
                const WIDTH: usize = match <$type as Scalar>::WIDTH.width() { Some(width) => width, None => 0 };
                out.tag(number, <$type as Scalar>::WIDTH);
                let mut place = [0; WIDTH];
                self.write(&mut place);
                out.array(&place);
            }

            #[inline]
            fn put(&self, place: &mut [u8]) {
                self.write(place);
            }

            #[inline]
            fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
            {
                encode_fixed(number, rows, project, out);
            }

            #[inline]
            fn into_bytes(list: Vec<Self>) -> Result<Vec<u8>, Vec<Self>> {
                scalar!(@into_bytes $type list)
            }

            #[inline]
            fn as_bytes(list: &[Self]) -> Option<&[u8]> {
                scalar!(@bytes $type list)
            }
        }

        impl<'a> Decode<'a> for $type {
            type Column = FixedColumn<'a>;

            #[inline]
            fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
                if !accepts::<Self>(kind) {
                    return Err(input.error(DecodeErrorKind::WrongKind));
                }
                Self::read(kind, input.run())
            }

            fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<FixedColumn<'a>, DecodeError> {
                if !accepts::<Self>(tag.kind) {
                    return Err(input.error(DecodeErrorKind::WrongKind));
                }
                FixedColumn::open(tag.kind, rows, input)
            }

            #[inline(always)]
            fn next(column: &mut FixedColumn<'a>, _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
                Self::read(column.kind, &mut column.run)
            }

            fn next_list(
                column: &mut FixedColumn<'a>,
                count: usize,
                _input: &mut Reader<'a>,
            ) -> Result<Vec<Self>, DecodeError> {
                Self::read_list(column.kind, count, &mut column.run)
            }

            #[inline]
            fn array_of_bytes<const N: usize>(bytes: Option<&[u8; N]>) -> Option<[Self; N]> {
                scalar!(@array $type bytes)
            }
        }
    )*};
    (@array u8 $bytes:ident) => { $bytes.copied() };
    (@array $type:ident $bytes:ident) => {{ let _ = $bytes; None }};
    (@into_bytes u8 $list:ident) => { Ok($list) };
    (@into_bytes $type:ident $list:ident) => { Err($list) };
    (@bytes u8 $list:ident) => { Some($list) };
    (@bytes $type:ident $list:ident) => {{ let _ = $list; None }};
}

scalar!(bool, u8, i8, u16, i16, u32, i32, u64, i64, u128, i128, f32, f64);

/// A number whose bytes on the wire are those of the type; `$narrow` are the kinds and types that widen to it.
macro_rules! exact {
    ($($type:ident $kind:ident $form:ident ($($narrow:ident $from:ident),*);)*) => {$(
        impl Scalar for $type {
            const WIDTH: Kind = Kind::$kind;
            const NARROWEST: Kind = exact!(@first $($narrow,)* $kind);
            const FORM: ListForm = ListForm::$form;
            const NAME: &'static str = stringify!($type);

            #[inline]
            fn write(self, place: &mut [u8]) {
                if let Some(place) = place.first_chunk_mut() {
                    *place = self.to_le_bytes();
                }
            }

            #[inline(always)]
            fn read(kind: Kind, run: &mut Run<'_>) -> Result<Self, DecodeError> {
                if kind == Self::WIDTH { run.array().map(Self::from_le_bytes) } else { Self::widen(kind, run) }
            }

            #[cold]
            fn widen(kind: Kind, run: &mut Run<'_>) -> Result<Self, DecodeError> {
                exact!(@widen kind run $($narrow $from)*)
            }

            fn read_list(kind: Kind, count: usize, run: &mut Run<'_>) -> Result<Vec<Self>, DecodeError> {
                if kind != Self::WIDTH {
                    return (0..count).map(|_| Self::read(kind, run)).collect();
                }
                let bytes = run.take(count.saturating_mul(size_of::<Self>()))?;
                let (values, _) = bytes.as_chunks();
                Ok(values.iter().map(|value| Self::from_le_bytes(*value)).collect())
            }
        }
    )*};
    (@widen $kind:ident $run:ident $($narrow:ident $from:ident)*) => {
        match $kind {
            $(Kind::$narrow => $run.array().map(|bytes| Self::from($from::from_le_bytes(bytes))),)*
            _ => Err($run.error(DecodeErrorKind::WrongKind)),
        }
    };
    (@first $first:ident, $($rest:ident),*) => { Kind::$first };
    (@first $only:ident) => { Kind::$only };
}

exact! {
    u8   F1  Bytes  ();
    i8   F1  Packed ();
    u32  F4  Packed (F1 u8);
    i32  F4  Packed (F1 i8);
    u64  F8  Packed (F1 u8, F4 u32);
    i64  F8  Packed (F1 i8, F4 i32);
    u128 F16 Packed (F1 u8, F4 u32, F8 u64);
    i128 F16 Packed (F1 i8, F4 i32, F8 i64);
    f32  F4  Packed ();
    f64  F8  Packed (F4 f32);
}

/// A 16-bit integer, which crosses as a 32-bit one.
macro_rules! in_four_bytes {
    ($($type:ident as $wire:ident;)*) => {$(
        impl Scalar for $type {
            const WIDTH: Kind = Kind::F4;
            const NARROWEST: Kind = Kind::F1;
            const FORM: ListForm = ListForm::Packed;
            const NAME: &'static str = stringify!($type);

            #[inline]
            fn write(self, place: &mut [u8]) {
                $wire::from(self).write(place);
            }

            #[inline(always)]
            fn read(kind: Kind, run: &mut Run<'_>) -> Result<Self, DecodeError> {
                let at = *run;
                let value = $wire::read(kind, run)?;
                Self::try_from(value).map_err(|_| at.error(DecodeErrorKind::OutOfRange))
            }
        }
    )*};
}

in_four_bytes! {
    u16 as u32;
    i16 as i32;
}

impl Scalar for bool {
    const WIDTH: Kind = Kind::F1;
    const NARROWEST: Kind = Kind::F1;
    const FORM: ListForm = ListForm::Packed;
    const NAME: &'static str = "bool";

    #[inline]
    fn write(self, place: &mut [u8]) {
        u8::from(self).write(place);
    }

    #[inline]
    fn read(_kind: Kind, run: &mut Run<'_>) -> Result<Self, DecodeError> {
        let at = *run;
        match run.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(at.error(DecodeErrorKind::OutOfRange)),
        }
    }
}
