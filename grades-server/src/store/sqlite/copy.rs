//! Copies of a store: one file, as the store was at one moment, taken while it is served. A copy is read to its end before it
//! gets its name, rows and all, so that a file with that name is a store.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{migrate, open, readers::Readers, tx::SqliteTx};
use crate::store::{Backend, Job, OpenError, StoreError, Tx, View};

/// Copies the store in `data` into the new file `to`, once `read` has found the copy good.
pub(in crate::store) fn back_up<R, E: From<OpenError>>(
    data: &Path,
    to: &Path,
    read: impl FnOnce(&Path) -> Result<R, E>,
) -> Result<R, E> {
    open::refuse_old_library()?;
    Unfinished::of(&open::existing(data)?, to)?.finish(read)
}

/// Makes a store in `data`, where none is, of the copy in `from` with this change made in it, once `read` has found it good.
///
/// Why the lock first, and the name last: whoever serves the directory takes the lock too, and finds no store before it.
pub(in crate::store) fn restore<R, E: From<OpenError>>(
    from: &Path,
    data: &Path,
    change: impl FnOnce(&mut dyn Tx) -> Result<(), E>,
    read: impl FnOnce(&Path) -> Result<R, E>,
) -> Result<R, E> {
    open::refuse_old_library()?;
    verify(from)?;
    open::absent(data)?; // before anything is made
    let _lock = open::claim(data)?;
    let copy = Unfinished::of(from, &open::absent(data)?)?;
    copy.change(change)?;
    copy.finish(read)
}

/// A copy that has not got its name yet, and goes if it does not get it.
struct Unfinished {
    path: PathBuf,
    to: PathBuf,
}

impl Unfinished {
    /// Copies what one snapshot holds, without keeping a writer from its work.
    fn of(from: &Path, to: &Path) -> Result<Self, OpenError> {
        if to.exists() {
            return Err(OpenError::Exists(to.to_owned()));
        }
        open::refuse_leftovers(to)?;
        migrate::refuse_newer(from)?;
        let copy = Self { path: open::suffixed(to, ".unfinished"), to: to.to_owned() };
        copy.discard(); // what a copy that was killed has left
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&copy.path)
            .map_err(open::in_use(&copy.path))?;
        let source = open::for_reading(from)?;
        let mut target = Connection::open(&copy.path)?;
        // All pages in one step: a copy that paused would begin anew with each change that is made meanwhile.
        let step = Backup::new(&source, &mut target)?.step(-1)?;
        if step != StepResult::Done {
            return Err(OpenError::BeingRead(from.to_owned()));
        }
        complete(target)?;
        Ok(copy)
    }

    /// Brings the copy up to this build and makes a change in it.
    fn change<E: From<OpenError>>(&self, change: impl FnOnce(&mut dyn Tx) -> Result<(), E>) -> Result<(), E> {
        let mut connection = open::for_writing(&self.path)?;
        migrate::bring_up(&mut connection)?;
        let transaction = connection.transaction().map_err(OpenError::from)?;
        change(&mut SqliteTx::new(&transaction))?;
        transaction.commit().map_err(OpenError::from)?;
        Ok(complete(connection)?)
    }

    /// Gives the copy its name, on the disk too, if it is good.
    fn finish<R, E: From<OpenError>>(self, read: impl FnOnce(&Path) -> Result<R, E>) -> Result<R, E> {
        let read = read(&self.path)?;
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(open::in_use(&self.path))?;
        fs::rename(&self.path, &self.to).map_err(open::in_use(&self.to))?;
        open::sync_names(open::holder(&self.to).unwrap_or(Path::new("/")))?;
        Ok(read)
    }

    /// Removes whatever there is of the copy. What can't be removed is in the way of the next one, which says so.
    fn discard(&self) {
        for path in open::beside(&self.path).iter().chain([&self.path]) {
            drop(fs::remove_file(path));
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.discard();
    }
}

/// Closes a store as one file, complete in itself: with no log beside it.
fn complete(connection: Connection) -> Result<(), OpenError> {
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.close().map_err(|(_, error)| error.into())
}

/// Refuses a file that is no store, is newer than this build, or is damaged.
fn verify(file: &Path) -> Result<(), OpenError> {
    migrate::refuse_newer(file)?;
    let connection = open::for_reading(file)?;
    let damaged = |what: String| OpenError::Damaged { path: file.to_owned(), what };
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(damaged(found));
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    if let Some(row) = statement.query([])?.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        return Err(damaged(format!("a row of {table} names a row of {parent} that is not there")));
    }
    Ok(())
}

/// A store that is only read, whether it is served at the same time or not.
#[derive(Debug)]
pub(in crate::store) struct ReadOnly {
    readers: Readers,
}

impl ReadOnly {
    /// Opens the store in a directory, or the copy of one in a file.
    pub(in crate::store) fn open(place: &Path) -> Result<Self, OpenError> {
        open::refuse_old_library()?;
        let file = if place.is_file() { place.to_owned() } else { open::existing(place)? };
        verify(&file)?;
        migrate::refuse_older(&file)?;
        Ok(Self { readers: Readers::open(&file, 1)? })
    }
}

impl Backend for ReadOnly {
    fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        job.end(Err(StoreError::Unavailable));
        Ok(())
    }

    fn read(&self, work: &mut dyn FnMut(&mut dyn View)) -> Result<(), StoreError> {
        self.readers.read(work)
    }

    #[cfg(test)]
    fn commits(&self) -> u64 {
        0
    }
}
