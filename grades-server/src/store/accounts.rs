//! Accounts in the store: identities, what they are attached to, and how many attempts to sign in were charged to them.

use std::fmt;

use grades_api::model::{Role, StudentKey};

use super::{PromotionId, StoreError, StudentId};
use crate::clock::UnixMs;

/// Names an account; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AccountId(pub(crate) i64);

/// An account as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccountRow {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) disabled: bool,
    /// Counts what ends all sessions. A session of an older epoch is none.
    pub(crate) epoch: i64,
    /// The password's PHC string.
    pub(crate) password: String,
    /// Attempts that were charged since the last success.
    pub(crate) failures: u32,
    /// Before it no attempt is taken.
    pub(crate) next_allowed: UnixMs,
    pub(crate) created: UnixMs,
}

/// Attempts on a name that no account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strangers {
    pub(crate) failures: u32,
    pub(crate) next_allowed: UnixMs,
}

/// Questions about accounts.
pub(crate) trait ReadAccounts {
    fn account(&mut self, name: &str) -> Result<Option<AccountRow>, StoreError>;

    fn account_by_id(&mut self, id: AccountId) -> Result<Option<AccountRow>, StoreError>;

    /// All accounts, by name.
    fn accounts(&mut self) -> Result<Vec<AccountRow>, StoreError>;

    /// Administrators that are not disabled.
    fn active_administrators(&mut self) -> Result<u64, StoreError>;

    /// The promotions that a teacher is attached to, by name.
    fn attachments(&mut self, teacher: AccountId) -> Result<Vec<String>, StoreError>;

    fn is_attached(&mut self, teacher: AccountId, promotion: PromotionId) -> Result<bool, StoreError>;

    /// The student that a student account is bound to.
    fn bound_student(&mut self, account: AccountId) -> Result<Option<(StudentId, StudentKey)>, StoreError>;

    /// The account that a student is bound to.
    fn account_of_student(&mut self, student: StudentId) -> Result<Option<AccountId>, StoreError>;

    /// Attempts on a name that no account has.
    fn strangers(&mut self, name_digest: &[u8; 32]) -> Result<Option<Strangers>, StoreError>;
}

/// Changes to accounts. The caller has checked that they are allowed.
pub(crate) trait WriteAccounts {
    fn insert_account(
        &mut self,
        name: &str,
        role: Role,
        password: &str,
        created: UnixMs,
    ) -> Result<AccountId, StoreError>;

    fn set_attempts(&mut self, id: AccountId, failures: u32, next_allowed: UnixMs) -> Result<(), StoreError>;

    /// Remembers attempts on a name that no account has, and forgets names that were quiet for `rows_max` attempts on others.
    fn set_strangers(&mut self, name_digest: &[u8; 32], attempts: Strangers, rows_max: u32) -> Result<(), StoreError> {
        self.forget_strangers(name_digest)?;
        let newest = self.insert_strangers(name_digest, attempts)?;
        // Numbers only rise, so a window of them holds at most as many rows; counting rows would take longer than this.
        self.forget_strangers_until(newest.saturating_sub(rows_max.into()))
    }

    /// Of [`set_strangers`](Self::set_strangers): forgets attempts on this name.
    fn forget_strangers(&mut self, name_digest: &[u8; 32]) -> Result<(), StoreError>;

    /// Of [`set_strangers`](Self::set_strangers): the number of the new row.
    fn insert_strangers(&mut self, name_digest: &[u8; 32], attempts: Strangers) -> Result<i64, StoreError>;

    /// Of [`set_strangers`](Self::set_strangers): forgets rows up to this number.
    fn forget_strangers_until(&mut self, number: i64) -> Result<(), StoreError>;

    fn set_password(&mut self, id: AccountId, password: &str) -> Result<(), StoreError>;

    /// Begins a new epoch if the account becomes disabled.
    fn set_disabled(&mut self, id: AccountId, disabled: bool) -> Result<(), StoreError>;

    /// Changes the role, detaches and unbinds, and begins a new epoch.
    fn set_role(&mut self, id: AccountId, role: Role) -> Result<(), StoreError> {
        self.begin_role(id, role)?;
        self.detach_from_all(id)?;
        self.bind(id, None)
    }

    /// Of [`set_role`](Self::set_role): writes the role and begins a new epoch.
    fn begin_role(&mut self, id: AccountId, role: Role) -> Result<(), StoreError>;

    fn attach(&mut self, teacher: AccountId, promotion: PromotionId) -> Result<(), StoreError>;

    fn detach(&mut self, teacher: AccountId, promotion: PromotionId) -> Result<(), StoreError>;

    /// Of [`set_role`](Self::set_role).
    fn detach_from_all(&mut self, teacher: AccountId) -> Result<(), StoreError>;

    /// Binds an account to this student, or to none, instead of whom it was bound to.
    fn bind(&mut self, account: AccountId, student: Option<StudentId>) -> Result<(), StoreError> {
        self.unbind(account)?;
        student.map_or(Ok(()), |student| self.insert_binding(account, student))
    }

    /// Of [`bind`](Self::bind).
    fn unbind(&mut self, account: AccountId) -> Result<(), StoreError>;

    /// Of [`bind`](Self::bind).
    fn insert_binding(&mut self, account: AccountId, student: StudentId) -> Result<(), StoreError>;
}

impl fmt::Debug for AccountRow {
    /// Hides the password's hash: it is what an attacker would guess against.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
