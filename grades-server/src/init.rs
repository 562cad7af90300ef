//! The first administrator: made at the server's own console, on the store itself. Over the network there is no way in that
//! does not begin with an account, so nobody can win a race for the first one.

use grades_api::{
    AccountsError,
    model::{NameKind, Password, Role},
};

use crate::{
    auth::{
        PasswordCost,
        password::{HashError, Passwords},
        rules::check_new_password,
    },
    clock::Clock,
    store::{AuditEntry, OpenError, Store, StoreAddress, StoreError},
};

/// Why a store was not given its first administrator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The store can't be made or opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The name can't be an account's, or the password may not be set.
    #[error(transparent)]
    Refused(AccountsError),
    /// There is an administrator: whoever they are, they make the next one.
    #[error("the store has an administrator: sign in as one and add others with `grades account add`")]
    HasAdministrator,
    /// The store failed; the log says how.
    #[error("the store could not be written: see the log")]
    Store,
    /// The operating system gave no randomness, or the cost is out of range.
    #[error("the password could not be hashed")]
    Hash,
}

/// Makes the store at `address` if there is none, and its first administrator.
///
/// # Errors
/// See [`InitError`]. Nothing is made before name and password were judged.
pub fn init(
    address: impl Into<StoreAddress>,
    administrator: &str,
    password: &Password,
    cost: PasswordCost,
    clock: &dyn Clock,
) -> Result<(), InitError> {
    if !NameKind::Account.accepts(administrator) {
        return Err(InitError::Refused(AccountsError::BadName));
    }
    check_new_password(administrator, password).map_err(InitError::Refused)?;
    let hash = hash(password, cost).map_err(|_| InitError::Hash)?;
    let store = Store::create(&address.into())?;
    let (name, now) = (administrator.to_owned(), clock.now());
    store.write(None, move |tx| {
        if tx.accounts()?.iter().any(|account| account.role == Role::Administrator) {
            return Err(InitError::HasAdministrator);
        }
        if tx.account(&name)?.is_some() {
            return Err(InitError::Refused(AccountsError::Conflict));
        }
        tx.insert_account(&name, Role::Administrator, &hash, now)?;
        tx.audit(&AuditEntry::at_console(now, "create_account", &name, "the first administrator"))?;
        Ok(())
    })
}

fn hash(password: &Password, cost: PasswordCost) -> Result<String, HashError> {
    let passwords = Passwords::new(cost)?;
    let mut slot = passwords.gate().enter().map_err(|_| HashError)?;
    passwords.hash(&mut slot, password)
}

impl From<StoreError> for InitError {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}
