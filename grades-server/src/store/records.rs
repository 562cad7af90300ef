//! What is kept beside the rows that people ask for: the answers to request keys, and the audit.

use super::{AccountId, StoreError};
use crate::clock::UnixMs;

/// The 16 bytes that name a call over all its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestKey(pub(crate) [u8; 16]);

/// What was answered to a request key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRow {
    pub(crate) service: u16,
    pub(crate) opcode: u16,
    /// SHA-256 over service, opcode and body.
    pub(crate) fingerprint: [u8; 32],
    /// The encoded answer.
    pub(crate) result: Vec<u8>,
    pub(crate) created: UnixMs,
}

/// One line of the audit.
#[derive(Clone, Debug)]
pub(crate) struct AuditEntry<'a> {
    pub(crate) at: UnixMs,
    /// None for a command at the server's own console.
    pub(crate) account: Option<AccountId>,
    pub(crate) actor: &'a str,
    pub(crate) session: Option<u64>,
    pub(crate) peer: &'a str,
    pub(crate) action: &'a str,
    pub(crate) object: &'a str,
    pub(crate) detail: &'a str,
}

impl<'a> AuditEntry<'a> {
    /// What someone at the server's own console did.
    pub(crate) const fn at_console(at: UnixMs, action: &'a str, object: &'a str, detail: &'a str) -> Self {
        Self { at, account: None, actor: "console", session: None, peer: "local", action, object, detail }
    }
}

/// One line of the audit, as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditRow {
    pub(crate) at: UnixMs,
    pub(crate) actor: String,
    pub(crate) peer: String,
    pub(crate) action: String,
    pub(crate) object: String,
    pub(crate) detail: String,
}

/// Questions about what is kept beside the rows that people ask for.
pub(crate) trait ReadRecords {
    /// What was done to an object, and what was done to and by an account, oldest first.
    fn audit_of(&mut self, object: &str, account: Option<(AccountId, &str)>) -> Result<Vec<AuditRow>, StoreError>;

    /// How many answers are kept for the account.
    fn answers_of(&mut self, account: AccountId) -> Result<u64, StoreError>;
}

/// Request keys and audit; both only inside a change.
pub(crate) trait WriteRecords {
    fn answered(&mut self, account: AccountId, key: RequestKey) -> Result<Option<KeyRow>, StoreError>;

    fn insert_answer(&mut self, account: AccountId, key: RequestKey, row: &KeyRow) -> Result<(), StoreError>;

    /// Forgets at most `rows_max` answers that were given before `before`: how many.
    fn prune_answers(&mut self, before: UnixMs, rows_max: u32) -> Result<u64, StoreError>;

    fn audit(&mut self, entry: &AuditEntry<'_>) -> Result<(), StoreError>;

    /// Writes several lines, in this order.
    fn audit_all(&mut self, entries: &[AuditEntry<'_>]) -> Result<(), StoreError> {
        entries.iter().try_for_each(|entry| self.audit(entry))
    }

    /// Deletes at most `rows_max` lines of the audit of before `before`: how many. None of those that remain can be altered.
    fn prune_audit(&mut self, before: UnixMs, rows_max: u32) -> Result<u64, StoreError>;
}
