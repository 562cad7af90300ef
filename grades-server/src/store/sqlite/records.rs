//! Request keys and audit as rows.

use rusqlite::params;

use super::tx::SqliteTx;
use crate::{
    clock::UnixMs,
    store::{AccountId, AuditEntry, AuditRow, KeyRow, ReadRecords, RequestKey, StoreError, WriteRecords},
};

impl ReadRecords for SqliteTx<'_> {
    fn audit_of(&mut self, object: &str, account: Option<(AccountId, &str)>) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT at_ms, actor, peer, action, object, detail FROM audit
                   WHERE object IN (?1, ?3) OR account = ?2 ORDER BY id";
        let (account, name) = account.unzip();
        self.rows(sql, params![object, account, name], |row| {
            Ok(AuditRow {
                at: row.get(0)?,
                actor: row.get(1)?,
                peer: row.get(2)?,
                action: row.get(3)?,
                object: row.get(4)?,
                detail: row.get(5)?,
            })
        })
    }

    fn answers_of(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM op_key WHERE account = ?1";
        let count = self.row(sql, params![account], |row| row.get::<_, super::convert::Unsigned>(0))?;
        Ok(count.map_or(0, |count| count.0))
    }
}

impl WriteRecords for SqliteTx<'_> {
    fn answered(&mut self, account: AccountId, key: RequestKey) -> Result<Option<KeyRow>, StoreError> {
        let sql = "SELECT service, opcode, fingerprint, result, created_ms FROM op_key WHERE account = ?1 AND key = ?2";
        self.row(sql, params![account, key], |row| {
            Ok(KeyRow {
                service: row.get(0)?,
                opcode: row.get(1)?,
                fingerprint: row.get(2)?,
                result: row.get(3)?,
                created: row.get(4)?,
            })
        })
    }

    fn insert_answer(&mut self, account: AccountId, key: RequestKey, row: &KeyRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO op_key (account, key, service, opcode, fingerprint, result, created_ms)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let KeyRow { service, opcode, fingerprint, result, created } = row;
        self.execute(sql, params![account, key, service, opcode, fingerprint, result, created]).map(drop)
    }

    fn prune_answers(&mut self, before: UnixMs, rows_max: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM op_key WHERE (account, key) IN
                   (SELECT account, key FROM op_key WHERE created_ms < ?1 ORDER BY created_ms LIMIT ?2)";
        self.execute(sql, params![before, rows_max])
    }

    fn audit(&mut self, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (at_ms, account, actor, session, peer, action, object, detail)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let AuditEntry { at, account, actor, session, peer, action, object, detail } = entry;
        let session = session.map(super::convert::Unsigned);
        self.execute(sql, params![at, account, actor, session, peer, action, object, detail]).map(drop)
    }

    fn prune_audit(&mut self, before: UnixMs, rows_max: u32) -> Result<u64, StoreError> {
        self.execute("UPDATE audit_horizon SET before_ms = max(before_ms, ?1)", params![before])?;
        let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
        self.execute(sql, params![before, rows_max])
    }
}
