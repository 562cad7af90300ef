//! What SQLite reports, told apart by what it means for the caller. The text stays in the log.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Why a store can't be opened or created. Each text says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no store in the directory.
    #[error("there is no store in {0}: create it with `grades-server init --data DIR --admin NAME`")]
    NotInitialised(PathBuf),
    /// Another process serves the store.
    #[error("the store in {0} is in use by another grades-server: stop it first")]
    InUse(PathBuf),
    /// The store was written by a newer build; it was not touched.
    #[error(
        "the store has version {found}, this build knows up to {known}: run a newer grades-server (nothing was changed)"
    )]
    Newer {
        /// The version of the store.
        found: i64,
        /// The newest version that this build knows.
        known: i64,
    },
    /// The file is an SQLite database of something else.
    #[error("{0} is no store of grades-server: choose another directory")]
    Foreign(PathBuf),
    /// The linked SQLite has a known way to lose commits.
    #[error("SQLite {0} can lose commits in WAL mode: build with 3.51.3 or newer")]
    OldLibrary(&'static str),
    /// A file or directory can't be read or written.
    #[error("can't use {path}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// SQLite can't use the file.
    #[error("SQLite can't use the store")]
    Sqlite(#[source] SqliteError),
}

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
