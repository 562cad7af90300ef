//! Readers: connections that can't write, each with one thread at a time. A read is one snapshot and ends before its
//! caller goes on, so that no slow peer can keep the WAL from being checkpointed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::{open, tx::SqliteTx};
use crate::store::{OpenError, StoreError, View};

/// A look-up takes microseconds and the longest list some milliseconds: who waits this long is one too many.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A fixed set of connections.
#[derive(Debug)]
pub(super) struct Readers {
    /// The connections that no thread has now.
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    pub(super) fn open(file: &Path, count: usize) -> Result<Self, OpenError> {
        let connections = (0..count).map(|_| open::for_reading(file)).collect::<Result<_, _>>()?;
        Ok(Self { idle: Mutex::new(connections), returned: Condvar::new() })
    }

    /// Runs `work` on one snapshot.
    pub(super) fn read(&self, work: &mut dyn FnMut(&mut dyn View)) -> Result<(), StoreError> {
        let connection = self.take(WAIT_MAX)?;
        let result = catch_unwind(AssertUnwindSafe(|| in_snapshot(&connection, work)));
        self.give_back(connection);
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn take(&self, wait: Duration) -> Result<Connection, StoreError> {
        let until = Instant::now().checked_add(wait);
        let mut idle = self.idle.lock();
        loop {
            if let Some(connection) = idle.pop() {
                return Ok(connection);
            }
            let timed_out = until.is_none_or(|until| self.returned.wait_until(&mut idle, until).timed_out());
            if timed_out && idle.is_empty() {
                return Err(StoreError::Overloaded);
            }
        }
    }

    fn give_back(&self, connection: Connection) {
        // After a panic the transaction is still open; it must not keep its snapshot.
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a read could not be ended");
        }
        self.idle.lock().push(connection);
        self.returned.notify_one();
    }
}

fn in_snapshot(connection: &Connection, work: &mut dyn FnMut(&mut dyn View)) -> Result<(), StoreError> {
    connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
    work(&mut SqliteTx::new(connection));
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty store, which goes with the directory.
    fn store() -> (tempfile::TempDir, std::path::PathBuf) {
        let data = tempfile::tempdir().unwrap();
        open::create(data.path()).unwrap();
        let file = open::existing(data.path()).unwrap();
        (data, file)
    }

    #[test]
    fn who_finds_every_connection_taken_for_too_long_is_one_too_many() {
        let (_data, file) = store();
        let readers = Readers::open(&file, 2).unwrap();
        let taken = [readers.take(WAIT_MAX).unwrap(), readers.take(WAIT_MAX).unwrap()];
        assert_eq!(readers.take(Duration::ZERO).unwrap_err(), StoreError::Overloaded);
        taken.into_iter().for_each(|connection| readers.give_back(connection));
        assert!(readers.take(Duration::ZERO).is_ok());
    }

    #[test]
    fn a_reader_can_not_write() {
        let (_data, file) = store();
        open::for_writing(&file).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(open::for_reading(&file).unwrap().execute_batch("INSERT INTO t VALUES (1)").is_err());
    }
}
