//! What only PostgreSQL promises: several servers on one store, connections that may be cut at any point, and changes that
//! end by their deadline.

use std::time::{Duration, Instant};

use super::*;
use crate::{
    CheckError, check,
    clock::{Clock as _, SystemClock},
    store::OpenError,
};

/// Two servers' views of one store, and a hand at it.
fn two_servers() -> Option<(Fixture, Store)> {
    let fixture = Fixture::postgres()?;
    let other = Store::open(&fixture.address()).unwrap();
    Some((fixture, other))
}

impl Fixture {
    fn database(&self) -> &Database {
        match &self.place {
            Place::Database(database) => database,
            Place::Directory(_) => panic!("a store of SQLite"),
        }
    }
}

/// Makes every commit of a change to promotions run this when it commits.
fn at_commit(fixture: &Fixture, sql: &str) {
    fixture.database().sql(&format!(
        "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM {sql}; RETURN NULL; END; $$;
         CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON promotion DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION at_commit()"
    ));
}

fn soon(ms: u64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(ms))
}

#[test]
fn what_one_server_acknowledged_the_other_sees_at_once() {
    let Some((fixture, other)) = two_servers() else { return };
    for n in 0..20 {
        fixture.write(move |tx| tx.insert_promotion(&format!("P{n:02}"), UnixMs(1)));
        assert_eq!(other.read(|view| view.promotions()).unwrap().len(), n + 1);
    }
}

#[test]
fn connections_that_were_cut_while_idle_are_replaced_and_nobody_notices() {
    let Some(fixture) = Fixture::postgres() else { return };
    for n in 0..5 {
        assert!(fixture.database().cut_connections() > 0);
        fixture.write(move |tx| tx.insert_promotion(&format!("P{n}"), UnixMs(1)));
        assert!(fixture.database().cut_connections() > 0);
        assert_eq!(fixture.promotions().len(), n + 1);
    }
}

