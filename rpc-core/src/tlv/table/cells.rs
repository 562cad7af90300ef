//! Columns of anything else: lengths, then each value as the fields of a message whose field 1 is the value.

use crate::tlv::{DecodeError, DecodeErrorKind, Encode, ExtKind, Reader, Run, Tag, Writer, encode_value};

use super::Lengths;

pub(in crate::tlv) fn encode_cells<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + ?Sized + 'r,
    P: Fn(&'r R) -> &'r T + Copy,
{
    out.ext(number, ExtKind::Cells, |out| {
        let lengths = out.begin_many(rows.len());
        for (length, row) in lengths.zip(rows) {
            let before = out.written();
            encode_value(out, project(row));
            out.patch(length, out.written().saturating_sub(before));
        }
    });
}

/// A cursor over a column of cells.
#[derive(Debug)]
pub(in crate::tlv) struct Cells<'a> {
    lengths: Lengths<'a>,
    cells: Run<'a>,
}

impl<'a> Cells<'a> {
    pub(in crate::tlv) fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let column = input.ext_run(tag.kind, ExtKind::Cells)?;
        input.within(column, |input| {
            let (lengths, sum) = Lengths::take_wide(rows, input)?;
            let cells = input.run().cut(sum)?;
            if !input.run().is_empty() {
                return Err(input.error(DecodeErrorKind::WrongLength));
            }
            Ok(Self { lengths, cells })
        })
    }

    /// The bytes of the next cell.
    pub(in crate::tlv) fn next(&mut self) -> Result<Run<'a>, DecodeError> {
        let length = self.lengths.next()?;
        self.cells.cut(length)
    }
}
