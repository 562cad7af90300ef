//! Copies of a store in a directory, and stores made of copies. A database has programs of its own for both.

use std::path::Path;

use crate::{
    CheckError, Contents, check,
    clock::Clock,
    store::{AuditEntry, OpenError, Store, StoreAddress, StoreError},
};

/// Why there is no copy, or no store made of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The store is in a database.
    #[error("the store is in a database: copy it with pg_dump or pg_basebackup (docs/operations.md)")]
    Database,
    /// The store or the copy can't be opened, read or written.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The copy is not good.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The store that was made of the copy can't be written.
    #[error("the store could not be written: see the log")]
    Store,
}

/// Copies a store, as it is at one moment, into the new file `to`, and reads the copy to its end. The store may be served.
///
/// # Errors
/// See [`BackupError`]. A file of that name is there only if it is good.
pub fn back_up(address: &StoreAddress, to: &Path) -> Result<Contents, BackupError> {
    Store::back_up(directory(address)?, to)?;
    Ok(check(to)?)
}

/// Makes a store in a directory, where none is, of the copy in `from`. All sessions end: what ended one since the copy was
/// made is not in it.
///
/// # Errors
/// See [`BackupError`].
pub fn restore(address: &StoreAddress, from: &Path, clock: &dyn Clock) -> Result<Contents, BackupError> {
    Store::restore(from, directory(address)?, |tx| {
        let mut ended = 0_u64;
        for account in tx.accounts()? {
            ended = ended.saturating_add(tx.end_sessions(account.id, None)?);
        }
        let detail = format!("{ended} sessions ended");
        Ok::<_, BackupError>(tx.audit(&AuditEntry::at_console(clock.now(), "restore", "the store", &detail))?)
    })?;
    Ok(check(address.clone())?)
}

fn directory(address: &StoreAddress) -> Result<&Path, BackupError> {
    match address {
        StoreAddress::Directory(data) => Ok(data),
        StoreAddress::Postgres(_) => Err(BackupError::Database),
    }
}

impl From<StoreError> for BackupError {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}
