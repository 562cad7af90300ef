//! Copies of a store in a directory, and stores made of copies. A database has programs of its own for both.

use std::{fmt, path::Path};

use crate::{
    CheckError, Contents, check,
    clock::Clock,
    store::{AuditEntry, OpenError, Store, StoreAddress, StoreError, Tx},
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

/// What is known of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Copied {
    /// All of it was read.
    Read(Contents),
    /// It is of a store that an earlier build made, as a copy before an upgrade is: its pages were read, and its rows were not.
    Older {
        /// The version of the store.
        found: i64,
        /// The version whose rows this build reads.
        known: i64,
    },
}

/// Copies a store, as it is at one moment, into the new file `to`, and reads the copy to its end. The store may be served.
///
/// # Errors
/// See [`BackupError`]. A file of that name is there only if it is good.
pub fn back_up(address: &StoreAddress, to: &Path) -> Result<Copied, BackupError> {
    Store::back_up(directory(address)?, to, |copy| match check(copy) {
        // Version 0 is no store of an earlier build: its making was cut short.
        Err(CheckError::Open(OpenError::Older { found, known })) if found > 0 => Ok(Copied::Older { found, known }),
        read => Ok(Copied::Read(read?)),
    })
}

/// Makes a store in a directory, where none is, of the copy in `from`. All sessions end: what ended one since the copy was
/// made is not in it.
///
/// # Errors
/// See [`BackupError`]. There is a store in the directory only if it is good.
pub fn restore(address: &StoreAddress, from: &Path, clock: &dyn Clock) -> Result<Contents, BackupError> {
    let end_sessions = |tx: &mut dyn Tx| {
        let mut ended = 0_u64;
        for account in tx.accounts()? {
            ended = ended.saturating_add(tx.end_sessions(account.id, None)?);
        }
        let detail = format!("{ended} sessions ended");
        Ok(tx.audit(&AuditEntry::at_console(clock.now(), "restore", "the store", &detail))?)
    };
    Store::restore(from, directory(address)?, end_sessions, |copy| Ok(check(copy)?))
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(contents) => write!(f, "holds {contents}"),
            Self::Older { found, known } => write!(
                f,
                "is a copy of a store of version {found}: its pages are good, its rows were not counted, as this build reads \
                 those of version {known}"
            ),
        }
    }
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
