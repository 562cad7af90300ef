//! The store: what is kept, by use case. A change is one job in one transaction; scope, request keys and audit are written
//! above this module, in the job; SQL is written below it, in a backend.
//!
//! ```text
//! SQLite      Store::write(job) ──► queue ──► one writer ──► savepoint per job, one COMMIT, then all replies
//!             Store::read(work) ──► one of a few readers, one snapshot
//!
//! PostgreSQL  Store::write(job) ──► one of a few connections, SERIALIZABLE, again if it lost to another node's change
//!             Store::read(work) ──► one of them, one snapshot
//! ```
//!
//! What is absent: no SQL type passes this line, no job sees a socket, and no reply leaves before its COMMIT.

use std::{
    fmt,
    path::Path,
    sync::{Arc, mpsc},
    time::Instant,
};

use crate::clock::Clock;

mod accounts;
pub(crate) use accounts::{AccountId, AccountRow, ReadAccounts, Strangers, WriteAccounts};

mod sessions;
pub(crate) use sessions::{LiveSession, NewSession, ReadSessions, SessionDigest, SessionRow, WriteSessions};

mod marks;
pub(crate) use marks::{Correction, MarkPlace, PromotionId, ReadMarks, StudentId, StudentRow, WriteMarks};

mod records;
pub(crate) use records::{AuditEntry, AuditRow, KeyRow, ReadRecords, RequestKey, WriteRecords};

mod columns;

mod address;
pub use address::{DatabaseUrl, StoreAddress};

mod open_error;
pub use open_error::OpenError;

mod sqlite;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
use self::postgres::Postgres;

/// What a read may ask, all of it from one snapshot.
pub(crate) trait View: ReadAccounts + ReadSessions + ReadMarks + ReadRecords {}

/// What a job may ask and change. Everything it does is kept or nothing.
pub(crate) trait Tx: View + WriteAccounts + WriteSessions + WriteMarks + WriteRecords {
    /// The same transaction, only for reading.
    fn view(&mut self) -> &mut dyn View;

    /// Runs a part of the job that may be undone by itself: what `work` did is kept if it answers `true`.
    fn nested(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<(), StoreError>;

    /// Runs a statement that no use case has, so that tests can do what only a hand at the file could.
    #[cfg(test)]
    fn sql(&mut self, sql: &str) -> Result<(), StoreError>;

    /// How many rows a table has.
    #[cfg(test)]
    fn count(&mut self, table: &str) -> Result<u32, StoreError>;

    /// The audit, oldest first, as `actor action object detail`.
    #[cfg(test)]
    fn audited(&mut self) -> Result<Vec<String>, StoreError>;

    /// Makes the commit of this transaction fail.
    #[cfg(test)]
    fn break_commit(&mut self) -> Result<(), StoreError>;
}

/// Why the store did not do what it was asked to. The cause is in the log, not here: it names files and SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) enum StoreError {
    /// Too many changes are waiting. Nothing was changed.
    #[error("too many changes are waiting")]
    Overloaded,
    /// The same request is being executed, at another server. Nothing was changed.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "with one writer, it waits for its turn"))]
    #[error("the same request is in progress")]
    KeyInProgress,
    /// The deadline passed while the change was waiting. Nothing was changed.
    #[error("the deadline passed before the change was made")]
    DeadlineBeforeStart,
    /// The store can't be written or read now. Nothing was changed.
    #[error("the store can't be reached")]
    Unavailable,
    /// The commit failed: whether the change was made is not known.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown,
    /// A statement failed, a row is not what this build writes, or the job panicked. Nothing was changed.
    #[error("the store failed")]
    Failed,
}

/// A job with its type forgotten, as a backend runs it.
pub(crate) trait Job: Send {
    /// Runs in the transaction; may run again if the transaction has to.
    fn run(&mut self, tx: &mut dyn Tx) -> Keep;

    /// Called once: the transaction was committed, or why not.
    fn end(self: Box<Self>, end: Result<(), StoreError>);

    /// Past it the job is not begun.
    fn deadline(&self) -> Option<Instant>;
}

/// What becomes of the changes that a job made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// They are kept.
    Changes,
    /// They are undone: the job answered with an error.
    Nothing,
}

/// What keeps the rows; it decides how jobs become transactions.
pub(crate) trait Backend: fmt::Debug + Send + Sync {
    /// Queues a job, or runs it at once; its end is told to the job itself.
    fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError>;

    /// Runs `work` on one snapshot.
    fn read(&self, work: &mut dyn FnMut(&mut dyn View)) -> Result<(), StoreError>;

    /// The time that all who share the store agree on, if `local` is the time here.
    fn clock(&self, local: Arc<dyn Clock>) -> Arc<dyn Clock> {
        local
    }

    /// Lets one commit take at most so many jobs, where several may share one.
    fn limit_batches(&self, _jobs_max: usize) {}

    /// How many transactions were committed.
    #[cfg(test)]
    fn commits(&self) -> u64;
}

/// The store of a running server.
#[derive(Debug)]
pub(crate) struct Store {
    backend: Box<dyn Backend>,
}

impl Store {
    /// Opens a store, bringing it up to this build.
    pub(crate) fn open(address: &StoreAddress) -> Result<Self, OpenError> {
        let backend: Box<dyn Backend> = match address {
            StoreAddress::Directory(data) => Box::new(sqlite::Sqlite::open(data)?),
            #[cfg(feature = "postgres")]
            StoreAddress::Postgres(url) => Box::new(Postgres::open(url)?),
            #[cfg(not(feature = "postgres"))]
            StoreAddress::Postgres(_) => return Err(OpenError::NoPostgres),
        };
        Ok(Self { backend })
    }

