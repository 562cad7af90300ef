//! Tables (Wire §5): a repeated message as one tagged column per field, so that tags are paid once for all rows.
//!
//! ```text
//! +-----+----------+--------+-----+-------------------+-----+-------------------+ ...
//! | tag | u32 bytes| u32 n  | tag | n values, packed  | tag | lengths and bytes | ...
//! +-----+----------+--------+-----+-------------------+-----+-------------------+ ...
//! ```
//!
//! Encoding writes column after column straight from the rows, through a function from row to field. Decoding opens a
//! cursor on every column, with all lengths checked, and then builds row after row by taking the next value of each: no
//! column is ever a vector of its own.

mod cells;
mod fixed;
mod lengths;
mod opt;
mod walk;

pub(super) use cells::Cells;
pub(super) use cells::encode_cells;
pub(super) use fixed::{encode_fixed, put_all};
pub(super) use lengths::encode_lengths;
pub(super) use opt::encode_opt;
pub use walk::encode_walked;

pub(super) use fixed::FixedColumn;
pub(super) use lengths::{Lengths, TextColumn};
pub(super) use opt::OptColumn;

use super::{Decode, DecodeError, DecodeErrorKind, Encode, ExtKind, Kind, Reader, Tag, Writer};

/// Appends a table as the field `number`.
pub(super) fn encode_table<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    out.tag(number, Kind::Table);
    let length = out.begin();
    out.length(rows.len());
    encode_columns(rows, project, out);
    out.end(length);
}

/// Appends lists as one column: how long each is, then the columns of the table of all their items.
pub(super) fn encode_inner<'r, T, R, P>(
    number: u16,
    lengths: impl ExactSizeIterator<Item = usize>,
    items: &'r [R],
    project: P,
    out: &mut Writer<'_>,
) where
    T: Encode + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    out.tag(number, Kind::Table);
    let bytes = out.begin();
    lengths::put_wide(lengths, out);
    encode_columns(items, project, out);
    out.end(bytes);
}

/// Appends the columns of a table, and what it takes for every row to cost a byte.
pub(super) fn encode_columns<'r, T, R, P>(rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    let before = out.written();
    T::encode_rows(rows, project, out);
    if out.written().saturating_sub(before) < rows.len() {
        out.bytes(&[PADDING]);
        out.place(rows.len()).fill(0);
    }
}

/// Appends the column `number`, unless every row would leave the value out.
pub(super) fn encode_column<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + ?Sized + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    if !rows.iter().all(|row| project(row).is_absent()) {
        T::encode_column(number, rows, project, out);
    }
}

/// Appends the columns of messages as one column of the table that they stand in.
pub(super) fn encode_group(number: u16, out: &mut Writer<'_>, columns: impl FnOnce(&mut Writer<'_>)) {
    out.ext(number, ExtKind::Group, columns);
}

/// From a row that is a reference to the value itself. Columns of gathered references end in this one function, so that
/// a type that contains itself needs finitely many kinds of projections.
pub(super) const fn pointee<'r, T: ?Sized>(row: &'r &T) -> &'r T {
    row
}

/// The rows of an open table.
#[doc(hidden)]
pub(super) struct Rows<'a, T: Decode<'a>> {
    /// `None` where the one column of a table of plain values is missing.
    column: Option<T::Column>,
}

impl<'a, T: Decode<'a>> Rows<'a, T> {
    /// Opens the columns that `input` holds to its end, and pays for the rows.
    pub(super) fn open(rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        // Invariant: no count is believed before the bytes that every row must cost are seen.
        if rows > input.run().rest().len() {
            return Err(input.error(DecodeErrorKind::TooManyRows));
        }
        input.charge_for::<T>(rows)?;
        Ok(Self { column: T::open_rows(rows, input)? })
    }

    /// Opens packed values, which `input` holds to its end, as if they were a column; and pays for them.
    pub(super) fn open_packed(rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let Some(kind) = T::KIND else { return Err(input.error(DecodeErrorKind::WrongKind)) };
        input.charge_for::<T>(rows)?;
        Ok(Self { column: Some(T::open(Tag { number: 1, kind }, rows, input)?) })
    }

    #[inline]
    pub(super) fn next(&mut self, input: &mut Reader<'a>) -> Result<T, DecodeError> {
        match &mut self.column {
            Some(column) => T::next(column, input),
            None => T::absent().ok_or_else(|| input.error(DecodeErrorKind::MissingField)),
        }
    }

    pub(super) fn next_list(&mut self, count: usize, input: &mut Reader<'a>) -> Result<Vec<T>, DecodeError> {
        match &mut self.column {
            Some(column) => T::next_list(column, count, input),
            None => (0..count).map(|_| self.next(input)).collect(),
        }
    }
}

