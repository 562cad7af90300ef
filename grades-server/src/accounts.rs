//! The handler of `Accounts`: who may sign in, and what becomes of accounts and their sessions.

use std::sync::Arc;

use grades_api::{
    Accounts, AccountsError,
    model::{Account, NameKind, NewAccount, Password, Role, SessionSummary, SignedIn, StudentKey, Whoami},
};
use rpc_core::{Error, Result, call};

use crate::{
    auth::{attempts::is_locked, rules::check_new_password, sessions::Session},
    caller::{self, Caller},
    clock::UnixMs,
    state::State,
    store::{AccountRow, StoreError, StudentId, Tx, View},
};

mod sign_in;
use sign_in::Proven;

/// Answers the calls of `Accounts`.
#[derive(Clone, Debug)]
pub(crate) struct AccountsHandler {
    state: Arc<State>,
}

impl AccountsHandler {
    pub(crate) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Runs a change of a signed-in caller: session confirmed, change and audit in one transaction.
    fn change<R: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Tx, &Caller, UnixMs) -> Result<R, AccountsError> + Send + 'static,
    ) -> Result<R, AccountsError> {
        let caller = Caller::current()?;
        let now = self.state.clock.now();
        self.state.store.write(caller.deadline, move |tx| {
            caller.confirm(tx.view(), now)?;
            work(tx, &caller, now)
        })
    }

    /// Reads for a signed-in caller, from one snapshot: session confirmed, then the answer.
    fn read<R>(
        &self,
        work: impl FnOnce(&mut dyn View, &Session, UnixMs) -> Result<R, AccountsError>,
    ) -> Result<R, AccountsError> {
        let (caller, now) = (Caller::current()?, self.state.clock.now());
        self.state.store.read(|view| {
            let session = caller.confirm(view, now)?;
            work(view, &session, now)
        })
    }

    /// A change of one account, named.
    fn change_account(
        &self,
        name: &str,
        work: impl Fn(&mut dyn Tx, &Caller, UnixMs, &AccountRow) -> Result<(), AccountsError> + Send + 'static,
    ) -> Result<(), AccountsError> {
        let name = name.to_owned();
        self.change(move |tx, caller, now| {
            let account = named(tx.view(), &name)?;
            work(tx, caller, now, &account)
        })
    }
}

impl Accounts for AccountsHandler {
    fn login(&self, name: &str, password: &Password) -> Result<SignedIn, AccountsError> {
        let peer = caller::peer(&call());
        let proven = self.prove(name, password)?;
        self.begin_session(proven, peer)
    }

    fn logout(&self) -> Result<(), AccountsError> {
        self.change(|tx, caller, now| {
            tx.end_session(caller.session.handle)?;
            Ok(caller.audit(tx, now, "logout", &caller.session.name, "")?)
        })
    }

    fn whoami(&self) -> Result<Whoami, AccountsError> {
        self.read(|view, session, _| {
            let account = view.account_by_id(session.account)?.ok_or(AccountsError::NotFound)?;
            Ok(whoami(view, session, account.failures)?)
        })
    }

    fn change_password(&self, current: &Password, new: &Password) -> Result<(), AccountsError> {
        let caller = Caller::current()?;
        let name = caller.session.name.clone();
        check_new_password(&name, new)?;
        let Proven { account, turn, .. } = self.prove(&name, current)?;
        let hash = self.hash(new)?;
        let now = self.state.clock.now();
        let changed = self.state.store.write(caller.deadline, move |tx| {
            caller.confirm(tx.view(), now)?;
            sign_in::settle(tx, &account)?;
            tx.set_password(account.id, &hash)?;
            let ended = tx.end_sessions(account.id, Some(caller.session.handle))?;
            Ok(caller.audit(tx, now, "change_password", &account.name, &format!("{ended} other sessions ended"))?)
        });
        drop(turn); // only now: the attempt is refunded
        changed
    }

