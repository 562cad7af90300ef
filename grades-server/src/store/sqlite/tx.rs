//! A transaction as jobs and reads see it: a connection inside its transaction, and nothing of SQLite.

use rusqlite::{CachedStatement, Connection};

use crate::store::{StoreError, Tx, View};

/// A connection within a transaction. Readers get it as a [`View`] only.
#[derive(Debug)]
pub(super) struct SqliteTx<'c> {
    connection: &'c Connection,
}

impl<'c> SqliteTx<'c> {
    pub(super) const fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// A statement, prepared once per connection.
    pub(super) fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// Runs a statement that changes rows: how many.
    pub(super) fn execute(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.prepare(sql)?.execute(parameters)?).unwrap_or(u64::MAX))
    }

    /// Runs a statement that inserts one row: its number.
    pub(super) fn insert(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<i64, StoreError> {
        Ok(self.prepare(sql)?.insert(parameters)?)
    }

    /// The first row, if there is one.
    pub(super) fn row<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        use rusqlite::OptionalExtension as _;
        Ok(self.prepare(sql)?.query_row(parameters, read).optional()?)
    }

    /// All rows.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let rows = statement.query_map(parameters, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl View for SqliteTx<'_> {}

impl Tx for SqliteTx<'_> {
    fn view(&mut self) -> &mut dyn View {
        self
    }

    fn nested(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<(), StoreError> {
        self.prepare("SAVEPOINT part")?.execute([])?;
        let keep = work(self);
        if !keep {
            self.prepare("ROLLBACK TO part")?.execute([])?;
        }
        self.prepare("RELEASE part")?.execute([])?;
        Ok(())
    }

    #[cfg(test)]
    fn sql(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    #[cfg(test)]
    fn count(&mut self, table: &str) -> Result<u32, StoreError> {
        Ok(self.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
    }

    #[cfg(test)]
    fn audited(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT concat_ws(' ', actor, action, object, detail) FROM audit ORDER BY id";
        self.rows(sql, [], |row| row.get(0))
    }

    /// A foreign key that leads nowhere, and whose check is put off to the commit.
    #[cfg(test)]
    fn break_commit(&mut self) -> Result<(), StoreError> {
        self.sql("PRAGMA defer_foreign_keys = ON; INSERT INTO teacher_promotion VALUES (-1, -1)")
    }
}
