//! Proving a password, and beginning a session with it. Every path through here charges before it hashes, hashes once, and
//! answers alike whether the name, the password or the account is at fault.

use std::fmt;

use grades_api::{
    AccountsError,
    model::{Password, SessionId, SignedIn},
};
use rpc_core::{Error, Refusal, Result, Status, call};

use super::{AccountsHandler, whoami};
use crate::{
    auth::{attempts::Charge, password::Verdict, sessions, turns::Turn},
    caller,
    clock::UnixMs,
    error::overloaded,
    store::{AccountRow, AuditEntry, Tx},
};

/// A password that was right, and the account as it was when the attempt was charged.
pub(super) struct Proven<'t> {
    pub(super) account: AccountRow,
    /// The password hashed at today's cost, if it was not.
    pub(super) rehashed: Option<String>,
    /// Held until the attempt is refunded.
    pub(super) turn: Turn<'t>,
}

impl AccountsHandler {
    /// Charges an attempt and judges it.
    pub(super) fn prove(&self, name: &str, password: &Password) -> Result<Proven<'_>, AccountsError> {
        let state = &self.state;
        let turn = state.attempts.turn(name).ok_or(Error::Refused(overloaded()))?;
        // Before the charge: an attempt that finds no room costs nobody anything.
        let mut slot = state.passwords.gate().enter().map_err(|_| Error::Refused(overloaded()))?;
        let account = match state.attempts.charge(&turn, name)? {
            Charge::TooEarly => return Err(Error::App(AccountsError::TryLater)),
            Charge::Account(account) => Some(account),
            Charge::Nobody => None,
        };
        let stored = account.as_ref().map(|account| account.password.as_str());
        let verdict = state.passwords.check(&mut slot, password, stored);
        if verdict == Verdict::Wrong {
            // A name without an account is not logged: people type passwords into the wrong field.
            let account = account.as_ref().map_or("none, or a locked one", |account| &account.name);
            tracing::warn!(account, peer = caller::peer(&call()), "a wrong password");
        }
        // A disabled account is judged like any other, and answered like a wrong password.
        let Some(account) = account.filter(|account| verdict != Verdict::Wrong && !account.disabled) else {
            return Err(AccountsError::BadCredentials.into());
        };
        let rehashed = match verdict {
            Verdict::RightButStale => state.passwords.hash(&mut slot, password).ok(),
            Verdict::Right | Verdict::Wrong => None,
        };
        Ok(Proven { account, rehashed, turn })
    }

    /// Hashes a password that the rules let pass.
    pub(super) fn hash(&self, password: &Password) -> Result<String, AccountsError> {
        let mut slot = self.state.passwords.gate().enter().map_err(|_| Error::Refused(overloaded()))?;
        self.state.passwords.hash(&mut slot, password).map_err(|error| {
            tracing::error!(%error, "a password was refused for a reason of our own");
            Error::Refused(Refusal::new(Status::INTERNAL))
        })
    }

    /// Refunds the attempt and begins a session, in one transaction.
    pub(super) fn begin_session(&self, proven: Proven<'_>, peer: String) -> Result<SignedIn, AccountsError> {
        let Proven { account, rehashed, turn } = proven;
        let id = draw_session_id()?;
        let (now, failed_logins) = (self.state.clock.now(), account.failures);
        let signed_in = self.state.store.write(call().deadline(), move |tx| {
            settle(tx, &account)?;
            if let Some(rehashed) = &rehashed {
                tx.set_password(account.id, rehashed)?;
            }
            let session = sessions::begin(tx, &account, &id, &peer, now)?;
            audit_login(tx, &account, session.handle, &peer, now)?;
            Ok(SignedIn { session: id, account: whoami(tx.view(), &session, failed_logins)? })
        });
        drop(turn); // only now: the attempt is refunded
        signed_in
    }
}

/// Refunds an attempt that proved right, unless the account has changed since: then it proved nothing.
pub(super) fn settle(tx: &mut dyn Tx, proven: &AccountRow) -> Result<(), AccountsError> {
    let now = tx.account_by_id(proven.id)?;
    let same = now.is_some_and(|now| !now.disabled && now.epoch == proven.epoch && now.password == proven.password);
    if !same {
        return Err(AccountsError::BadCredentials.into());
    }
    Ok(tx.set_attempts(proven.id, 0, UnixMs(0))?)
}

fn audit_login(
    tx: &mut dyn Tx,
    account: &AccountRow,
    handle: u64,
    peer: &str,
    now: UnixMs,
) -> std::result::Result<(), crate::store::StoreError> {
    tx.audit(&AuditEntry {
        at: now,
        account: Some(account.id),
        actor: &account.name,
        session: Some(handle),
        peer,
        action: "login",
        object: &account.name,
        detail: &format!("after {} failed attempts", account.failures),
    })
}

/// 32 bytes of the operating system's: nobody guesses one of 2^256.
fn draw_session_id() -> Result<SessionId, AccountsError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no randomness");
        Error::Refused(Refusal::new(Status::INTERNAL))
    })?;
    Ok(SessionId::from_bytes(bytes))
}

impl fmt::Debug for Proven<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proven").field("account", &self.account).finish_non_exhaustive()
    }
}
