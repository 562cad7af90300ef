//! The way out for an administrator whom a stranger keeps locked out: whoever reaches the store itself takes the failed logins
//! off an account. Over the network only an administrator who is signed in can do that.

use crate::{
    clock::{Clock, UnixMs},
    store::{AuditEntry, OpenError, Store, StoreAddress, StoreError},
};

/// Why an account was not unlocked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The store can't be opened; a directory that is being served is not.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No account has this name.
    #[error("no account has this name")]
    NoAccount,
    /// The store failed; the log says how.
    #[error("the store could not be written: see the log")]
    Store,
}

/// Takes the failed logins off an account: it is not locked, and the next attempt has no wait. It stays disabled if it was.
///
/// # Errors
/// See [`UnlockError`].
pub fn unlock(address: impl Into<StoreAddress>, account: &str, clock: &dyn Clock) -> Result<(), UnlockError> {
    let store = Store::open(&address.into())?;
    let (name, now) = (account.to_owned(), clock.now());
    store.write(None, move |tx| {
        let account = tx.account(&name)?.ok_or(UnlockError::NoAccount)?;
        tx.set_attempts(account.id, 0, UnixMs(0))?;
        let detail = format!("{} failed attempts", account.failures);
        tx.audit(&AuditEntry::at_console(now, "unlock_account", &name, &detail))?;
        Ok(())
    })
}

impl From<StoreError> for UnlockError {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}
