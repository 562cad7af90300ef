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

/// How long a read waits for the database.
#[derive(Clone, Copy, Debug)]
pub(super) enum ReadMax {
    /// For all that it asks together: somebody waits for the answer.
    Whole(Duration),
    /// For each statement: what is read may be of any size.
    EachStatement(Duration),
}

impl ReadMax {
    /// A look-up takes a millisecond and the longest list some hundred: who takes this long waits for a database that is
    /// gone or stands still.
    pub(super) const OF_A_CALL: Self = Self::Whole(Duration::from_secs(5));

    /// A store is read to its end by pages, each of which takes some milliseconds: a minute is a database that stands still.
    pub(super) const OF_A_STORE: Self = Self::EachStatement(Duration::from_secs(60));
}

/// Runs `work` on one snapshot.
pub(super) fn run(
    pool: &Pool,
    max: ReadMax,
    work: &mut dyn FnMut(&mut dyn View),
    now: Instant,
) -> Result<(), StoreError> {
    let (ReadMax::Whole(first) | ReadMax::EachStatement(first)) = max;
    let mut taken = begin(pool, now.checked_add(first).unwrap_or(now))?;
    let mut tx = PostgresTx::new(taken.connection()?);
    if let ReadMax::EachStatement(max) = max {
        tx = tx.giving_each_statement(max);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::UnixMs,
        store::{
            Store, StoreAddress,
            postgres::{open, target::Target},
            tests::database::Database,
        },
    };

    #[test]
    fn a_store_may_take_any_time_to_be_read_and_a_statement_of_it_may_not() {
        let Some(database) = Database::new() else { return };
        let address: StoreAddress = database.url().parse().unwrap();
        let store = Store::create(&address).unwrap();
        store.write(None, |tx| tx.insert_promotion("L3", UnixMs(1))).unwrap();
        database.sql(
            "ALTER TABLE promotion RENAME TO quick;
             CREATE VIEW promotion AS SELECT quick.* FROM quick, (SELECT pg_sleep(0.7)) slow",
        );
        let StoreAddress::Postgres(url) = address else { panic!("no URL") };
        let target = Target::of(&url).unwrap();
        let first = open::connect(&target).unwrap();
        let pool = Pool::new(target, first);
        // More than 2 s and the second that the database has to say so.
        let five_lists = |max| {
            let mut read = Ok(());
            let mut work = |view: &mut dyn View| read = (0..5).try_for_each(|_| view.promotions().map(drop));
            run(&pool, max, &mut work, Instant::now()).and(read)
        };
        assert_eq!(five_lists(ReadMax::EachStatement(Duration::from_secs(2))), Ok(()));
        assert!(five_lists(ReadMax::Whole(Duration::from_secs(2))).is_err());
        assert!(five_lists(ReadMax::EachStatement(Duration::from_millis(300))).is_err());
    }
}
