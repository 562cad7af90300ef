//! The writer: one thread with the only connection that writes. It takes whatever waits, runs each job in a savepoint,
//! commits once, and only then answers: many changes share one fsync, and no answer leaves before it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Instant,
};

use rusqlite::{Connection, ErrorCode};

use super::tx::SqliteTx;
use crate::store::{Job, Keep, OpenError, StoreError};

/// Changes that may wait. At some thousand commits a second that is well under a second of work; more would only wait
/// for their deadlines.
pub(super) const WAITING_MAX: usize = 256;

/// The writer's thread, seen from those who have something to write.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` only while it is being dropped: the thread ends when nobody can send any more.
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<thread::JoinHandle<()>>,
    commits: Arc<AtomicU64>,
    /// How many jobs one commit takes at most.
    batch_max: Arc<AtomicUsize>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, OpenError> {
        let (queue, waiting) = sync_channel(WAITING_MAX);
        let commits = Arc::new(AtomicU64::new(0));
        let batch_max = Arc::new(AtomicUsize::new(WAITING_MAX));
        let state =
            State { connection, commits: Arc::clone(&commits), batch_max: Arc::clone(&batch_max), broken: false };
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || state.run(&waiting))
            .map_err(OpenError::Thread)?;
        Ok(Self { queue: Some(queue), thread: Some(thread), commits, batch_max })
    }

    pub(super) fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Unavailable)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Disconnected(_) => StoreError::Unavailable,
        })
    }

    pub(super) fn limit_batches(&self, jobs_max: usize) {
        self.batch_max.store(jobs_max, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    /// Waits until everything that was queued is committed and answered.
    fn drop(&mut self) {
        self.queue = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's writer had panicked");
        }
        tracing::debug!(commits = self.commits.load(Ordering::Relaxed), "the store's writer has ended");
    }
}

struct State {
    connection: Connection,
    commits: Arc<AtomicU64>,
    batch_max: Arc<AtomicUsize>,
    /// Invariant: once true it stays. After a failed fsync nobody knows what is on the disk, and a second fsync that
    /// succeeds proves nothing; only a restart, which reads the file again, does.
    broken: bool,
}

impl State {
    fn run(mut self, waiting: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = waiting.recv() {
            let mut batch = vec![first];
            batch.extend(waiting.try_iter().take(self.batch_max.load(Ordering::Relaxed).saturating_sub(1)));
            for (job, end) in self.commit(batch) {
                job.end(end);
            }
        }
    }

    /// Runs a batch in one transaction: each job with what became of it.
    fn commit(&mut self, batch: Vec<Box<dyn Job>>) -> Vec<(Box<dyn Job>, Result<(), StoreError>)> {
        if self.broken {
            return all(batch, StoreError::Unavailable);
        }
        // Why IMMEDIATE: a transaction that begins as a read can't wait for its turn to write.
        if let Err(error) = self.execute("BEGIN IMMEDIATE") {
            tracing::error!(%error, "no transaction could be begun");
            return all(batch, StoreError::Unavailable);
        }
        let mut ended = Vec::with_capacity(batch.len());
        let mut batch = batch.into_iter();
        for mut job in batch.by_ref() {
            let end = self.run_job(job.as_mut());
            let torn = end.is_err();
            ended.push((job, end.unwrap_or(Err(StoreError::Unavailable))));
            if torn {
                self.roll_back();
            }
            // SQLite itself ends the transaction when the disk is full or fails: then, too, nothing of the batch was kept.
            if torn || self.connection.is_autocommit() {
                let undone = ended.into_iter().map(|(job, _)| job).chain(batch).collect();
                return all(undone, StoreError::Unavailable);
            }
        }
        match self.execute("COMMIT") {
            Ok(()) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
                ended
            }
            Err(error) => {
                let means = self.after_failed_commit(&error);
                all(ended.into_iter().map(|(job, _)| job).collect(), means)
            }
        }
    }

    /// Runs one job in its savepoint. A job that fails or panics takes only its own changes with it.
    ///
    /// # Errors
    /// The savepoint can't be set or ended: nobody knows which changes the transaction holds, and it must not be committed.
    fn run_job(&self, job: &mut dyn Job) -> rusqlite::Result<Result<(), StoreError>> {
        if job.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
            return Ok(Err(StoreError::DeadlineBeforeStart));
        }
        self.execute("SAVEPOINT job")?;
        let mut tx = SqliteTx::new(&self.connection);
        // The panic boundary of the writer: whatever the job left half done is rolled back below.
        let keep = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        if self.connection.is_autocommit() {
            return Ok(Err(StoreError::Unavailable));
        }
        if !matches!(keep, Ok(Keep::Changes)) {
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")?;
        Ok(keep.map(drop).map_err(|_| StoreError::Failed))
    }

    /// What a COMMIT that failed means for all who wait for it.
    fn after_failed_commit(&mut self, error: &rusqlite::Error) -> StoreError {
        let code = error.sqlite_error_code();
        // A disk that fails may lie from now on.
        self.broken = matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt));
        tracing::error!(%error, stops = self.broken, "a commit failed");
        self.roll_back();
        // Where there was no room for the change, the mark that ends it is not in the log either, since it is written last:
        // nobody will ever find the change, and there may be room again.
        if code == Some(ErrorCode::DiskFull) && !self.broken {
            StoreError::Unavailable
        } else {
            StoreError::OutcomeUnknown
        }
    }

    /// Undoes the whole batch, unless SQLite has done so itself.
    fn roll_back(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
            self.broken = true;
        }
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }
}

fn all(batch: Vec<Box<dyn Job>>, error: StoreError) -> Vec<(Box<dyn Job>, Result<(), StoreError>)> {
    batch.into_iter().map(|job| (job, Err(error))).collect()
}
