//! Copies of a store: one file, as the store was at one moment, taken while it is served. A copy is read to its end before it
//! gets its name, so that a file with that name is a store.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{migrate, open, readers::Readers};
use crate::store::{Backend, Job, OpenError, StoreError, View};

/// Copies the store in `data` into the new file `to`.
pub(in crate::store) fn back_up(data: &Path, to: &Path) -> Result<(), OpenError> {
    open::refuse_old_library()?;
    copy(&open::existing(data)?, to)
}

/// Makes a store in `data`, where none is, of the copy in `from`.
pub(in crate::store) fn restore(from: &Path, data: &Path) -> Result<(), OpenError> {
    open::refuse_old_library()?;
    verify(from)?;
    open::absent(data)?;
    open::create(data)?; // with an empty file, which the copy replaces
    let _lock = open::lock(data)?;
    let file = open::existing(data)?;
    fs::remove_file(&file).map_err(in_use(&file))?;
    copy(from, &file)
}

/// Copies what one snapshot holds, without keeping a writer from its work.
fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    if to.exists() {
        return Err(OpenError::Exists(to.to_owned()));
    }
    open::refuse_leftovers(to)?;
    migrate::refuse_newer(from)?;
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(in_use(&unfinished))?;
    let source = open::for_reading(from)?;
    let mut target = Connection::open(&unfinished)?;
    // All pages in one step: a copy that paused would begin anew with each change that is made meanwhile.
    let step = Backup::new(&source, &mut target)?.step(-1)?;
    if step != StepResult::Done {
        return Err(OpenError::BeingRead(from.to_owned()));
    }
    // One file, complete in itself: no log beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    verify(&unfinished)?;
    File::open(&unfinished).and_then(|file| file.sync_all()).map_err(in_use(&unfinished))?;
    fs::rename(&unfinished, to).map_err(in_use(to))?;
    let directory = open::holder(to).unwrap_or(Path::new("/"));
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(in_use(directory))
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

fn in_use(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
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
