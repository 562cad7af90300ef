//! Migrations: numbered SQL files in the binary, each in one transaction with the number it brings the store to. What has
//! been released is never edited; a store of a newer build is refused before anything is written.

use super::{error::Fault, tx::Connection};
use crate::store::OpenError;

/// The steps, in order. Their position, counted from 1, is the store's version after them.
const STEPS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_accounts.sql"),
    include_str!("../../../migrations/postgres/0002_marks.sql"),
    include_str!("../../../migrations/postgres/0003_request_keys.sql"),
    include_str!("../../../migrations/postgres/0004_audit.sql"),
    include_str!("../../../migrations/postgres/0005_retention.sql"),
];

/// Held by whoever migrates, so that servers that start together do so one after the other. "GRAD".
const MIGRATION_LOCK: i64 = 0x4752_4144;

/// Refuses a database without a store, with something else, or with the store of a newer build, looking only.
pub(super) fn refuse_unknown(connection: &mut Connection) -> Result<(), OpenError> {
    match version(connection)? {
        Some(found) if found > known() => Err(OpenError::Newer { found, known: known() }),
        Some(_) => Ok(()),
        None => {
            let sql = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())";
            let foreign: bool = connection.client().query_one(sql, &[])?.try_get(0).map_err(Fault::Postgres)?;
            Err(if foreign { OpenError::ForeignDatabase } else { OpenError::EmptyDatabase })
        }
    }
}

/// Refuses a store that would have to be changed before this build can read it.
pub(super) fn refuse_older(connection: &mut Connection) -> Result<(), OpenError> {
    let found = version(connection)?.unwrap_or_default();
    if found < known() { Err(OpenError::Older { found, known: known() }) } else { Ok(()) }
}

/// Runs the steps that the store has not seen.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), OpenError> {
    run(connection, STEPS)
}

/// Makes the store of an earlier build.
#[cfg(test)]
pub(super) fn create_at(connection: &mut Connection, version: usize) -> Result<(), OpenError> {
    run(connection, &STEPS[..version])
}

fn run(connection: &mut Connection, steps: &[&str]) -> Result<(), OpenError> {
    let before = version(connection)?;
    for (step, number) in steps.iter().zip(1_i64..) {
        let client = connection.client();
        // If anything below fails, so does the start, and the connection closes with the transaction.
        client.batch_execute("BEGIN")?;
        client.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK])?;
        client.batch_execute(
            "CREATE TABLE IF NOT EXISTS grades_store (version BIGINT NOT NULL);
             INSERT INTO grades_store SELECT 0 WHERE NOT EXISTS (SELECT FROM grades_store)",
        )?;
        let seen: i64 =
            client.query_one("SELECT version FROM grades_store", &[])?.try_get(0).map_err(Fault::Postgres)?;
        if seen >= number {
            client.batch_execute("ROLLBACK")?;
            continue;
        }
        client.batch_execute(step)?;
        client.execute("UPDATE grades_store SET version = $1", &[&number])?;
        client.batch_execute("COMMIT")?;
        // A new store passes through every version; only the change of an old one is worth a line.
        if before.is_some() {
            tracing::info!(version = number, "the store was migrated");
        }
    }
    Ok(())
}

/// The store's version, if there is a store.
fn version(connection: &mut Connection) -> Result<Option<i64>, OpenError> {
    let there: bool = connection
        .client()
        .query_one("SELECT to_regclass('grades_store') IS NOT NULL", &[])?
        .try_get(0)
        .map_err(Fault::Postgres)?;
    if !there {
        return Ok(None);
    }
    let row = connection.client().query_opt("SELECT version FROM grades_store", &[])?;
    Ok(row.map(|row| row.try_get(0)).transpose().map_err(Fault::Postgres)?)
}

fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}
