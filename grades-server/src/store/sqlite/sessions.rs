//! Sessions as rows.

use rusqlite::{Row, params};

use super::{
    convert::{Unsigned, role_at},
    tx::SqliteTx,
};
use crate::{
    clock::UnixMs,
    store::{
        AccountId, LiveSession, NewSession, ReadSessions, SessionDigest, SessionRow, StoreError, WriteSessions,
        columns::{row_number, session_columns_sql},
    },
};

fn session_row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        handle: row.get::<_, Unsigned>(0)?.0,
        digest: row.get(1)?,
        account: row.get(2)?,
        created: row.get(3)?,
        last_seen: row.get(4)?,
        idle_ms: row.get::<_, Unsigned>(5)?.0,
        expires: row.get(6)?,
        peer: row.get(7)?,
    })
}

impl ReadSessions for SqliteTx<'_> {
    fn live_session(&mut self, digest: SessionDigest) -> Result<Option<LiveSession>, StoreError> {
        let sql = concat!(
            "SELECT ",
            session_columns_sql!(),
            ", account.name, account.role FROM session JOIN account ON account.id = session.account
             WHERE session.digest = ?1 AND session.epoch = account.epoch AND NOT account.disabled"
        );
        self.row(sql, [digest], |row| {
            Ok(LiveSession { session: session_row(row)?, name: row.get(8)?, role: role_at(row, 9)? })
        })
    }

    fn sessions_of(&mut self, account: AccountId) -> Result<Vec<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", session_columns_sql!(), " FROM session WHERE account = ?1 ORDER BY handle");
        self.rows(sql, [account], session_row)
    }

    fn session_numbered(&mut self, number: i64) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", session_columns_sql!(), " FROM session WHERE handle = ?1");
        self.row(sql, [number], session_row)
    }
}

impl WriteSessions for SqliteTx<'_> {
    fn insert_session(&mut self, new: &NewSession) -> Result<u64, StoreError> {
        let sql = "INSERT INTO session (digest, account, epoch, created_ms, last_seen_ms, idle_ms, expires_ms, peer)
                   VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)";
        let idle = Unsigned(new.idle_ms);
        let row = params![new.digest, new.account, new.epoch, new.created, idle, new.expires, new.peer];
        let handle = self.insert(sql, row)?;
        row_number(handle)
    }

    fn touch_session(&mut self, handle: u64, now: UnixMs) -> Result<(), StoreError> {
        // Never backwards: two calls may come in either order.
        let sql = "UPDATE session SET last_seen_ms = max(last_seen_ms, ?2) WHERE handle = ?1";
        self.execute(sql, params![Unsigned(handle), now]).map(drop)
    }

    fn end_session(&mut self, handle: u64) -> Result<(), StoreError> {
        self.execute("DELETE FROM session WHERE handle = ?1", [Unsigned(handle)]).map(drop)
    }

    fn end_sessions(&mut self, account: AccountId, kept: Option<u64>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE account = ?1 AND handle IS NOT ?2";
        self.execute(sql, params![account, kept.map(Unsigned)])
    }

    fn prune_sessions(&mut self, now: UnixMs, rows_max: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE handle IN
                   (SELECT handle FROM session WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)";
        self.execute(sql, params![now, rows_max])
    }
}
