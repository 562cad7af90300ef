//! PostgreSQL behind the store: one database that any number of servers share. The only folder that names its driver.
//!
//! A change is a SERIALIZABLE transaction on the caller's own thread; where two of them would not be as if one had come
//! after the other, PostgreSQL ends one, and it is run again. A read is one snapshot. Connections come from a bounded pool,
//! and one that is lost is replaced; a change whose COMMIT was not answered has an unknown outcome, and nothing else has.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use super::{Backend, DatabaseUrl, Job, OpenError, StoreError, View};
use crate::clock::Clock;

mod error;
pub(super) use error::PostgresError;

mod convert;

mod clock;

mod tls;

mod client;

mod target;
use target::Target;

mod open;

mod migrate;

mod tx;
use tx::Connection;

mod accounts;
mod marks;
mod records;
mod sessions;

mod pool;
use pool::Pool;

mod write;

mod read;
use read::ReadMax;

/// An open PostgreSQL store.
#[derive(Debug)]
pub(super) struct Postgres {
    pool: Pool,
    read_max: ReadMax,
    commits: AtomicU64,
}

impl Postgres {
    /// Makes the store in a database that is empty; one that is there stays as it is.
    pub(super) fn create(url: &DatabaseUrl) -> Result<(), OpenError> {
        let mut connection = open::connect(&Target::of(url)?)?;
        match migrate::refuse_unknown(&mut connection) {
            Err(OpenError::EmptyDatabase) => migrate::bring_up(&mut connection),
            other => other,
        }
    }

    fn on(target: Target, connection: Connection) -> Self {
        let commits = AtomicU64::new(0);
        Self { pool: Pool::new(target, connection), read_max: ReadMax::OF_A_CALL, commits }
    }

    /// A server of an earlier build, on the store that it made.
    #[cfg(test)]
    pub(super) fn of_version(url: &DatabaseUrl, version: usize) -> Result<Self, OpenError> {
        let target = Target::of(url)?;
        let mut connection = open::connect(&target)?;
        migrate::create_at(&mut connection, version)?;
        Ok(Self::on(target, connection))
    }

    /// Opens the store in a database as it is.
    pub(super) fn open_to_read(url: &DatabaseUrl) -> Result<Self, OpenError> {
        let target = Target::of(url)?;
        let mut connection = open::connect(&target)?;
        migrate::refuse_unknown(&mut connection)?;
        migrate::refuse_older(&mut connection)?;
        Ok(Self { read_max: ReadMax::OF_A_STORE, ..Self::on(target, connection) })
    }

    /// Opens the store in a database, bringing it up to this build.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        let target = Target::of(url)?;
        let mut connection = open::connect(&target)?;
        migrate::refuse_unknown(&mut connection)?;
        migrate::bring_up(&mut connection)?;
        open::warn_of_settings(&mut connection)?;
        Ok(Self::on(target, connection))
    }
}

impl Backend for Postgres {
    /// Runs the job at once, on this thread: the database lets changes run side by side, so there is no queue.
    fn submit(&self, mut job: Box<dyn Job>) -> Result<(), StoreError> {
        let end = write::run(&self.pool, job.as_mut(), Instant::now());
        if end.is_ok() {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        job.end(end);
        Ok(())
    }

    fn read(&self, work: &mut dyn FnMut(&mut dyn View)) -> Result<(), StoreError> {
        read::run(&self.pool, self.read_max, work, Instant::now())
    }

    fn clock(&self, local: Arc<dyn Clock>) -> Arc<dyn Clock> {
        self.pool.clock(local)
    }

    #[cfg(test)]
    fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}
