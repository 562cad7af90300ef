//! The service that knows who is who: sessions for everyone, accounts for administrators.

use rpc_core::Result;

use crate::{
    Access, AccountsError,
    model::{Account, NewAccount, Password, Role, SessionSummary, SignedIn, StudentKey, Whoami},
};

/// Sessions and accounts.
#[rpc_core::service(id = 0x41, name = "accounts", access = Access)]
pub trait Accounts {
    /// Begins a session. Name and password of any length take the same path; the answer never tells which was wrong.
    #[rpc(opcode = 1, access = Access::Public, slow)]
    fn login(&self, name: &str, password: &Password) -> Result<SignedIn, AccountsError>;

    /// Ends the session of this call.
    #[rpc(opcode = 2, access = Access::SignedIn)]
    fn logout(&self) -> Result<(), AccountsError>;

    /// Whose session this call carries.
    #[rpc(opcode = 3, access = Access::SignedIn, idempotent)]
    fn whoami(&self) -> Result<Whoami, AccountsError>;

    /// Changes the caller's password and ends all other sessions of the account.
    #[rpc(opcode = 4, access = Access::SignedIn, slow)]
    fn change_password(&self, current: &Password, new: &Password) -> Result<(), AccountsError>;

    /// The live sessions of an account; without a name, the caller's own. Others' are for administrators.
    #[rpc(opcode = 5, access = Access::SignedIn, idempotent)]
    fn sessions(&self, account: Option<&str>) -> Result<Vec<SessionSummary>, AccountsError>;

    /// Ends one session. Others' sessions are for administrators.
    #[rpc(opcode = 6, access = Access::SignedIn)]
    fn end_session(&self, handle: u64) -> Result<(), AccountsError>;

    /// Makes an account.
    #[rpc(opcode = 7, access = Access::Administrator, slow)]
    fn create_account(&self, account: &NewAccount, password: &Password) -> Result<(), AccountsError>;

    /// All accounts, by name.
    #[rpc(opcode = 8, access = Access::Administrator, idempotent)]
    fn accounts(&self) -> Result<Vec<Account>, AccountsError>;

    /// Lets an account sign in or not. Disabling ends its sessions; enabling clears a lock.
    #[rpc(opcode = 9, access = Access::Administrator, idempotent)]
    fn set_disabled(&self, account: &str, disabled: bool) -> Result<(), AccountsError>;

    /// Changes what an account may do, detaches it from everything, and ends its sessions.
    #[rpc(opcode = 10, access = Access::Administrator, idempotent)]
    fn set_role(&self, account: &str, role: Role) -> Result<(), AccountsError>;

    /// Gives an account another password and ends its sessions.
    #[rpc(opcode = 11, access = Access::Administrator, slow)]
    fn reset_password(&self, account: &str, new: &Password) -> Result<(), AccountsError>;

    /// Gives a teacher a promotion.
    #[rpc(opcode = 12, access = Access::Administrator, idempotent)]
    fn attach_teacher(&self, account: &str, promotion: &str) -> Result<(), AccountsError>;

    /// Takes a promotion from a teacher.
    #[rpc(opcode = 13, access = Access::Administrator, idempotent)]
    fn detach_teacher(&self, account: &str, promotion: &str) -> Result<(), AccountsError>;

    /// Says which student a student account is; `None` unbinds it.
    #[rpc(opcode = 14, access = Access::Administrator, idempotent)]
    fn bind_student(&self, account: &str, student: Option<&StudentKey>) -> Result<(), AccountsError>;
}
