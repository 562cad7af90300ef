//! Who calls, captured before a change goes to the writer's thread, where `call()` is empty, and confirmed where it counts.

use std::time::Instant;

use rpc_core::{Call, Error, Refusal, Result, call};

use crate::{
    auth::sessions::{self, Session},
    clock::UnixMs,
    store::{AuditEntry, StoreError, Tx, View},
};

/// A signed-in caller of the call that this thread is serving.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) session: Session,
    pub(crate) peer: String,
    /// Past it a change is not begun.
    pub(crate) deadline: Option<Instant>,
}

/// The address of whoever calls, as it is kept with sessions and in the audit.
pub(crate) fn peer(call: &Call) -> String {
    call.peer().to_string()
}

impl Caller {
    /// The caller that the authorizer found.
    ///
    /// # Errors
    /// [`Refusal::unauthenticated`]: nobody was authorized, as in a handler that is called as a plain function.
    pub(crate) fn current<E>() -> Result<Self, E> {
        let call = call();
        let session = call.caller::<Option<Session>>().and_then(Option::as_ref);
        let session = session.ok_or(Error::Refused(Refusal::unauthenticated()))?;
        Ok(Self { session: session.clone(), peer: peer(&call), deadline: call.deadline() })
    }

    /// The session as it stands in the snapshot or change that obeys it: it may have ended since the call was let in, while
    /// the body of the request was still on its way. A role can't have changed without ending it.
    ///
    /// # Errors
    /// [`Refusal::unauthenticated`].
    pub(crate) fn confirm<E>(&self, view: &mut dyn View, now: UnixMs) -> Result<Session, E>
    where
        Error<E>: From<StoreError>,
    {
        let live = sessions::live(view, self.session.digest, now)?;
        live.map(Session::from).ok_or(Error::Refused(Refusal::unauthenticated()))
    }

    /// Writes a line of the audit, within the change that it is about.
    pub(crate) fn audit(
        &self,
        tx: &mut dyn Tx,
        now: UnixMs,
        action: &str,
        object: &str,
        detail: &str,
    ) -> std::result::Result<(), StoreError> {
        tx.audit(&self.line(now, action, object, detail))
    }

    /// Writes a line for each object with its detail.
    pub(crate) fn audit_all(
        &self,
        tx: &mut dyn Tx,
        now: UnixMs,
        action: &str,
        lines: &[(String, String)],
    ) -> std::result::Result<(), StoreError> {
        let lines = lines.iter().map(|(object, detail)| self.line(now, action, object, detail));
        tx.audit_all(&lines.collect::<Vec<_>>())
    }

    fn line<'a>(&'a self, now: UnixMs, action: &'a str, object: &'a str, detail: &'a str) -> AuditEntry<'a> {
        AuditEntry {
            at: now,
            account: Some(self.session.account),
            actor: &self.session.name,
            session: Some(self.session.handle),
            peer: &self.peer,
            action,
            object,
            detail,
        }
    }
}
