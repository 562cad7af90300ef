//! What SQLite reports, told apart by what it means for the caller. The text stays in the log.

use rusqlite::ErrorCode;

use crate::store::{OpenError, StoreError};

/// SQLite's own error, kept for the log.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SqliteError(rusqlite::Error);

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(SqliteError(error))
    }
}

/// Logs the cause and keeps what it means. Statements are prepared: no value of a row or of a request is in the text.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "a statement failed");
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory,
            ) => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}
