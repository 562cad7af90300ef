//! Values ↔ columns. Every number is a BIGINT; a row that this build would not write is an error, never a guess.

use grades_api::model::{Coefficient, Mark, MarkId, Role};
use tokio_postgres::{Row, types::FromSql};

use crate::{
    clock::UnixMs,
    store::{
        StoreError,
        columns::{mark_from_columns, role_from_number},
    },
};

/// Whether a text may be asked for. PostgreSQL's texts hold every character but this one, so what has it is in no column.
pub(super) fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

/// A column of a row.
pub(super) fn column<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> Result<T, StoreError> {
    row.try_get(index).map_err(|error| {
        tracing::error!(%error, "a column is not what this build writes");
        StoreError::Failed
    })
}

/// A column that holds a number within the range of `T`.
pub(super) fn number<T: TryFrom<i64>>(row: &Row, index: usize) -> Result<T, StoreError> {
    T::try_from(column(row, index)?).map_err(|_| malformed("a number"))
}

/// A column that holds bytes of a fixed length.
pub(super) fn bytes<const N: usize>(row: &Row, index: usize) -> Result<[u8; N], StoreError> {
    column::<&[u8]>(row, index)?.try_into().map_err(|_| malformed("the length of a digest"))
}

pub(super) fn time(row: &Row, index: usize) -> Result<UnixMs, StoreError> {
    number(row, index).map(UnixMs)
}

/// A time as a column. A time past the year 292 million is for ever.
pub(super) fn ms(time: UnixMs) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// A `u64` as a column; no number that was read from one is too large.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| malformed("a number to write"))
}

pub(super) fn role_at(row: &Row, index: usize) -> Result<Role, StoreError> {
    role_from_number(column(row, index)?).ok_or_else(|| malformed("a role"))
}

/// The mark in three columns, of which `index` is the first.
pub(super) fn mark_at(row: &Row, index: usize) -> Result<Mark, StoreError> {
    let (value, scale) = (number(row, index.saturating_add(1))?, number(row, index.saturating_add(2))?);
    mark_from_columns(number(row, index)?, value, scale).ok_or_else(|| malformed("a mark"))
}

pub(super) fn coefficient_at(row: &Row, index: usize) -> Result<Coefficient, StoreError> {
    Coefficient::from_hundredths(number(row, index)?).map_err(|_| malformed("a coefficient"))
}

/// A mark's number as a column.
pub(super) fn mark_id(id: MarkId) -> Result<i64, StoreError> {
    signed(id.0)
}

fn malformed(what: &'static str) -> StoreError {
    tracing::error!(what, "a value is not what this build writes");
    StoreError::Failed
}
