//! Sessions as rows.

use tokio_postgres::Row;

use super::{
    convert::{bytes, column, ms, number, role_at, signed, time},
    tx::PostgresTx,
};
use crate::{
    clock::UnixMs,
    store::{
        AccountId, LiveSession, NewSession, ReadSessions, SessionDigest, SessionRow, StoreError, WriteSessions,
        columns::{row_number, session_columns_sql},
    },
};

fn session_row(row: &Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        handle: number(row, 0)?,
        digest: SessionDigest(bytes(row, 1)?),
        account: AccountId(column(row, 2)?),
        created: time(row, 3)?,
        last_seen: time(row, 4)?,
        idle_ms: number(row, 5)?,
        expires: time(row, 6)?,
        peer: column(row, 7)?,
    })
}

impl ReadSessions for PostgresTx<'_> {
    fn live_session(&mut self, digest: SessionDigest) -> Result<Option<LiveSession>, StoreError> {
        let sql = concat!(
            "SELECT ",
            session_columns_sql!(),
            ", account.name, account.role FROM session JOIN account ON account.id = session.account
             WHERE session.digest = $1 AND session.epoch = account.epoch AND NOT account.disabled"
        );
        self.row(sql, &[&digest.0.as_slice()], |row| {
            Ok(LiveSession { session: session_row(row)?, name: column(row, 8)?, role: role_at(row, 9)? })
        })
    }

    fn sessions_of(&mut self, account: AccountId) -> Result<Vec<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", session_columns_sql!(), " FROM session WHERE account = $1 ORDER BY handle");
        self.rows(sql, &[&account.0], session_row)
    }

    fn session_numbered(&mut self, number: i64) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", session_columns_sql!(), " FROM session WHERE handle = $1");
        self.row(sql, &[&number], session_row)
    }
}

impl WriteSessions for PostgresTx<'_> {
    fn insert_session(&mut self, new: &NewSession) -> Result<u64, StoreError> {
        let sql = "INSERT INTO session (digest, account, epoch, created_ms, last_seen_ms, idle_ms, expires_ms, peer)
                   VALUES ($1, $2, $3, $4, $4, $5, $6, $7) RETURNING handle";
        let (digest, idle) = (new.digest.0.as_slice(), signed(new.idle_ms)?);
        let (created, expires) = (ms(new.created), ms(new.expires));
        let handle = self.insert(sql, &[&digest, &new.account.0, &new.epoch, &created, &idle, &expires, &new.peer])?;
        row_number(handle)
    }

    fn touch_session(&mut self, handle: u64, now: UnixMs) -> Result<(), StoreError> {
        // Never backwards: two calls may come in either order.
        let sql = "UPDATE session SET last_seen_ms = greatest(last_seen_ms, $2) WHERE handle = $1";
        self.execute(sql, &[&signed(handle)?, &ms(now)]).map(drop)
    }

    fn end_session(&mut self, handle: u64) -> Result<(), StoreError> {
        self.execute("DELETE FROM session WHERE handle = $1", &[&signed(handle)?]).map(drop)
    }

    fn end_sessions(&mut self, account: AccountId, kept: Option<u64>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE account = $1 AND handle IS DISTINCT FROM $2";
        self.execute(sql, &[&account.0, &kept.map(signed).transpose()?])
    }

    fn prune_sessions(&mut self, now: UnixMs, rows_max: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE handle IN
                   (SELECT handle FROM session WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2)";
        self.execute(sql, &[&ms(now), &i64::from(rows_max)])
    }
}
