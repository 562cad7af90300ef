//! Columns of values that take the same fixed bytes each, packed.

use crate::tlv::{DecodeError, DecodeErrorKind, Encode, Kind, Reader, Run, Writer};

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
    let places = out.place(rows.len().saturating_mul(width));
    for (place, row) in places.chunks_exact_mut(width).zip(rows) {
        project(row).put(place);
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