    /// Opens a store as it is, to read it only. A directory may be served meanwhile, and a file may be the copy of one.
    pub(crate) fn open_to_read(address: &StoreAddress) -> Result<Self, OpenError> {
        let backend: Box<dyn Backend> = match address {
            StoreAddress::Directory(place) => Box::new(sqlite::ReadOnly::open(place)?),
            #[cfg(feature = "postgres")]
            StoreAddress::Postgres(url) => Box::new(Postgres::open_to_read(url)?),
            #[cfg(not(feature = "postgres"))]
            StoreAddress::Postgres(_) => return Err(OpenError::NoPostgres),
        };
        Ok(Self { backend })
    }

    /// Copies the store in the directory `data`, as it is at one moment, into the new file `to`, which gets its name once
    /// `read` has found the copy good.
    pub(crate) fn back_up<R, E: From<OpenError>>(
        data: &Path,
        to: &Path,
        read: impl FnOnce(&Path) -> Result<R, E>,
    ) -> Result<R, E> {
        sqlite::back_up(data, to, read)
    }

    /// Makes a store in the directory `data`, where none is, of a copy that `change` was made in and that `read` has found
    /// good. Nobody else has the store before that.
    pub(crate) fn restore<R, E: From<OpenError>>(
        from: &Path,
        data: &Path,
        change: impl FnOnce(&mut dyn Tx) -> Result<(), E>,
        read: impl FnOnce(&Path) -> Result<R, E>,
    ) -> Result<R, E> {
        sqlite::restore(from, data, change, read)
    }

    /// Creates a store if there is none, and opens it.
    pub(crate) fn create(address: &StoreAddress) -> Result<Self, OpenError> {
        match address {
            StoreAddress::Directory(data) => Ok(Self { backend: Box::new(sqlite::Sqlite::create(data)?) }),
            #[cfg(feature = "postgres")]
            StoreAddress::Postgres(url) => Postgres::create(url).and_then(|()| Self::open(address)),
            #[cfg(not(feature = "postgres"))]
            StoreAddress::Postgres(_) => Err(OpenError::NoPostgres),
        }
    }

    /// The time that all who share the store agree on, if `local` is the time here.
    pub(crate) fn clock(&self, local: Arc<dyn Clock>) -> Arc<dyn Clock> {
        self.backend.clock(local)
    }

    /// Lets one commit take at most so many jobs, where several may share one: 1 gives each its own.
    pub(crate) fn limit_batches(&self, jobs_max: usize) {
        self.backend.limit_batches(jobs_max);
    }

    /// Runs a job in one transaction and waits for its commit. An error of the job undoes what it did.
    ///
    /// Why `Fn`: a backend may have to run it again. Why `'static`: it runs on the writer's thread, where `call()` is empty.
    pub(crate) fn write<R, E>(
        &self,
        deadline: Option<Instant>,
        job: impl Fn(&mut dyn Tx) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(deadline, job)?.wait()
    }

    /// Queues a job without waiting for its end.
    pub(crate) fn submit<R, E>(
        &self,
        deadline: Option<Instant>,
        job: impl Fn(&mut dyn Tx) -> Result<R, E> + Send + 'static,
    ) -> Result<Submitted<R, E>, StoreError>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.backend.submit(Box::new(TypedJob { work: job, deadline, result: None, sender }))?;
        Ok(Submitted { receiver })
    }

    /// Reads from one snapshot, which ends before this returns.
    pub(crate) fn read<R, E>(&self, work: impl FnOnce(&mut dyn View) -> Result<R, E>) -> Result<R, E>
    where
        E: From<StoreError>,
    {
        let mut work = Some(work);
        let mut result = None;
        self.backend.read(&mut |view| result = work.take().map(|work| work(view)))?;
        result.unwrap_or(Err(StoreError::Failed.into()))
    }

    /// How many transactions were committed: with group commit, fewer than there were changes.
    #[cfg(test)]
    pub(crate) fn commits(&self) -> u64 {
        self.backend.commits()
    }
}

/// A job that was queued.
#[derive(Debug)]
pub(crate) struct Submitted<R, E> {
    receiver: mpsc::Receiver<Result<R, E>>,
}

impl<R, E: From<StoreError>> Submitted<R, E> {
    /// Waits for the commit.
    pub(crate) fn wait(self) -> Result<R, E> {
        // The writer answers every job it takes; if it is gone it may have gone in the middle of a commit.
        self.receiver.recv().unwrap_or(Err(StoreError::OutcomeUnknown.into()))
    }
}

struct TypedJob<W, R, E> {
    work: W,
    deadline: Option<Instant>,
    result: Option<Result<R, E>>,
    sender: mpsc::SyncSender<Result<R, E>>,
}

impl<W, R, E> Job for TypedJob<W, R, E>
where
    W: Fn(&mut dyn Tx) -> Result<R, E> + Send,
    R: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Keep {
        let result = (self.work)(tx);
        let keep = if result.is_ok() { Keep::Changes } else { Keep::Nothing };
        self.result = Some(result);
        keep
    }

    fn end(self: Box<Self>, end: Result<(), StoreError>) {
        let result = match end {
            Ok(()) => self.result.unwrap_or(Err(StoreError::Failed.into())),
            Err(error) => Err(error.into()),
        };
        // The submitter may have stopped waiting; nobody else wants the answer.
        drop(self.sender.send(result));
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

#[cfg(test)]
pub(crate) mod tests;
