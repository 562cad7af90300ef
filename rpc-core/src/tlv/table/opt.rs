//! Columns of optional values: a bitmap, then one column of the values that are there.

use std::fmt;

use crate::tlv::{Decode, DecodeError, DecodeErrorKind, Encode, ExtKind, Kind, Reader, Tag, Writer};

use super::pointee;

pub(in crate::tlv) fn encode_opt<'r, T, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
where
    T: Encode + 'r,
    P: Fn(&'r R) -> Option<&'r T> + Copy,
{
    out.ext(number, ExtKind::Opt, |out| {
        let bitmap = out.place(rows.len().div_ceil(8));
        bitmap.fill(0);
        for (byte, rows) in bitmap.iter_mut().zip(rows.chunks(8)) {
            for (mask, row) in BITS.iter().zip(rows) {
                *byte |= if project(row).is_some() { *mask } else { 0 };
            }
        }
        let present: Vec<&T> = rows.iter().filter_map(project).collect();
        if !present.is_empty() {
            T::encode_column(number, &present, pointee, out);
        }
    });
}

/// A cursor over a column of optional values, around that of the values which are there.
///
/// It names the type of the values, not of their cursor: a type that contains itself has no other finite name for it.
#[doc(hidden)]
pub struct OptColumn<'a, T: Decode<'a>> {
    /// Which values are there; `None` if all are.
    bitmap: Option<Bitmap<'a>>,
    present: Option<T::Column>,
}

#[derive(Debug)]
struct Bitmap<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl<'a, T: Decode<'a>> OptColumn<'a, T> {
    /// Whether the column whose tag was just read is one of optional values.
    pub(super) fn is_next(kind: Kind, input: &mut Reader<'a>) -> bool {
        kind == Kind::Ext && input.run().rest().first() == Some(&(ExtKind::Opt as u8))
    }

    /// Opens a column of optional values; or one of plain values, which are then all there.
    pub(in crate::tlv) fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        if !Self::is_next(tag.kind, input) {
            return Ok(Self { bitmap: None, present: Some(T::open(tag, rows, input)?) });
        }
        let column = input.ext_run(tag.kind, ExtKind::Opt)?;
        input.within(column, |input| {
            let bytes = input.take(rows.div_ceil(8))?;
            let count: usize = bytes.iter().map(|byte| usize::try_from(byte.count_ones()).unwrap_or(8)).sum();
            let used = BITS.iter().take(rows % 8).fold(0, |used, bit| used | bit);
            if !rows.is_multiple_of(8) && bytes.last().is_some_and(|last| last & !used != 0) {
                return Err(input.error(DecodeErrorKind::OutOfRange));
            }
            let present = match input.tag()? {
                Some(inner) if inner.number == tag.number => Some(T::open(inner, count, input)?),
                None if count == 0 => None,
                _ => return Err(input.error(DecodeErrorKind::MissingField)),
            };
            Ok(Self { bitmap: (count < rows).then_some(Bitmap { bytes, next: 0 }), present })
        })
    }

    /// The cursor over the values, if all of them are there.
    pub(super) fn into_complete(self) -> Option<T::Column> {
        if self.bitmap.is_some() { None } else { self.present }
    }

    /// Moves to the next row: the cursor at its value, if it has one.
    #[inline]
    pub(in crate::tlv) fn next_present(&mut self) -> Option<&mut T::Column> {
        if let Some(bitmap) = &mut self.bitmap {
            let byte = bitmap.bytes.get(bitmap.next / 8)?;
            let bit = BITS.get(bitmap.next % 8)?;
            bitmap.next = bitmap.next.saturating_add(1);
            if byte & bit == 0 {
                return None;
            }
        }
        self.present.as_mut()
    }
}

impl<'a, T: Decode<'a>> fmt::Debug for OptColumn<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptColumn").field("bitmap", &self.bitmap).finish_non_exhaustive()
    }
}

/// The bits of a bitmap's byte, in the order of the rows.
const BITS: [u8; 8] = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80];