#[test]
fn a_job_whose_connection_is_cut_before_the_commit_is_run_again() {
    let Some(fixture) = Fixture::postgres() else { return };
    fixture.database().sql("CREATE TABLE cuts (n INT)");
    let first = std::sync::atomic::AtomicBool::new(true);
    fixture.write(move |tx| {
        tx.insert_promotion("L3", UnixMs(1))?;
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
            tx.sql("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    });
    assert_eq!(fixture.promotions(), ["L3"]);
}

#[test]
fn a_connection_that_is_cut_in_the_commit_leaves_the_outcome_unknown() {
    let Some(fixture) = Fixture::postgres() else { return };
    at_commit(&fixture, "pg_terminate_backend(pg_backend_pid())");
    let cut = fixture.store.write(None, |tx| tx.insert_promotion("L3", UnixMs(1)));
    assert_eq!(cut, Err(StoreError::OutcomeUnknown));
    assert_eq!(fixture.promotions().len(), 0);
}

#[test]
fn a_commit_that_comes_with_a_warning_is_not_acknowledged() {
    let Some(fixture) = Fixture::postgres() else { return };
    fixture.database().sql(
        "CREATE FUNCTION warn() RETURNS void LANGUAGE plpgsql AS
         $$ BEGIN RAISE WARNING 'as of a standby that was not waited for'; END; $$",
    );
    at_commit(&fixture, "warn()");
    let warned = fixture.store.write(None, |tx| tx.insert_promotion("L3", UnixMs(1)));
    assert_eq!(warned, Err(StoreError::OutcomeUnknown));
    assert_eq!(fixture.promotions(), ["L3"], "it was committed, here at least");
    fixture.write(|tx| tx.audited().map(drop)); // a warning that is over is forgotten
}

#[test]
fn a_commit_that_waits_for_a_standby_and_is_cancelled_is_not_acknowledged() {
    let settings = ["synchronous_standby_names=nobody"];
    let Some(cluster) = database::Cluster::start(&settings) else { return };
    // Migrations would wait for the standby that will never come.
    let alone: StoreAddress = format!("{}?options=-csynchronous_commit%3Dlocal", cluster.url()).parse().unwrap();
    drop(Store::create(&alone).unwrap());
    let store = Store::open(&cluster.url().parse().unwrap()).unwrap();
    std::thread::scope(|scope| {
        let change = || store.write(soon(5_000), |tx| account(tx, "ada", Role::Teacher));
        cancelled(&cluster, scope.spawn(change));
    });
    let account = store.read(|view| view.account("ada")).unwrap().unwrap().id;
    // The same request twice: committed here, and neither acknowledged when it is made nor when its answer is found.
    for found in [false, true] {
        let job = move |tx: &mut dyn Tx| {
            let answer = tx.answered(account, RequestKey([1; 16]))?;
            assert_eq!(answer.is_some(), found);
            let row = KeyRow { service: 1, opcode: 1, fingerprint: [0; 32], result: vec![], created: UnixMs(1) };
            if found { Ok(()) } else { tx.insert_answer(account, RequestKey([1; 16]), &row) }
        };
        let change = || store.write(soon(5_000), job);
        std::thread::scope(|scope| cancelled(&cluster, scope.spawn(change)));
    }
}

/// Cancels whatever waits for a standby that will never come: the change must not be acknowledged.
fn cancelled<R>(cluster: &database::Cluster, change: std::thread::ScopedJoinHandle<'_, Result<R, StoreError>>) {
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    while database::psql(cluster.url(), cancel).is_empty() {
        assert!(!change.is_finished(), "the commit did not wait for the standby");
    }
    assert_eq!(change.join().unwrap().map(drop), Err(StoreError::OutcomeUnknown));
}

#[test]
fn a_statement_ends_at_the_deadline_and_a_commit_does_not() {
    let Some(fixture) = Fixture::postgres() else { return };
    let late = fixture.store.write(soon(100), |tx| {
        tx.insert_promotion("late", UnixMs(1))?;
        tx.sql("SELECT pg_sleep(20)")
    });
    assert_eq!(late, Err(StoreError::DeadlineBeforeStart));
    // A second to come to the COMMIT, which then outlasts it.
    at_commit(&fixture, "pg_sleep(1.1)");
    let long = fixture.store.write(soon(1_000), |tx| tx.insert_promotion("long", UnixMs(1)));
    assert!(long.is_ok(), "{long:?}");
    assert_eq!(fixture.promotions(), ["long"]);
}

#[test]
fn a_change_that_waits_for_another_waits_no_longer_than_its_deadline() {
    let Some((fixture, other)) = two_servers() else { return };
    let account = fixture.write(|tx| account(tx, "ada", Role::Teacher));
    let waited = fixture.write(move |tx| {
        tx.set_attempts(account, 1, UnixMs(0))?;
        // While this transaction holds the row.
        Ok(other.write(soon(200), move |tx| tx.set_attempts(account, 2, UnixMs(0))))
    });
    assert!(matches!(waited, Err(StoreError::Overloaded | StoreError::DeadlineBeforeStart)), "{waited:?}");
}

#[test]
fn a_request_key_that_another_server_is_executing_is_in_progress_and_may_be_tried_again() {
    let Some((fixture, other)) = two_servers() else { return };
    let account = fixture.write(|tx| account(tx, "ada", Role::Teacher));
    let row = || KeyRow { service: 1, opcode: 1, fingerprint: [1; 32], result: vec![0, 0], created: UnixMs(1) };
    let again = fixture.write(move |tx| {
        tx.insert_answer(account, RequestKey([7; 16]), &row())?;
        // While this transaction goes on.
        Ok(other.write(soon(1_000), move |tx| tx.insert_answer(account, RequestKey([7; 16]), &row())))
    });
    assert_eq!(again, Err(StoreError::KeyInProgress));
    let answered = fixture.write(move |tx| tx.answered(account, RequestKey([7; 16])));
    assert!(answered.is_some());
}

#[test]
fn a_store_that_can_not_be_read_now_is_not_said_to_hold_a_bad_row() {
    let Some(fixture) = Fixture::postgres() else { return };
    fixture.write(|tx| account(tx, "root", Role::Administrator));
    check(fixture.address()).unwrap();
    fixture.database().sql(
        "ALTER TABLE promotion RENAME TO cut;
         CREATE VIEW promotion AS SELECT cut.* FROM cut, (SELECT pg_terminate_backend(pg_backend_pid())) cutting",
    );
    fixture.database().sql("INSERT INTO cut (name, created_ms) VALUES ('L3', 1)");
    let cut = check(fixture.address());
    assert!(matches!(cut, Err(CheckError::Store)), "{cut:?}");
}

#[test]
fn the_time_is_the_databases() {
    let Some(fixture) = Fixture::postgres() else { return };
    let behind = std::sync::Arc::new(crate::ManualClock::new(SystemClock.now()));
    let clock = fixture.store.clock(behind);
    fixture.promotions();
    let told: f64 = fixture.database().sql("SELECT extract(epoch FROM clock_timestamp()) * 1000").parse().unwrap();
    let difference = told - clock.now().0 as f64;
    assert!(difference.abs() < 5_000.0, "{difference} ms");
}

#[test]
fn a_newer_store_an_empty_database_and_someone_elses_are_refused_and_not_touched() {
    let Some(database) = Database::new() else { return };
    let address: StoreAddress = database.url().parse().unwrap();
    let tables =
        || database.sql("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = current_schema()");
    assert!(matches!(Store::open(&address), Err(OpenError::EmptyDatabase)));
    assert_eq!(tables(), "");

    database.sql("CREATE TABLE theirs (a INT)");
    assert!(matches!(Store::open(&address), Err(OpenError::ForeignDatabase)));
    assert!(matches!(Store::create(&address), Err(OpenError::ForeignDatabase)));
    assert_eq!(tables(), "theirs");

    database.sql("DROP TABLE theirs; CREATE TABLE grades_store (version BIGINT); INSERT INTO grades_store VALUES (99)");
    assert!(matches!(Store::open(&address), Err(OpenError::Newer { found: 99, .. })));
    assert!(matches!(Store::create(&address), Err(OpenError::Newer { found: 99, .. })));
    assert_eq!(tables(), "grades_store");
}

#[test]
fn servers_that_start_together_migrate_once() {
    let Some(database) = Database::new() else { return };
    let address: StoreAddress = database.url().parse().unwrap();
    std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| Store::create(&address).map(drop))).collect();
        starting.into_iter().for_each(|start| start.join().unwrap().unwrap());
    });
    assert_eq!(database.sql("SELECT version FROM grades_store"), crate::store::sqlite::known().to_string());
}
