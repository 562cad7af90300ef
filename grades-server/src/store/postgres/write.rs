//! One change: its transaction, its COMMIT, and what is done when either does not come to its end.
//!
//! ```text
//! BEGIN SERIALIZABLE ──► job ──► COMMIT ──► answered: it is kept
//!    ▲                    │         ├─────► lost to another: again
//!    └── again ◄── lost to another  └─────► no answer, or a warning: nobody knows
//!                  or connection lost
//! ```

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use tokio_postgres::error::SqlState;

use super::{
    error::{Chain, Failure, Fault},
    pool::{Pool, Taken},
    tx::PostgresTx,
};
use crate::store::{Job, Keep, StoreError};

/// How long a change without a deadline may take: as long as a call that names none.
const CHANGE_MAX: Duration = Duration::from_secs(10);

/// How long a statement waits for another server's change: a change takes milliseconds, and one that was stopped in the
/// middle is ended by the database after 2 s.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

/// A job that lost this often waits until it is alone, so that no job loses for ever.
const LOST_MAX: u32 = 3;

/// How a change that was tried ended.
enum Tried {
    Ended(Result<(), StoreError>),
    Again(Failure),
}

/// Runs a job until its transaction is kept or can't be.
pub(super) fn run(pool: &Pool, job: &mut dyn Job, now: Instant) -> Result<(), StoreError> {
    let until = until(job.deadline(), now);
    let mut lost = 0_u32;
    let mut last = StoreError::DeadlineBeforeStart;
    while Instant::now() < until {
        let taken = pool.take(until)?;
        match attempt(taken, job, until, lost >= LOST_MAX) {
            Tried::Ended(end) => return end,
            Tried::Again(failure) => {
                lost = lost.saturating_add(u32::from(failure == Failure::Conflict));
                last = failure.into();
            }
        }
    }
    Err(last)
}

fn until(deadline: Option<Instant>, now: Instant) -> Instant {
    let own = now.checked_add(CHANGE_MAX).unwrap_or(now);
    deadline.map_or(own, |deadline| deadline.min(own))
}

fn attempt(mut taken: Taken<'_>, job: &mut dyn Job, until: Instant, alone: bool) -> Tried {
    match begin(&mut taken, until, alone) {
        Ok(()) => {}
        Err(failure) => return after(taken, failure),
    }
    let Ok(connection) = taken.connection() else { return Tried::Ended(Err(StoreError::Failed)) };
    let mut tx = PostgresTx::new(connection);
    // A panic ends the job's transaction, and nothing else.
    let keep = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
    match (tx.failure(), keep) {
        (Some(failure), _) => after(taken, failure),
        (None, Ok(Keep::Changes)) => commit(taken),
        (None, Ok(Keep::Nothing)) => {
            roll_back(taken);
            Tried::Ended(Ok(()))
        }
        (None, Err(_panic)) => {
            roll_back(taken);
            Tried::Ended(Err(StoreError::Failed))
        }
    }
}

fn begin(taken: &mut Taken<'_>, until: Instant, alone: bool) -> Result<(), Failure> {
    let left = until.saturating_duration_since(Instant::now());
    // Half of what is left, so that there is time to say what was waited for.
    let lock = left.checked_div(2).unwrap_or(left).min(LOCK_WAIT_MAX);
    let (left, lock) = (left.as_millis().max(1), lock.as_millis().max(1));
    let mode = if alone { "EXCLUSIVE" } else { "ROW EXCLUSIVE" };
    // Why the lock first: it takes no snapshot, so that a job that waited to be alone sees what the others have done.
    let begin = format!(
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL statement_timeout = {left}; SET LOCAL lock_timeout = {lock};
         LOCK TABLE turn IN {mode} MODE"
    );
    let connection = taken.connection().map_err(|_| Failure::Failed)?;
    let time = connection.begin(&begin, until).map_err(|error| Failure::of(&error))?;
    taken.told(time);
    Ok(())
}

/// A transaction that did not come to its COMMIT: nothing was changed.
fn after(taken: Taken<'_>, failure: Failure) -> Tried {
    match failure {
        Failure::Lost => drop(taken),
        _ => roll_back(taken),
    }
    match failure {
        Failure::Conflict | Failure::Lost => Tried::Again(failure),
        _ => Tried::Ended(Err(failure.into())),
    }
}

fn roll_back(mut taken: Taken<'_>) {
    let rolled_back = taken.connection().map(|connection| connection.client().batch_execute("ROLLBACK"));
    match rolled_back {
        Ok(Ok(())) => taken.give_back(),
        // The connection is closed instead, which ends the transaction as well.
        Ok(Err(error)) => tracing::warn!(cause = %Chain(&error), "a transaction could not be rolled back"),
        Err(_) => {}
    }
}

fn commit(mut taken: Taken<'_>) -> Tried {
    let Ok(connection) = taken.connection() else { return Tried::Ended(Err(StoreError::Failed)) };
    match connection.commit() {
        Ok(true) => {
            taken.give_back();
            Tried::Ended(Ok(()))
        }
        Ok(false) => {
            tracing::error!("a commit came with a warning; whether a standby has it is unknown");
            taken.give_back();
            Tried::Ended(Err(StoreError::OutcomeUnknown))
        }
        Err(error) if lost_to_another(&error) => {
            taken.give_back(); // its transaction has ended with its COMMIT
            Tried::Again(Failure::Conflict)
        }
        Err(error) => {
            tracing::error!(cause = %Chain(&error), "a commit failed; its outcome is unknown");
            Tried::Ended(Err(StoreError::OutcomeUnknown))
        }
    }
}

/// The only failures of a COMMIT after which it is known that nothing was changed.
fn lost_to_another(error: &Fault) -> bool {
    error
        .code()
        .is_some_and(|code| [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
}
