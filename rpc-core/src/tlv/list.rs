//! Lists, byte strings and arrays. Numbers and bytes stand end to end in one field; anything else is a table.

use std::fmt;

use super::{
    Decode, DecodeError, DecodeErrorKind, Encode, Kind, ListForm, Reader, Run, Tag, Writer,
    few::copy,
    table::{self, Lengths, Rows},
};
use crate::Shape;

impl<T: Encode> Encode for [T] {
    const SECRET: bool = T::SECRET;

    fn shape() -> Shape {
        if T::SECRET {
            return Shape::Secret;
        }
        match T::LIST {
            ListForm::Bytes => Shape::Value("bytes"),
            ListForm::Packed | ListForm::Table => Shape::List(T::shape),
        }
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    #[inline]
    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        match (T::as_bytes(self), T::LIST) {
            (Some(bytes), _) => out.bytes_field(number, bytes),
            (None, ListForm::Table) => table::encode_table::<T, _, _>(number, self, |item| item, out),
            (None, ListForm::Packed | ListForm::Bytes) => {
                let bytes = self.len().saturating_mul(width::<T>());
                if let Ok(short) = u8::try_from(bytes) {
                    out.tag(number, Kind::Short);
                    out.bytes(&[short]);
                } else {
                    out.tag(number, Kind::Long);
                    out.length(bytes);
                }
                put_list(self, out);
            }
        }
    }

    fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
    where
        P: Fn(&'r R) -> &'r Self + Copy,
        Self: 'r,
    {
        if T::LIST == ListForm::Bytes {
            let put = |row, place: &mut [u8]| put_bytes(project(row), place);
            return table::encode_lengths(number, rows, out, |row| project(row).len(), put);
        }
        let items = || rows.iter().map(move |row| project(row).len());
        let mut gathered = Vec::with_capacity(items().fold(0, usize::saturating_add));
        for row in rows {
            gathered.extend(project(row));
        }
        table::encode_inner::<T, _, _>(number, items(), &gathered, table::pointee, out);
    }
}

/// Appends a list's elements end to end.
fn put_list<T: Encode>(list: &[T], out: &mut Writer<'_>) {
    match T::as_bytes(list) {
        Some(bytes) => out.bytes(bytes),
        None => table::put_all::<T, _, _>(list, |item| item, out),
    }
}

/// Puts the elements of a list, which take a byte each, in as many places.
#[inline(always)]
fn put_bytes<T: Encode>(list: &[T], place: &mut [u8]) {
    match T::as_bytes(list) {
        Some(bytes) => copy(place, bytes),
        None => put_each(list, place),
    }
}

/// The same, one by one: a wrapper around a byte has no slice of bytes to copy.
#[inline(always)]
fn put_each<T: Encode>(list: &[T], place: &mut [u8]) {
    for (place, item) in place.iter_mut().zip(list) {
        item.put(std::slice::from_mut(place));
    }
}

/// Bytes of one element of a packed list.
fn width<T: Encode>() -> usize {
    T::KIND.and_then(Kind::width).unwrap_or(0)
}

/// Writes the same as the slice.
macro_rules! encode_slice {
    () => {
        #[inline]
        fn is_absent(&self) -> bool {
            self.is_empty()
        }

        fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
        where
            P: Fn(&'r R) -> &'r Self + Copy,
            Self: 'r,
        {
            if Self::KIND.is_some() {
                return table::encode_fixed(number, rows, project, out);
            }
            <[T]>::encode_column(number, rows, move |row| project(row).as_slice(), out);
        }
    };
}

impl<T: Encode> Encode for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn shape() -> Shape {
        <[T]>::shape()
    }

    #[inline]
    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        <[T]>::encode(self, number, out);
    }

    #[inline]
    fn give(self, number: u16, out: &mut Writer<'_>) {
        match T::into_bytes(self) {
            Ok(bytes) => out.give_field(number, bytes),
            Err(list) => list.encode(number, out),
        }
    }

    encode_slice!();
}

/// `[u8; N]` is the bytes, with a fixed kind where there is one of that width; any other array is a list.
impl<T: Encode, const N: usize> Encode for [T; N] {
    const KIND: Option<Kind> = match T::LIST {
        ListForm::Bytes => Kind::of_width(N),
        ListForm::Packed | ListForm::Table => None,
    };
    const SECRET: bool = T::SECRET;

    fn shape() -> Shape {
        <[T]>::shape()
    }

    #[inline]
    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        match Self::KIND {
            Some(kind) => {
                out.tag(number, kind);
                put_list(self, out);
            }
            None => <[T]>::encode(self, number, out),
        }
    }

    #[inline]
    fn put(&self, place: &mut [u8]) {
        put_each(self, place);
    }

    encode_slice!();
}

/// A cursor over a column of lists: how long each is, and the rows of all of them end to end.
#[doc(hidden)]
pub struct ListColumn<'a, T: Decode<'a>> {
    lengths: Lengths<'a>,
    // On the heap, so that a type that contains a list of itself has a column of finite size.
    rows: Box<Rows<'a, T>>,
}