/// Reads a TABLE field: the count of its rows, then what `decode` makes of its columns.
pub(super) fn decode_table<'a, T: Decode<'a>, V>(
    kind: Kind,
    input: &mut Reader<'a>,
    decode: impl FnOnce(Rows<'a, T>, usize, &mut Reader<'a>) -> Result<V, DecodeError>,
) -> Result<V, DecodeError> {
    if kind != Kind::Table {
        return Err(input.error(DecodeErrorKind::WrongKind));
    }
    let bytes = input.length()?;
    let table = input.run().cut(bytes)?;
    input.within(table, |input| {
        let rows = input.length()?;
        decode(Rows::open(rows, input)?, rows, input)
    })
}

/// Opens a known column. A value that must be there is also read from a column of optional ones, if all are there: so a
/// field may become optional or stop being it, in tables as in messages.
pub(super) fn open_column<'a, T: Decode<'a>>(
    tag: Tag,
    rows: usize,
    input: &mut Reader<'a>,
) -> Result<T::Column, DecodeError> {
    if !T::OPTIONAL && OptColumn::<T>::is_next(tag.kind, input) {
        return OptColumn::<T>::open(tag, rows, input)?
            .into_complete()
            .ok_or_else(|| input.error(DecodeErrorKind::MissingField));
    }
    T::open(tag, rows, input)
}

/// Opens the columns of a table of values that are no messages: one, with the number 1.
pub(super) fn open_single<'a, T: Decode<'a>>(
    rows: usize,
    input: &mut Reader<'a>,
) -> Result<Option<T::Column>, DecodeError> {
    let mut column = None;
    while let Some(tag) = column_tag(rows, input)? {
        match tag.number {
            1 => column = Some(open_column::<T>(tag, rows, input)?),
            _ => skip_column(tag.kind, rows, input)?,
        }
    }
    Ok(column)
}

/// Opens a column of messages.
pub(super) fn open_group<'a, C>(
    kind: Kind,
    input: &mut Reader<'a>,
    open: impl FnOnce(&mut Reader<'a>) -> Result<C, DecodeError>,
) -> Result<C, DecodeError> {
    let group = input.ext_run(kind, ExtKind::Group)?;
    input.within(group, open)
}

/// The next column's tag; a padding column is passed over.
pub(super) fn column_tag(rows: usize, input: &mut Reader<'_>) -> Result<Option<Tag>, DecodeError> {
    while input.run().rest().first() == Some(&PADDING) {
        input.count_unknown()?;
        input.take(1)?;
        input.take(rows)?;
    }
    input.tag()
}

/// Skips a column whose number is unknown, by its kind and the count of rows alone.
pub(super) fn skip_column(kind: Kind, rows: usize, input: &mut Reader<'_>) -> Result<(), DecodeError> {
    let row_bytes = match kind {
        Kind::F1 | Kind::Short => 1,
        Kind::F4 | Kind::Long => 4,
        Kind::F8 => 8,
        Kind::F16 => 16,
        Kind::Table | Kind::Ext => return input.skip(kind),
    };
    input.count_unknown()?;
    let text_bytes = if matches!(kind, Kind::Short | Kind::Long) { input.length()? } else { 0 };
    input.take(rows.saturating_mul(row_bytes))?;
    input.take(text_bytes).map(drop)
}

/// The tag byte of the column that only fills a table up: number 0.
const PADDING: u8 = 0;
