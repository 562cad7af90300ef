//! Request keys and audit as rows.

use rusqlite::params;

use super::tx::SqliteTx;
use crate::{
    clock::UnixMs,
    store::{AccountId, AuditEntry, KeyRow, RequestKey, StoreError, WriteRecords},
};

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

    fn prune_answers(&mut self, before: UnixMs, rows_max: u32) -> Result<(), StoreError> {
        let sql = "DELETE FROM op_key WHERE (account, key) IN
                   (SELECT account, key FROM op_key WHERE created_ms < ?1 ORDER BY created_ms LIMIT ?2)";
        self.execute(sql, params![before, rows_max]).map(drop)
    }

    fn audit(&mut self, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (at_ms, account, actor, session, peer, action, object, detail)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let AuditEntry { at, account, actor, session, peer, action, object, detail } = entry;
        let session = session.map(super::convert::Unsigned);
        self.execute(sql, params![at, account, actor, session, peer, action, object, detail]).map(drop)
    }
}
