//! Why a store can't be opened: told to the operator, each text with what to do.

use std::{io, path::PathBuf};

#[cfg(feature = "postgres")]
use super::postgres::PostgresError;
use super::sqlite::SqliteError;
use crate::tls::TlsFilesError;

/// Why a store can't be opened or created. Each text says what to do, unless that follows from its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no store in the directory.
    #[error("there is no store in {0}: create it with `grades-server init --data DIR --admin NAME`")]
    NotInitialised(PathBuf),
    /// Another process serves the store.
    #[error("the store in {0} is in use by another grades-server: stop it first")]
    InUse(PathBuf),
    /// Another program is in the middle of reading the store, so that what the last server left can't be made to last.
    #[error("another program is reading the store in {0}: let it finish or end it, and start again")]
    BeingRead(PathBuf),
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
    /// The store was written by an older build, and may not be changed now.
    #[error("the store has version {found}, this build works on {known}: serve it once, which brings it up")]
    Older {
        /// The version of the store.
        found: i64,
        /// The version that this build works on.
        known: i64,
    },
    /// There is a file already, which is not replaced.
    #[error("{0} is there already, and is not replaced: name another place")]
    Exists(PathBuf),
    /// A log is there without its store: its changes would be taken for those of the store that is made beside it.
    #[error(
        "{0} was left by a store whose file is not there any more, and may hold its last changes: move it to that file, or \
         name another place"
    )]
    LeftBehind(PathBuf),
    /// The file can't be what the service wrote.
    #[error("{path} is damaged ({what}): make a store of the last good copy with `grades-server restore`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found first.
        what: String,
    },
    /// The file is an SQLite database of something else.
    #[error("{0} is no store of grades-server: choose another directory")]
    Foreign(PathBuf),
    /// The linked SQLite has a known way to lose commits.
    #[error("SQLite {0} can lose commits in WAL mode: build with 3.51.3 or newer")]
    OldLibrary(&'static str),
    /// The file system can't hold a store that is read while it is written.
    #[error(
        "{0} is on a file system without shared memory, such as a network's: keep the store on a disk of this machine"
    )]
    NoSharedMemory(PathBuf),
    /// The operating system gives no thread.
    #[error("the system gives no thread: let the process have more of them (`ulimit -u`, `TasksMax=`)")]
    Thread(#[source] io::Error),
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
    /// This build keeps stores in directories only.
    #[error("this grades-server was built without PostgreSQL: build it with `--features postgres`, or use --data DIR")]
    NoPostgres,
    /// The database has no store.
    #[error("there is no store in the database: create it with `grades-server init --store URL --admin NAME`")]
    EmptyDatabase,
    /// The database holds something else.
    #[error("the database holds tables that are no store of grades-server: choose or create another database")]
    ForeignDatabase,
    /// What the URL says of encryption promises nothing, or not enough.
    #[error(
        "the URL asks for half an encryption: say sslmode=verify-full and sslrootcert=FILE, which verify who answers, or \
         sslmode=disable where the network is yours"
    )]
    HalfEncryptedDatabase,
    /// The certificates of the authority can't be used.
    #[error(
        "{0} holds no certificate of an authority (PEM): name the one that has signed the database's in sslrootcert"
    )]
    DatabaseAuthority(PathBuf),
    /// The URL names one of a certificate and its key.
    #[error(
        "the URL names a certificate without its key, or a key alone: say both sslcert=FILE and sslkey=FILE, or neither"
    )]
    HalfDatabaseCertificate,
    /// The certificate that is to be shown to the database, or its key, can't be used.
    #[error("the certificate to show to the database can't be used")]
    DatabaseCertificate(#[source] TlsFilesError),
    /// The database is on another machine, and nothing would be encrypted.
    #[error(
        "the database is on another machine, and marks would cross the network readable: add sslmode=verify-full and \
         sslrootcert=FILE to the URL, or sslmode=disable where the network is yours"
    )]
    PlaintextDatabase,
    /// PostgreSQL can't be reached, or can't use the database.
    #[cfg(feature = "postgres")]
    #[error("PostgreSQL can't use the store")]
    Postgres(#[source] PostgresError),
}