impl<'a, T: Decode<'a>> fmt::Debug for ListColumn<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListColumn").field("lengths", &self.lengths).finish_non_exhaustive()
    }
}

impl<'a, T: Decode<'a>> ListColumn<'a, T> {
    pub(super) fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if T::LIST == ListForm::Bytes {
            let (lengths, bytes) = Lengths::take_column(tag.kind, rows, input)?;
            let items = bytes.rest().len();
            let rows = input.within(bytes, |input| Rows::open_packed(items, input))?;
            return Ok(Self { lengths, rows: Box::new(rows) });
        }
        if tag.kind != Kind::Table {
            return Err(input.error(DecodeErrorKind::WrongKind));
        }
        let bytes = input.length()?;
        let column = input.run().cut(bytes)?;
        input.within(column, |input| {
            let (lengths, items) = Lengths::take_wide(rows, input)?;
            Ok(Self { lengths, rows: Box::new(Rows::open(items, input)?) })
        })
    }

    /// How many items the next list has, for [`ListColumn::rows`] to give.
    pub(super) fn next_length(&mut self) -> Result<usize, DecodeError> {
        self.lengths.next()
    }

    pub(super) fn rows(&mut self) -> &mut Rows<'a, T> {
        &mut self.rows
    }

    pub(super) fn next_list(&mut self, input: &mut Reader<'a>) -> Result<Vec<T>, DecodeError> {
        let items = self.lengths.next()?;
        self.rows.next_list(items, input)
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    type Column = ListColumn<'a, T>;

    #[inline]
    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if T::LIST == ListForm::Table {
            return table::decode_table(kind, input, |mut rows, count, input| rows.next_list(count, input));
        }
        let bytes = input.bytes_run(kind)?;
        let length = bytes.rest().len();
        let items = length.checked_div(width::<T>()).unwrap_or(0);
        if items.saturating_mul(width::<T>()) != length {
            return Err(bytes.error(DecodeErrorKind::WrongLength));
        }
        input.within(bytes, |input| Rows::open_packed(items, input)?.next_list(items, input))
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        ListColumn::open(tag, rows, input)
    }

    #[inline]
    fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        column.next_list(input)
    }
}

/// A cursor over a column of arrays.
#[doc(hidden)]
pub enum ArrayColumn<'a, T: Decode<'a>> {
    /// Bytes, of a width that has a kind of its own.
    Fixed(Run<'a>),
    /// Lists, each of which must have the right length.
    Lists(ListColumn<'a, T>),
}

impl<'a, T: Decode<'a>> fmt::Debug for ArrayColumn<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(run) => run.fmt(f),
            Self::Lists(lists) => lists.fmt(f),
        }
    }
}

impl<'a, T: Decode<'a>, const N: usize> Decode<'a> for [T; N] {
    type Column = ArrayColumn<'a, T>;

    fn absent() -> Option<Self> {
        // Some, only if N is 0: an empty array is an empty list.
        Self::try_from(Vec::new()).ok()
    }

    #[inline]
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if Self::KIND.is_none() {
            return exactly(Vec::decode(kind, input)?, input);
        }
        if Self::KIND != Some(kind) {
            return Err(input.error(DecodeErrorKind::WrongKind));
        }
        next_array(input.run().cut(N)?, input)
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        if Self::KIND.is_none() {
            return ListColumn::open(tag, rows, input).map(ArrayColumn::Lists);
        }
        if Self::KIND != Some(tag.kind) {
            return Err(input.error(DecodeErrorKind::WrongKind));
        }
        input.run().cut(rows.saturating_mul(N)).map(ArrayColumn::Fixed)
    }

    fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let run = match column {
            ArrayColumn::Fixed(run) => run,
            ArrayColumn::Lists(lists) => return exactly(lists.next_list(input)?, input),
        };
        next_array(run.cut(N)?, input)
    }
}

/// The array that `bytes` are, which are as many as its kind is wide.
#[inline]
fn next_array<'a, T: Decode<'a>, const N: usize>(
    bytes: Run<'a>,
    input: &mut Reader<'a>,
) -> Result<[T; N], DecodeError> {
    match T::array_of_bytes(bytes.rest().first_chunk()) {
        Some(array) => Ok(array),
        None => input.within(bytes, |input| exactly(Rows::open_packed(N, input)?.next_list(N, input)?, input)),
    }
}

fn exactly<T, const N: usize>(list: Vec<T>, input: &Reader<'_>) -> Result<[T; N], DecodeError> {
    list.try_into().map_err(|_| input.error(DecodeErrorKind::WrongLength))
}

/// Bytes that are read where they stand.
impl<'a> Decode<'a> for &'a [u8] {
    type Column = (Lengths<'a>, Run<'a>);

    fn absent() -> Option<Self> {
        Some(&[])
    }

    #[inline]
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        input.bytes(kind)
    }

    fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
        Lengths::take_column(tag.kind, rows, input)
    }

    #[inline]
    fn next(column: &mut Self::Column, _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let (lengths, bytes) = column;
        bytes.take(lengths.next()?)
    }
}