    fn sessions(&self, account: Option<&str>) -> Result<Vec<SessionSummary>, AccountsError> {
        self.read(|view, caller, now| {
            let name = account.unwrap_or(&caller.name);
            if name != caller.name && caller.role != Role::Administrator {
                return Err(AccountsError::Forbidden.into());
            }
            let account = named(view, name)?;
            let mut sessions = view.sessions_of(account.id)?;
            sessions.retain(|session| !session.is_expired(now));
            let summary = |session: crate::store::SessionRow| SessionSummary {
                handle: session.handle,
                account: account.name.clone(),
                created_ms: session.created.0,
                last_used_ms: session.last_seen.0,
                expires_ms: session.expires.0,
                current: session.handle == caller.handle,
                peer: session.peer,
            };
            Ok(sessions.into_iter().map(summary).collect())
        })
    }

    fn end_session(&self, handle: u64) -> Result<(), AccountsError> {
        self.change(move |tx, caller, now| {
            let session = tx.session_by_handle(handle)?.filter(|session| {
                let may_end = session.account == caller.session.account || caller.session.role == Role::Administrator;
                may_end && !session.is_expired(now)
            });
            let session = session.ok_or(AccountsError::NotFound)?;
            tx.end_session(session.handle)?;
            let owner = tx.account_by_id(session.account)?.map(|owner| owner.name).unwrap_or_default();
            Ok(caller.audit(tx, now, "end_session", &owner, &format!("session {handle}"))?)
        })
    }

    fn create_account(&self, account: &NewAccount, password: &Password) -> Result<(), AccountsError> {
        if !NameKind::Account.accepts(&account.name) {
            return Err(AccountsError::BadName.into());
        }
        let fits = match account.role {
            Role::Administrator => account.promotions.is_empty() && account.student.is_none(),
            Role::Teacher => account.student.is_none(),
            Role::Student => account.promotions.is_empty(),
        };
        if !fits {
            return Err(AccountsError::WrongRole.into());
        }
        check_new_password(&account.name, password)?;
        let (account, hash) = (account.clone(), self.hash(password)?);
        self.change(move |tx, caller, now| {
            if tx.account(&account.name)?.is_some() {
                return Err(AccountsError::Conflict.into());
            }
            let id = tx.insert_account(&account.name, account.role, &hash, now)?;
            for name in &account.promotions {
                let promotion = tx.promotion(name)?.ok_or(AccountsError::NotFound)?;
                tx.attach(id, promotion)?;
            }
            if let Some(key) = &account.student {
                let student = unbound_student(tx.view(), key)?;
                tx.bind(id, Some(student))?;
            }
            Ok(caller.audit(tx, now, "create_account", &account.name, account.role.as_str())?)
        })
    }

    fn accounts(&self) -> Result<Vec<Account>, AccountsError> {
        self.read(|view, _, now| {
            let rows = view.accounts()?;
            let mut accounts = Vec::with_capacity(rows.len());
            for row in rows {
                accounts.push(Account {
                    role: row.role,
                    disabled: row.disabled,
                    locked: is_locked(row.failures, row.next_allowed, now),
                    created_ms: row.created.0,
                    promotions: view.attachments(row.id)?,
                    student: view.bound_student(row.id)?.map(|(_, key)| key),
                    name: row.name,
                });
            }
            Ok(accounts)
        })
    }

    fn set_disabled(&self, account: &str, disabled: bool) -> Result<(), AccountsError> {
        self.change_account(account, move |tx, caller, now, account| {
            if disabled {
                keep_an_administrator(tx.view(), account)?;
                tx.end_sessions(account.id, None)?;
            } else {
                tx.set_attempts(account.id, 0, UnixMs(0))?;
            }
            tx.set_disabled(account.id, disabled)?;
            let action = if disabled { "disable_account" } else { "enable_account" };
            Ok(caller.audit(tx, now, action, &account.name, "")?)
        })
    }

