//! Jobs and reads: all or nothing, durable, one after the other in effect even where they run side by side.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use super::*;

fn what_was_acknowledged_is_there_after_a_restart(fixture: Fixture) {
    fixture.write(|tx| tx.insert_promotion("L3", UnixMs(1)));
    let fixture = fixture.reopened();
    let found = fixture.store.read(|view| view.promotion("L3")).unwrap();
    assert!(found.is_some());
}

fn a_part_that_is_undone_leaves_the_rest_of_its_job(fixture: Fixture) {
    fixture.write(|tx| {
        tx.insert_promotion("kept", UnixMs(1))?;
        tx.nested(&mut |tx| tx.insert_promotion("undone", UnixMs(1)).is_err())?;
        tx.nested(&mut |tx| tx.insert_promotion("kept too", UnixMs(1)).is_ok())
    });
    assert_eq!(fixture.store.read(|view| view.promotions()).unwrap().len(), 2);
}

fn a_job_whose_deadline_has_passed_is_not_begun(fixture: Fixture) {
    let passed = Instant::now();
    let job = |tx: &mut dyn Tx| tx.insert_promotion("late", UnixMs(1));
    assert_eq!(fixture.store.write(Some(passed), job), Err(StoreError::DeadlineBeforeStart));
    let ahead = passed.checked_add(Duration::from_secs(60));
    assert!(fixture.store.write(ahead, job).is_ok());
}

fn a_read_sees_one_snapshot_and_a_panic_in_it_frees_its_connection(fixture: Fixture) {
    fixture
        .store
        .read(|view| {
            assert_eq!(view.promotions()?.len(), 0);
            fixture.write(|tx| tx.insert_promotion("meanwhile", UnixMs(1)));
            assert_eq!(view.promotions()?.len(), 0, "the snapshot moved");
            Ok::<_, StoreError>(())
        })
        .unwrap();
    for _ in 0..100 {
        let read = std::panic::AssertUnwindSafe(|| fixture.store.read(|_| -> Result<(), StoreError> { panic!() }));
        assert!(std::panic::catch_unwind(read).is_err());
    }
    assert_eq!(fixture.store.read(|view| view.promotions()).unwrap().len(), 1);
}

fn a_job_that_fails_or_panics_changes_nothing_and_the_next_one_works(fixture: Fixture) {
    let failing = fixture.store.write(None, |tx| {
        tx.insert_promotion("half", UnixMs(1))?;
        Err::<(), _>(StoreError::Unavailable)
    });
    assert_eq!(failing, Err(StoreError::Unavailable));
    let panicking = fixture.store.write(None, |tx| -> Result<(), StoreError> {
        tx.insert_promotion("torn", UnixMs(1))?;
        panic!("a bug in a job");
    });
    assert_eq!(panicking, Err(StoreError::Failed));
    fixture.write(|tx| tx.insert_promotion("after", UnixMs(1)));
    assert_eq!(fixture.promotions(), ["after"]);
}

fn a_statement_that_fails_takes_the_whole_job_with_it_whatever_the_job_says(fixture: Fixture) {
    let swallowed = fixture.store.write(None, |tx| {
        tx.insert_promotion("half", UnixMs(1))?;
        assert!(tx.sql("INSERT INTO nowhere VALUES (1)").is_err());
        tx.insert_promotion("other half", UnixMs(1)).map(drop)
    });
    let kept = fixture.promotions().len();
    assert!(if swallowed.is_ok() { kept == 2 } else { kept == 0 }, "{swallowed:?} and {kept} kept");
}

fn a_commit_that_fails_is_said_to_be_unknown_and_the_next_one_works(fixture: Fixture) {
    let breaking = fixture.store.write(None, |tx| {
        tx.insert_promotion("lost", UnixMs(1))?;
        tx.break_commit()
    });
    assert_eq!(breaking, Err(StoreError::OutcomeUnknown));
    fixture.write(|tx| tx.insert_promotion("after", UnixMs(1)));
    assert_eq!(fixture.promotions(), ["after"]);
}

/// Runs `work` in so many threads that begin together: what each of them answered.
fn side_by_side<R: Send>(threads: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let (begin, work) = (Barrier::new(threads), &work);
    thread::scope(|scope| {
        let begin = &begin;
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    begin.wait();
                    work(thread)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn of_attempts_charged_side_by_side_none_is_lost(fixture: Fixture) {
    let account = fixture.write(|tx| account(tx, "ada", Role::Teacher));
    side_by_side(8, |_| {
        for _ in 0..5 {
            fixture.write(move |tx| {
                let failures = tx.account_by_id(account)?.unwrap().failures;
                tx.set_attempts(account, failures.saturating_add(1), UnixMs(0))
            });
        }
    });
    assert_eq!(fixture.store.read(|view| view.account_by_id(account)).unwrap().unwrap().failures, 40);
}

fn of_two_administrators_who_disable_each_other_one_is_left(fixture: Fixture) {
    for round in 0..10 {
        let pair = fixture.write(move |tx| {
            let [one, two] = ["one", "two"].map(|name| format!("{name}-{round}"));
            Ok([account(tx, &one, Role::Administrator)?, account(tx, &two, Role::Administrator)?])
        });
        side_by_side(2, |thread| {
            let other = pair[thread ^ 1];
            fixture
                .write(move |tx| if tx.active_administrators()? > 1 { tx.set_disabled(other, true) } else { Ok(()) });
        });
        assert_eq!(fixture.store.read(|view| view.active_administrators()), Ok(1), "round {round}");
        fixture.write(move |tx| pair.into_iter().try_for_each(|account| tx.set_disabled(account, true)));
    }
}

fn of_one_request_that_arrives_eight_times_at_once_one_takes_effect(fixture: Fixture) {
    let account = fixture.write(|tx| account(tx, "ada", Role::Teacher));
    for round in 0..5_u8 {
        let ran = side_by_side(8, |thread| {
            fixture.write(move |tx| {
                if tx.answered(account, RequestKey([round; 16]))?.is_some() {
                    return Ok(false);
                }
                tx.insert_promotion(&format!("{round}-{thread}"), UnixMs(1))?;
                let row = KeyRow { service: 1, opcode: 1, fingerprint: [0; 32], result: vec![], created: UnixMs(1) };
                tx.insert_answer(account, RequestKey([round; 16]), &row)?;
                Ok(true)
            })
        });
        assert_eq!(ran.into_iter().filter(|ran| *ran).count(), 1, "round {round}");
    }
    assert_eq!(fixture.promotions().len(), 5);
}

on_each_backend!(
    what_was_acknowledged_is_there_after_a_restart,
    a_part_that_is_undone_leaves_the_rest_of_its_job,
    a_job_whose_deadline_has_passed_is_not_begun,
    a_read_sees_one_snapshot_and_a_panic_in_it_frees_its_connection,
    a_job_that_fails_or_panics_changes_nothing_and_the_next_one_works,
    a_statement_that_fails_takes_the_whole_job_with_it_whatever_the_job_says,
    a_commit_that_fails_is_said_to_be_unknown_and_the_next_one_works,
    of_attempts_charged_side_by_side_none_is_lost,
    of_two_administrators_who_disable_each_other_one_is_left,
    of_one_request_that_arrives_eight_times_at_once_one_takes_effect,
);
