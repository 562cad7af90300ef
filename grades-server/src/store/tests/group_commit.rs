//! What only the one writer of SQLite promises: many jobs share a commit, and its files are its own.

use std::{path::Path, sync::mpsc};

use super::*;
use crate::store::{OpenError, Submitted};

#[test]
fn jobs_that_wait_together_share_one_commit() {
    let fixture = Fixture::sqlite();
    let busy = BusyWriter::new(&fixture.store);
    let jobs: Vec<_> = (0..100)
        .map(|n| fixture.store.submit(None, move |tx| tx.insert_promotion(&format!("P{n}"), UnixMs(1))).unwrap())
        .collect();
    let before = fixture.store.commits();
    busy.release();
    for job in jobs {
        job.wait().unwrap();
    }
    assert_eq!(fixture.store.commits() - before, 2, "one for the job that kept the writer busy, one for the hundred");
    assert_eq!(fixture.store.read(|view| view.promotions()).unwrap().len(), 100);
}

#[test]
fn a_batch_takes_no_more_jobs_than_it_may() {
    let check = |jobs_max, commits: u64| {
        let fixture = Fixture::sqlite();
        fixture.store.limit_batches(jobs_max);
        let busy = BusyWriter::new(&fixture.store);
        let add = |n| fixture.store.submit(None, move |tx| tx.insert_promotion(&format!("P{n}"), UnixMs(1))).unwrap();
        let jobs: Vec<_> = (0..12).map(add).collect();
        let before = fixture.store.commits();
        busy.release();
        for job in jobs {
            job.wait().unwrap();
        }
        assert_eq!(fixture.store.commits() - before, 1 + commits, "with at most {jobs_max} a commit");
    };
    check(1, 12);
    check(4, 3);
    check(usize::MAX, 1);
}

#[test]
fn a_job_that_fails_or_panics_takes_only_its_own_changes_with_it() {
    let fixture = Fixture::sqlite();
    let busy = BusyWriter::new(&fixture.store);
    let add = |name: &'static str| fixture.store.submit(None, move |tx| tx.insert_promotion(name, UnixMs(1)).map(drop));
    let first = add("first").unwrap();
    let failing = fixture.store.submit(None, |tx| {
        tx.insert_promotion("half", UnixMs(1))?;
        Err::<(), _>(StoreError::Unavailable)
    });
    let panicking = fixture.store.submit(None, |tx| -> Result<(), StoreError> {
        tx.insert_promotion("torn", UnixMs(1))?;
        panic!("a bug in a job");
    });
    let last = add("last").unwrap();
    busy.release();
    assert_eq!(first.wait(), Ok(()));
    assert_eq!(failing.unwrap().wait(), Err(StoreError::Unavailable));
    assert_eq!(panicking.unwrap().wait(), Err(StoreError::Failed));
    assert_eq!(last.wait(), Ok(()));
    let names: Vec<String> =
        fixture.store.read(|view| view.promotions()).unwrap().into_iter().map(|promotion| promotion.name).collect();
    assert_eq!(names, ["first", "last"]);
}

#[test]
fn a_job_that_can_not_be_undone_by_itself_is_undone_with_its_whole_batch() {
    let check = |end: Result<(), StoreError>| {
        let fixture = Fixture::sqlite();
        let busy = BusyWriter::new(&fixture.store);
        let add =
            |name: &'static str| fixture.store.submit(None, move |tx| tx.insert_promotion(name, UnixMs(1)).map(drop));
        let before = add("before").unwrap();
        let torn = fixture.store.submit(None, move |tx| {
            tx.insert_promotion("torn", UnixMs(1))?;
            tx.sql("RELEASE job")?; // its savepoint is gone: it can't be ended as it should
            end
        });
        let behind = add("behind").unwrap();
        busy.release();
        for job in [before, torn.unwrap(), behind] {
            assert_eq!(job.wait(), Err(StoreError::Unavailable));
        }
        assert_eq!(fixture.store.read(|view| view.promotions()).unwrap(), []);
        fixture.write(|tx| tx.insert_promotion("after", UnixMs(1)));
        assert_eq!(fixture.store.read(|view| view.promotions()).unwrap().len(), 1);
    };
    check(Ok(()));
    check(Err(StoreError::Failed));
}

