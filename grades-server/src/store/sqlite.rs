//! SQLite behind the store: one file, one writer, a few readers. The only folder that names `rusqlite`.
//!
//! WAL keeps readers and the writer out of each other's way; `synchronous=FULL` makes a commit durable before it returns.
//! All changes go through one connection on one thread: no `SQLITE_BUSY`, and many changes share one fsync.

use std::{fs::File, path::Path, thread};

use super::{Backend, Job, OpenError, StoreError, View};

mod error;
pub(super) use error::SqliteError;

mod convert;

mod open;

mod migrate;
#[cfg(test)]
pub(super) use migrate::{create_at, known};

mod settle;

mod tx;

mod accounts;
mod marks;
mod records;
mod sessions;

mod writer;
use writer::Writer;

mod readers;
use readers::Readers;

mod copy;
pub(super) use copy::{ReadOnly, back_up, restore};

/// An open SQLite store.
#[derive(Debug)]
pub(super) struct Sqlite {
    /// Before the readers: on drop it ends first, so that the last connection closes the WAL cleanly.
    writer: Writer,
    readers: Readers,
    /// Last: the store is another's only when every connection is closed.
    _lock: File,
}

impl Sqlite {
    /// Makes a store in a directory where there is none, and opens it.
    pub(super) fn create(data: &Path) -> Result<Self, OpenError> {
        open::refuse_old_library()?;
        let lock = open::create(data)?;
        Self::open_locked(&open::existing(data)?, lock)
    }

    /// Opens the store in a directory, bringing it up to this build.
    pub(super) fn open(data: &Path) -> Result<Self, OpenError> {
        open::refuse_old_library()?;
        let file = open::existing(data)?;
        Self::open_locked(&file, open::lock(data)?)
    }

    fn open_locked(file: &Path, lock: File) -> Result<Self, OpenError> {
        migrate::refuse_newer(file)?;
        let mut connection = open::for_writing(file)?;
        migrate::bring_up(&mut connection)?;
        settle::settle(&connection, file)?;
        let readers = Readers::open(file, reader_count())?;
        Ok(Self { writer: Writer::start(connection)?, readers, _lock: lock })
    }
}

/// One reader a core: a read is work for the processor, not for the disk. At least two, so that one long list does not
/// hold up every look-up of a session.
fn reader_count() -> usize {
    thread::available_parallelism().map_or(2, usize::from).clamp(2, 16)
}

impl Backend for Sqlite {
    fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.writer.submit(job)
    }

    fn read(&self, work: &mut dyn FnMut(&mut dyn View)) -> Result<(), StoreError> {
        self.readers.read(work)
    }

    fn limit_batches(&self, jobs_max: usize) {
        self.writer.limit_batches(jobs_max);
    }

    #[cfg(test)]
    fn commits(&self) -> u64 {
        self.writer.commits()
    }
}
