//! One read: a snapshot that ends before its caller goes on, so that no slow peer keeps a transaction open.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::{Duration, Instant},
};

use super::{
    error::Failure,
    pool::{Pool, Taken},
    tx::PostgresTx,
};
use crate::store::{StoreError, View};

/// A look-up takes a millisecond and the longest list some hundred: who takes this long waits for a database that is
/// gone or stands still.
const READ_MAX: Duration = Duration::from_secs(5);

/// Runs `work` on one snapshot.
pub(super) fn run(pool: &Pool, work: &mut dyn FnMut(&mut dyn View), now: Instant) -> Result<(), StoreError> {
    let until = now.checked_add(READ_MAX).unwrap_or(now);
    let mut taken = begin(pool, until)?;
    let mut tx = PostgresTx::new(taken.connection()?);
    let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
    let failure = tx.failure();
    let ended = taken.connection()?.client().batch_execute("COMMIT");
    if failure != Some(Failure::Lost) && ended.is_ok() {
        taken.give_back();
    } // else the connection is closed
    match (result, failure) {
        (Err(panic), _) => resume_unwind(panic),
        (Ok(()), Some(failure)) => Err(failure.into()),
        (Ok(()), None) => Ok(()),
    }
}

/// A connection in a snapshot. One that was lost while it was idle is replaced: nothing was asked of it yet.
fn begin(pool: &Pool, until: Instant) -> Result<Taken<'_>, StoreError> {
    loop {
        let mut taken = pool.take(until)?;
        let left = until.saturating_duration_since(Instant::now()).as_millis().max(1);
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = {left}");
        match taken.connection()?.begin(&begin, until) {
            Ok(time) => {
                taken.told(time);
                return Ok(taken);
            }
            Err(error) => {
                let failure = Failure::of(&error);
                if failure != Failure::Lost || Instant::now() >= until {
                    return Err(failure.into());
                }
            }
        }
    }
}
