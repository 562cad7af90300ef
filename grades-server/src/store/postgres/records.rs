//! Request keys and audit as rows.

use super::{
    convert::{bytes, column, ms, number, signed, time},
    error::Failure,
    tx::{Parameter, PostgresTx},
};
use crate::{
    clock::UnixMs,
    store::{AccountId, AuditEntry, AuditRow, KeyRow, ReadRecords, RequestKey, StoreError, WriteRecords},
};

impl ReadRecords for PostgresTx<'_> {
    fn audit_of(&mut self, object: &str, account: Option<(AccountId, &str)>) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT at_ms, actor, peer, action, object, detail FROM audit
                   WHERE object IN ($1, $3) OR account = $2 ORDER BY id";
        let (account, name) = account.unzip();
        self.rows(sql, &[&object, &account.map(|account| account.0), &name], |row| {
            Ok(AuditRow {
                at: time(row, 0)?,
                actor: column(row, 1)?,
                peer: column(row, 2)?,
                action: column(row, 3)?,
                object: column(row, 4)?,
                detail: column(row, 5)?,
            })
        })
    }

    fn answers_of(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let count = self.row("SELECT count(*) FROM op_key WHERE account = $1", &[&account.0], |row| number(row, 0))?;
        Ok(count.unwrap_or_default())
    }
}

impl WriteRecords for PostgresTx<'_> {
    fn answered(&mut self, account: AccountId, key: RequestKey) -> Result<Option<KeyRow>, StoreError> {
        // Why FOR UPDATE: the change may be committed here and not yet on the standby. A row that is locked makes this
        // transaction's COMMIT wait for the standby too, so that no answer is given again that a failover could undo.
        let sql = "SELECT service, opcode, fingerprint, result, created_ms FROM op_key WHERE account = $1 AND key = $2
                   FOR UPDATE";
        self.row(sql, &[&account.0, &key.0.as_slice()], |row| {
            Ok(KeyRow {
                service: number(row, 0)?,
                opcode: number(row, 1)?,
                fingerprint: bytes(row, 2)?,
                result: column(row, 3)?,
                created: time(row, 4)?,
            })
        })
    }

    fn insert_answer(&mut self, account: AccountId, key: RequestKey, row: &KeyRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO op_key (account, key, service, opcode, fingerprint, result, created_ms)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let KeyRow { service, opcode, fingerprint, result, created } = row;
        let (service, opcode) = (i64::from(*service), i64::from(*opcode));
        let (key, fingerprint) = (key.0.as_slice(), fingerprint.as_slice());
        let inserted = self.execute(sql, &[&account.0, &key, &service, &opcode, &fingerprint, result, &ms(*created)]);
        // Nobody but the same request, at another server, can hold this row.
        inserted.map(drop).map_err(|error| self.was_locked_by(Failure::KeyInProgress).unwrap_or(error))
    }

    fn prune_answers(&mut self, before: UnixMs, rows_max: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM op_key WHERE (account, key) IN
                   (SELECT account, key FROM op_key WHERE created_ms < $1 ORDER BY created_ms LIMIT $2)";
        self.execute(sql, &[&ms(before), &i64::from(rows_max)])
    }

    fn audit(&mut self, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (at_ms, account, actor, session, peer, action, object, detail)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let AuditEntry { at, account, actor, session, peer, action, object, detail } = entry;
        let (account, session) = (account.map(|account| account.0), session.map(signed).transpose()?);
        self.execute(sql, &[&ms(*at), &account, actor, &session, peer, action, object, detail]).map(drop)
    }

    /// In one round trip.
    fn audit_all(&mut self, entries: &[AuditEntry<'_>]) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (at_ms, account, actor, session, peer, action, object, detail)
                   SELECT at_ms, account, actor, session, peer, action, object, detail
                   FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                               $8::text[])
                   WITH ORDINALITY AS new (at_ms, account, actor, session, peer, action, object, detail, place)
                   ORDER BY place";
        let times: Vec<i64> = entries.iter().map(|entry| ms(entry.at)).collect();
        let accounts: Vec<Option<i64>> = entries.iter().map(|entry| entry.account.map(|account| account.0)).collect();
        let sessions = entries.iter().map(|entry| entry.session.map(signed).transpose());
        let sessions: Vec<Option<i64>> = sessions.collect::<Result<_, StoreError>>()?;
        let texts = |text: for<'a> fn(&AuditEntry<'a>) -> &'a str| entries.iter().map(text).collect::<Vec<_>>();
        let (actors, peers) = (texts(|entry| entry.actor), texts(|entry| entry.peer));
        let (actions, objects) = (texts(|entry| entry.action), texts(|entry| entry.object));
        let details = texts(|entry| entry.detail);
        let row: [Parameter<'_>; 8] = [&times, &accounts, &actors, &sessions, &peers, &actions, &objects, &details];
        self.execute(sql, &row).map(drop)
    }

    fn prune_audit(&mut self, before: UnixMs, rows_max: u32) -> Result<u64, StoreError> {
        self.execute("UPDATE audit_horizon SET before_ms = greatest(before_ms, $1)", &[&ms(before)])?;
        let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at_ms < $1 ORDER BY at_ms LIMIT $2)";
        self.execute(sql, &[&ms(before), &i64::from(rows_max)])
    }
}
