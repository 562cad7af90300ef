//! Sessions: drawn here, kept as a digest, looked up at every call, ended exactly.
//!
//! The server never takes an ID that it did not draw; nothing in the store signs anyone in; expiry is decided at the call, not
//! by a collector; a session that was ended in the store is ended at the next call.

use std::{fmt, sync::Arc, time::Duration};

use grades_api::model::{Role, SessionId};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::{Clock, UnixMs},
    store::{AccountId, AccountRow, LiveSession, NewSession, SessionDigest, Store, StoreError, Tx, View},
};

/// At most this many sessions an account: a person's devices with room beside them. The oldest makes room.
pub(crate) const SESSIONS_MAX: usize = 10;

/// A call within a minute of the last one writes nothing.
const TOUCH_AFTER: Duration = Duration::from_secs(60);

/// Who is calling: what a live session says of its account at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) handle: u64,
    pub(crate) digest: SessionDigest,
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) idle_expires: UnixMs,
    pub(crate) expires: UnixMs,
}

/// Looks up and begins sessions.
#[derive(Clone)]
pub(crate) struct Sessions {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

/// How long a session lives: unused, and in any case.
fn lifetime(role: Role) -> (Duration, Duration) {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    let (idle, absolute) = match role {
        // The more a session may do, the sooner it ends.
        Role::Administrator => (15 * MINUTE, 4 * HOUR),
        Role::Teacher => (15 * MINUTE, 12 * HOUR),
        Role::Student => (30 * MINUTE, 12 * HOUR),
    };
    (Duration::from_secs(idle), Duration::from_secs(absolute))
}

/// What is kept of a session ID.
pub(crate) fn digest(id: &[u8]) -> SessionDigest {
    SessionDigest(Sha256::digest(id).into())
}

impl Sessions {
    pub(crate) fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// The live session that a credential proves.
    pub(crate) fn look_up(&self, credential: &[u8]) -> Result<Option<Session>, StoreError> {
        let (digest, now) = (digest(credential), self.clock.now());
        let Some(live) = self.store.read(|view| live(view, digest, now))? else { return Ok(None) };
        if now >= live.session.last_seen.plus(TOUCH_AFTER) {
            return self.touch(&live, now).map(Some);
        }
        Ok(Some(live.into()))
    }

    /// Notes the use, so that the session does not end while it is used. Failing to note it fails no call.
    fn touch(&self, live: &LiveSession, now: UnixMs) -> Result<Session, StoreError> {
        let handle = live.session.handle;
        let touched: Result<(), StoreError> = self.store.write(None, move |tx| tx.touch_session(handle, now));
        let mut live = live.clone();
        match touched {
            Ok(()) => live.session.last_seen = now,
            Err(error) => tracing::warn!(%error, session = handle, "the use of a session could not be noted"),
        }
        Ok(live.into())
    }
}

/// The session with this digest, if it is live now. Used for reads, and again inside every change.
pub(crate) fn live(view: &mut dyn View, digest: SessionDigest, now: UnixMs) -> Result<Option<LiveSession>, StoreError> {
    Ok(view.live_session(digest)?.filter(|live| !live.session.is_expired(now)))
}

/// Begins a session; the account's oldest one ends if there are too many.
pub(crate) fn begin(
    tx: &mut dyn Tx,
    account: &AccountRow,
    id: &SessionId,
    peer: &str,
    now: UnixMs,
) -> Result<Session, StoreError> {
    let (ended, live): (Vec<_>, Vec<_>) =
        tx.sessions_of(account.id)?.into_iter().partition(|session| session.is_expired(now));
    let too_many = live.len().saturating_add(1).saturating_sub(SESSIONS_MAX);
    // A session that was left idle must not cost one that is in use.
    for session in ended.iter().chain(live.iter().take(too_many)) {
        tx.end_session(session.handle)?;
    }
    let (idle, absolute) = lifetime(account.role);
    let new = NewSession {
        digest: digest(id.expose()),
        account: account.id,
        epoch: account.epoch,
        created: now,
        idle_ms: UnixMs(0).plus(idle).0,
        expires: now.plus(absolute),
        peer: peer.to_owned(),
    };
    Ok(Session {
        handle: tx.insert_session(&new)?,
        digest: new.digest,
        account: account.id,
        name: account.name.clone(),
        role: account.role,
        idle_expires: now.plus(idle).min(new.expires),
        expires: new.expires,
    })
}

impl From<LiveSession> for Session {
    fn from(live: LiveSession) -> Self {
        let LiveSession { session, name, role } = live;
        Self {
            handle: session.handle,
            digest: session.digest,
            account: session.account,
            name,
            role,
            idle_expires: session.idle_expires(),
            expires: session.expires,
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
