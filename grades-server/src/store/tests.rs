//! The contract of a store, whatever keeps it: durable before the reply, all or nothing, one commit for many.

use std::{path::Path, sync::mpsc};

use grades_api::model::{Coefficient, Mark, Role};
use tempfile::TempDir;

use super::{
    AccountId, AuditEntry, KeyRow, NewSession, RequestKey, SessionDigest, Store, StoreError, Strangers, Submitted, Tx,
};
use crate::clock::UnixMs;

mod group_commit;

mod rows;

/// A store that goes with its directory.
struct Fixture {
    store: Store,
    data: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { store: Store::create(data.path()).unwrap(), data }
    }

    fn write<R: Send + 'static>(&self, job: impl Fn(&mut dyn Tx) -> Result<R, StoreError> + Send + 'static) -> R {
        self.store.write(None, job).unwrap()
    }

    /// Closes the store and opens it again, as a restart does.
    fn reopened(self) -> Self {
        let Self { store, data } = self;
        drop(store);
        Self { store: Store::open(data.path()).unwrap(), data }
    }

    fn path(&self) -> &Path {
        self.data.path()
    }
}

fn account(tx: &mut dyn Tx, name: &str, role: Role) -> Result<AccountId, StoreError> {
    tx.insert_account(name, role, "no hash", UnixMs(1))
}

/// Keeps the writer busy until the guard is dropped, so that what is queued meanwhile makes one batch.
struct BusyWriter {
    release: mpsc::Sender<()>,
    job: Submitted<(), StoreError>,
}

impl BusyWriter {
    fn new(store: &Store) -> Self {
        let (release, released) = mpsc::channel::<()>();
        let (entered, wait_entered) = mpsc::channel();
        let released = std::sync::Mutex::new(released);
        let job = store.submit(None, move |_tx| {
            entered.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
            Ok(())
        });
        wait_entered.recv().unwrap();
        Self { release, job: job.unwrap() }
    }

    fn release(self) {
        self.release.send(()).unwrap();
        self.job.wait().unwrap();
    }
}