    fn set_role(&self, account: &str, role: Role) -> Result<(), AccountsError> {
        self.change_account(account, move |tx, caller, now, account| {
            if account.role == role {
                return Ok(()); // a retry must not end the sessions that were begun since
            }
            keep_an_administrator(tx.view(), account)?;
            tx.set_role(account.id, role)?;
            tx.end_sessions(account.id, None)?;
            let detail = format!("{} to {}", account.role.as_str(), role.as_str());
            Ok(caller.audit(tx, now, "set_role", &account.name, &detail)?)
        })
    }

    fn reset_password(&self, account: &str, new: &Password) -> Result<(), AccountsError> {
        check_new_password(account, new)?;
        let hash = self.hash(new)?;
        self.change_account(account, move |tx, caller, now, account| {
            tx.set_password(account.id, &hash)?;
            tx.end_sessions(account.id, None)?;
            Ok(caller.audit(tx, now, "reset_password", &account.name, "")?)
        })
    }

    fn attach_teacher(&self, account: &str, promotion: &str) -> Result<(), AccountsError> {
        self.attachment(account, promotion, true)
    }

    fn detach_teacher(&self, account: &str, promotion: &str) -> Result<(), AccountsError> {
        self.attachment(account, promotion, false)
    }

    fn bind_student(&self, account: &str, student: Option<&StudentKey>) -> Result<(), AccountsError> {
        let key = student.cloned();
        self.change_account(account, move |tx, caller, now, account| {
            if account.role != Role::Student {
                return Err(AccountsError::WrongRole.into());
            }
            tx.bind(account.id, None)?; // first: the student may be bound to this very account
            let student = key.as_ref().map(|key| unbound_student(tx.view(), key)).transpose()?;
            tx.bind(account.id, student)?;
            let detail = key.as_ref().map(|key| format!("{}/{}", key.promotion, key.number)).unwrap_or_default();
            Ok(caller.audit(tx, now, "bind_student", &account.name, &detail)?)
        })
    }
}

impl AccountsHandler {
    fn attachment(&self, account: &str, promotion: &str, attached: bool) -> Result<(), AccountsError> {
        let promotion = promotion.to_owned();
        self.change_account(account, move |tx, caller, now, account| {
            if account.role != Role::Teacher {
                return Err(AccountsError::WrongRole.into());
            }
            let id = tx.promotion(&promotion)?.ok_or(AccountsError::NotFound)?;
            let action = if attached { "attach_teacher" } else { "detach_teacher" };
            if attached {
                tx.attach(account.id, id)?
            } else {
                tx.detach(account.id, id)?
            }
            Ok(caller.audit(tx, now, action, &account.name, &promotion)?)
        })
    }
}

fn named(view: &mut dyn View, name: &str) -> Result<AccountRow, AccountsError> {
    view.account(name)?.ok_or(Error::App(AccountsError::NotFound))
}

/// A student that no account is bound to.
fn unbound_student(view: &mut dyn View, key: &StudentKey) -> Result<StudentId, AccountsError> {
    let promotion = view.promotion(&key.promotion)?.ok_or(AccountsError::NotFound)?;
    let student = view.student(promotion, &key.number)?.ok_or(AccountsError::NotFound)?;
    match view.account_of_student(student.id)? {
        None => Ok(student.id),
        Some(_) => Err(Error::App(AccountsError::Conflict)),
    }
}

/// Without an administrator nobody could make one: refuses to take the last one away.
fn keep_an_administrator(view: &mut dyn View, account: &AccountRow) -> Result<(), AccountsError> {
    let is_active = account.role == Role::Administrator && !account.disabled;
    if is_active && view.active_administrators()? <= 1 {
        return Err(AccountsError::LastAdministrator.into());
    }
    Ok(())
}

fn whoami(view: &mut dyn View, session: &Session, failed_logins: u32) -> std::result::Result<Whoami, StoreError> {
    Ok(Whoami {
        name: session.name.clone(),
        role: session.role,
        idle_expires_ms: session.idle_expires.0,
        expires_ms: session.expires.0,
        failed_logins,
        promotions: view.attachments(session.account)?,
        student: view.bound_student(session.account)?.map(|(_, key)| key),
    })
}
