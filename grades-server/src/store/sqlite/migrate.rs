//! Migrations: numbered SQL files in the binary, each in one transaction with the number it brings the store to. What has
//! been released is never edited; a store of a newer build is refused before a byte of it is written.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::open;
use crate::store::OpenError;

/// The steps, in order. Their position, counted from 1, is the store's `user_version` after them.
const STEPS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_accounts.sql"),
    include_str!("../../../migrations/sqlite/0002_marks.sql"),
    include_str!("../../../migrations/sqlite/0003_request_keys.sql"),
    include_str!("../../../migrations/sqlite/0004_audit.sql"),
    include_str!("../../../migrations/sqlite/0005_retention.sql"),
];

/// `application_id` of our files: "GRAD". Tells our empty store from someone else's database.
const APPLICATION_ID: i64 = 0x4752_4144;

/// Refuses a store that this build does not know, looking only.
pub(super) fn refuse_newer(file: &Path) -> Result<(), OpenError> {
    let connection = open::for_reading(file)?;
    let found = version(&connection)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables != 0) {
        return Err(OpenError::Foreign(file.to_owned()));
    }
    if found > known() {
        return Err(OpenError::Newer { found, known: known() });
    }
    Ok(())
}

/// Refuses a store that would have to be changed before this build can read it.
pub(super) fn refuse_older(file: &Path) -> Result<(), OpenError> {
    let found = version(&open::for_reading(file)?)?;
    if found < known() { Err(OpenError::Older { found, known: known() }) } else { Ok(()) }
}

/// Runs the steps that the store has not seen.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), OpenError> {
    run(connection, STEPS)
}

/// Makes the store of an earlier build, with rows that it might have written.
#[cfg(test)]
pub(in crate::store) fn create_at(data: &Path, version: usize, rows: &str) -> Result<(), OpenError> {
    open::create(data)?;
    let mut connection = open::for_writing(&open::existing(data)?)?;
    run(&mut connection, &STEPS[..version])?;
    Ok(connection.execute_batch(rows)?)
}

fn run(connection: &mut Connection, steps: &[&str]) -> Result<(), OpenError> {
    let seen = version(connection)?;
    for (step, number) in steps.iter().zip(1_i64..).filter(|(_, number)| *number > seen) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
        // A new store passes through every version; only the change of an old one is worth a line.
        if seen > 0 {
            tracing::info!(version = number, "the store was migrated");
        }
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, OpenError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

pub(in crate::store) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn store_of_version(version: i64) -> (tempfile::TempDir, std::path::PathBuf) {
        let data = tempfile::tempdir().unwrap();
        open::create(data.path()).unwrap();
        let file = open::existing(data.path()).unwrap();
        let connection = Connection::open(&file).unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        (data, file)
    }

    #[test]
    fn a_newer_store_is_refused_and_not_a_byte_of_it_changes() {
        let (data, file) = store_of_version(known() + 1);
        let before = fs::read(&file).unwrap();
        let error = super::super::Sqlite::open(data.path()).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found, known: k } if found == k + 1 && k == known()), "{error}");
        assert_eq!(fs::read(&file).unwrap(), before);
        let beside = |suffix: &str| file.with_extension(format!("sqlite-{suffix}")).exists();
        assert!(!beside("wal") && !beside("shm"), "SQLite has begun to work on it");
    }

    #[test]
    fn someone_elses_database_is_refused() {
        let data = tempfile::tempdir().unwrap();
        open::create(data.path()).unwrap();
        let file = open::existing(data.path()).unwrap();
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert!(matches!(super::super::Sqlite::open(data.path()), Err(OpenError::Foreign(_))));
    }

    #[test]
    fn steps_that_were_seen_do_not_run_again_and_a_step_that_fails_leaves_nothing() {
        let (_data, file) = store_of_version(0);
        let mut connection = open::for_writing(&file).unwrap();
        bring_up(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), known());
        bring_up(&mut connection).unwrap();

        // A step that meets a table of its own name fails, and the version stays where it was.
        connection.pragma_update(None, "user_version", known() - 1).unwrap();
        assert!(bring_up(&mut connection).is_err());
        assert_eq!(version(&connection).unwrap(), known() - 1);
        assert!(connection.is_autocommit());
    }
}