#[test]
fn a_failed_commit_leaves_the_outcome_of_the_whole_batch_unknown_and_the_writer_working() {
    let fixture = Fixture::sqlite();
    let busy = BusyWriter::new(&fixture.store);
    let innocent = fixture.store.submit(None, |tx| tx.insert_promotion("innocent", UnixMs(1)).map(drop)).unwrap();
    let breaking = fixture.store.submit(None, |tx| tx.break_commit()).unwrap();
    busy.release();
    assert_eq!(innocent.wait(), Err(StoreError::OutcomeUnknown));
    assert_eq!(breaking.wait(), Err(StoreError::OutcomeUnknown));
    fixture.write(|tx| tx.insert_promotion("after", UnixMs(1)));
    assert_eq!(fixture.store.read(|view| view.promotions()).unwrap().len(), 1);
}

#[test]
fn a_full_disk_refuses_changes_loses_nothing_and_works_again_once_there_is_room() {
    let fixture = Fixture::sqlite();
    fixture.write(|tx| tx.insert_promotion("before", UnixMs(1)));
    fixture.write(|tx| tx.sql("PRAGMA max_page_count = 1")); // SQLite takes the present size instead
    let fill = |tx: &mut dyn Tx| {
        for n in 0..10_000 {
            tx.insert_promotion(&format!("{n:0200}"), UnixMs(1))?;
        }
        Ok(())
    };
    assert_eq!(fixture.store.write(None, fill), Err(StoreError::Unavailable));
    let names = || fixture.store.read(|view| view.promotions()).unwrap().len();
    assert_eq!(names(), 1);
    fixture.write(|tx| tx.sql("PRAGMA max_page_count = 1000000"));
    fixture.write(fill);
    assert_eq!(names(), 10_001);
}

#[test]
fn a_full_queue_refuses_at_once_and_what_waited_is_done() {
    const WAITING_MAX: usize = 256;
    let fixture = Fixture::sqlite();
    let busy = BusyWriter::new(&fixture.store);
    let submit = || fixture.store.submit(None, |_tx| Ok::<_, StoreError>(()));
    let waiting: Vec<_> = (0..WAITING_MAX).map(|_| submit().unwrap()).collect();
    assert_eq!(submit().unwrap_err(), StoreError::Overloaded);
    busy.release();
    for job in waiting {
        job.wait().unwrap();
    }
    submit().unwrap().wait().unwrap();
}

#[test]
fn closing_the_store_finishes_what_was_queued() {
    let fixture = Fixture::sqlite();
    let busy = BusyWriter::new(&fixture.store);
    let queued = fixture.store.submit(None, |tx| tx.insert_promotion("queued", UnixMs(1)).map(drop)).unwrap();
    busy.release.send(()).unwrap();
    let fixture = fixture.reopened();
    assert_eq!(queued.wait(), Ok(()));
    assert_eq!(fixture.store.read(|view| view.promotions()).unwrap().len(), 1);
}

#[test]
fn what_a_killed_server_left_unsynced_lasts_before_anything_is_answered_from_it() {
    let fixture = Fixture::sqlite();
    fixture.write(|tx| tx.insert_promotion("left", UnixMs(1)));
    let StoreAddress::Directory(data) = fixture.address() else { panic!("SQLite is in a directory") };
    let (killed, file_alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // As it is after a kill: the change stands in the log, and may not be on the disk.
    for name in ["grades.sqlite", "grades.sqlite-wal"] {
        std::fs::copy(data.join(name), killed.path().join(name)).unwrap();
    }
    let served = Store::open(&killed.path().into()).unwrap();
    // The power takes the log away.
    std::fs::copy(killed.path().join("grades.sqlite"), file_alone.path().join("grades.sqlite")).unwrap();
    let after = Store::open(&file_alone.path().into()).unwrap();
    assert_eq!(after.read(|view| view.promotions()).unwrap().len(), 1);
    drop(served);
}

#[test]
fn a_store_that_is_served_is_refused_to_another() {
    let fixture = Fixture::sqlite();
    let error = Store::open(&fixture.address()).unwrap_err();
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
}

#[test]
fn a_directory_without_a_store_is_refused_and_stays_empty() {
    let data = tempfile::tempdir().unwrap();
    let error = Store::open(&data.path().into()).unwrap_err();
    assert!(matches!(error, OpenError::NotInitialised(_)), "{error}");
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("made").join("by us");
    let store = Store::create(&data.clone().into()).unwrap();
    store.write(None, |tx| tx.insert_promotion("L3", UnixMs(1))).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
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
