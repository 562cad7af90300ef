//! A transaction as jobs and reads see it: a connection inside its transaction, and nothing of PostgreSQL.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_postgres::{Row, SimpleQueryMessage, Statement, types::ToSql};

use super::{
    client::Client,
    convert::column,
    error::{Failure, Fault},
};
use crate::{
    clock::UnixMs,
    store::{StoreError, Tx, View},
};

/// A parameter of a statement.
pub(super) type Parameter<'p> = &'p (dyn ToSql + Sync);

/// How late the database may say that a statement was too late.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// A COMMIT has no deadline of its own, as it may wait for the standby. But no call waits longer than 30 s for it, and a
/// database that has stopped must not keep the connection and its thread for ever.
const COMMIT_MAX: Duration = Duration::from_secs(30);

/// A connection with the statements that were prepared on it.
pub(super) struct Connection {
    client: Client,
    /// Bounded by the number of statements in this folder.
    statements: HashMap<&'static str, Statement>,
    /// Whether the database has warned, which it does of a COMMIT that did not wait for the standby to its end.
    warned: Arc<AtomicBool>,
}

impl Connection {
    pub(super) fn new(client: Client, warned: Arc<AtomicBool>) -> Self {
        Self { client, statements: HashMap::new(), warned }
    }

    pub(super) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// A database that is there says itself that a statement took too long, and is given the time to.
    fn answers_by(&mut self, until: Instant) {
        self.client.answers_by(until.checked_add(ANSWER_MAX).unwrap_or(until));
    }

    /// Begins a transaction that ends by `until`, and asks for the time, in one round trip.
    pub(super) fn begin(&mut self, begin: &str, until: Instant) -> Result<UnixMs, Fault> {
        self.answers_by(until);
        let time = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let told = self.client.simple_query(&format!("{begin}; {time}"))?;
        let told = told.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        Ok(UnixMs(told.unwrap_or_default()))
    }

    /// Commits: whether the database did so without a warning.
    pub(super) fn commit(&mut self) -> Result<bool, Fault> {
        self.warned.store(false, Ordering::Relaxed);
        let now = Instant::now();
        self.client.answers_by(now.checked_add(COMMIT_MAX).unwrap_or(now));
        // Why reset: a COMMIT that is cancelled while it waits for the standby is committed here, and perhaps not there.
        self.client.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; COMMIT")?;
        Ok(!self.warned.load(Ordering::Relaxed))
    }

    fn prepare(&mut self, sql: &'static str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("statements", &self.statements.len()).finish_non_exhaustive()
    }
}

/// A connection within a transaction. Reads get it as a [`View`] only.
#[derive(Debug)]
pub(super) struct PostgresTx<'c> {
    connection: &'c mut Connection,
    /// Invariant: once a statement has failed, PostgreSQL takes no other one, and nothing of this transaction may be kept.
    failure: Option<Failure>,
    /// How long each statement may take, where the transaction as a whole may take longer.
    statement_max: Option<Duration>,
}

impl<'c> PostgresTx<'c> {
    pub(super) const fn new(connection: &'c mut Connection) -> Self {
        Self { connection, failure: None, statement_max: None }
    }

    /// The same, in which each statement has this long from its own beginning.
    pub(super) const fn giving_each_statement(self, max: Duration) -> Self {
        Self { statement_max: Some(max), ..self }
    }

    /// What ended the transaction, if a statement of it failed.
    pub(super) const fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Says what it means that a lock was not had.
    pub(super) fn was_locked_by(&mut self, meaning: Failure) -> Option<StoreError> {
        let locked = self.failure == Some(Failure::Locked);
        locked.then(|| {
            self.failure = Some(meaning);
            meaning.into()
        })
    }

    /// Runs something at the connection, unless the transaction has failed.
    fn ask<T>(&mut self, ask: impl FnOnce(&mut Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        if let Some(failure) = self.failure {
            return Err(failure.into());
        }
        if let Some(until) = self.statement_max.and_then(|max| Instant::now().checked_add(max)) {
            self.connection.answers_by(until);
        }
        ask(self.connection).map_err(|error| {
            let failure = Failure::of(&error);
            self.failure = Some(failure);
            failure.into()
        })
    }

    /// Runs a statement that changes rows: how many.
    pub(super) fn execute(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<u64, StoreError> {
        self.ask(|connection| {
            let statement = connection.prepare(sql)?;
            connection.client.execute(&statement, parameters)
        })
    }

    /// Runs a statement that inserts one row and returns its number.
    pub(super) fn insert(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<i64, StoreError> {
        self.row(sql, parameters, |row| column(row, 0))?.ok_or(StoreError::Failed)
    }

    /// The first row, if there is one.
    pub(super) fn row<T>(
        &mut self,
        sql: &'static str,
        parameters: &[Parameter<'_>],
        read: impl FnOnce(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let row = self.ask(|connection| {
            let statement = connection.prepare(sql)?;
            connection.client.query_opt(&statement, parameters)
        })?;
        row.as_ref().map(read).transpose()
    }

    /// All rows.
    pub(super) fn rows<T>(
        &mut self,
        sql: &'static str,
        parameters: &[Parameter<'_>],
        read: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.ask(|connection| {
            let statement = connection.prepare(sql)?;
            connection.client.query(&statement, parameters)
        })?;
        rows.iter().map(read).collect()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.ask(|connection| connection.client.batch_execute(sql))
    }
}

impl View for PostgresTx<'_> {}

impl Tx for PostgresTx<'_> {
    fn view(&mut self) -> &mut dyn View {
        self
    }

    fn nested(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<(), StoreError> {
        self.batch("SAVEPOINT part")?;
        let keep = work(self);
        // A transaction in which a statement failed is not saved by its savepoint: it is run again, or ends.
        self.batch(if keep { "RELEASE part" } else { "ROLLBACK TO part; RELEASE part" })
    }

    #[cfg(test)]
    fn sql(&mut self, sql: &str) -> Result<(), StoreError> {
        self.batch(sql)
    }

    #[cfg(test)]
    fn count(&mut self, table: &str) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM {table}");
        let count = self.ask(|connection| connection.client.query_one(&sql, &[]))?;
        u32::try_from(column::<i64>(&count, 0)?).map_err(|_| StoreError::Failed)
    }

    #[cfg(test)]
    fn audited(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT concat_ws(' ', actor, action, object, detail) FROM audit ORDER BY id";
        self.rows(sql, &[], |row| column(row, 0))
    }

    /// Two rows of the same number, which is looked at only in the commit.
    #[cfg(test)]
    fn break_commit(&mut self) -> Result<(), StoreError> {
        self.sql(
            "CREATE TEMPORARY TABLE torn (a INT UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP;
             INSERT INTO torn VALUES (1), (1)",
        )
    }
}
