//! Values ↔ columns. A row that this build would not write is an error, never a guess.

use grades_api::model::{Coefficient, Mark, MarkId, Role};
use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Type, ValueRef},
};

use crate::{
    clock::UnixMs,
    store::{
        AccountId, PromotionId, RequestKey, SessionDigest, StudentId,
        columns::{mark_from_columns, role_from_number},
    },
};

/// Numbers that SQLite keeps as they are.
macro_rules! number_column {
    ($($type:ident),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.0.into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Ok(Self(value.as_i64()?))
            }
        }
    )*};
}

number_column!(AccountId, PromotionId, StudentId);

/// Digests and keys of a fixed length.
macro_rules! bytes_column {
    ($($type:ident),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_blob()?.try_into().map(Self).map_err(|_| FromSqlError::InvalidType)
            }
        }
    )*};
}

bytes_column!(SessionDigest, RequestKey);

impl ToSql for UnixMs {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        // A time past the year 292 million is for ever.
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for UnixMs {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        unsigned(value).map(Self)
    }
}

/// A `u64` in a column of SQLite's signed integers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsigned(pub(super) u64);

impl ToSql for Unsigned {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        i64::try_from(self.0).map(Into::into).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    }
}

impl FromSql for Unsigned {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        unsigned(value).map(Self)
    }
}

fn unsigned(value: ValueRef<'_>) -> FromSqlResult<u64> {
    let number = value.as_i64()?;
    u64::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))
}

pub(super) fn role_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let number = row.get(column)?;
    role_from_number(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A mark id; `MarkId` is a stranger here, so it can't be a column itself.
pub(super) const fn mark_id(id: MarkId) -> Unsigned {
    Unsigned(id.0)
}

/// The mark in three columns, of which `column` is the first.
pub(super) fn mark_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Mark> {
    let (code, value) = (row.get::<_, u8>(column)?, row.get(column.saturating_add(1))?);
    mark_from_columns(code, value, row.get(column.saturating_add(2))?)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(column, code.into()))
}

pub(super) fn coefficient_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Coefficient> {
    Coefficient::from_hundredths(row.get(column)?).map_err(|error| bad(column, error))
}

fn bad(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, Box::new(error))
}
