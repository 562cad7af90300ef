//! Sessions in the store. The session ID itself is nowhere: only its digest is kept, which signs nobody in.

use std::fmt;

use grades_api::model::Role;

use super::{AccountId, StoreError};
use crate::clock::UnixMs;

/// The SHA-256 of a session ID.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionDigest(pub(crate) [u8; 32]);

/// A session to begin.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    pub(crate) digest: SessionDigest,
    pub(crate) account: AccountId,
    pub(crate) epoch: i64,
    pub(crate) created: UnixMs,
    pub(crate) idle_ms: u64,
    pub(crate) expires: UnixMs,
    pub(crate) peer: String,
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRow {
    /// A number that names the session and proves nothing.
    pub(crate) handle: u64,
    pub(crate) digest: SessionDigest,
    pub(crate) account: AccountId,
    pub(crate) created: UnixMs,
    /// To the minute.
    pub(crate) last_seen: UnixMs,
    pub(crate) idle_ms: u64,
    pub(crate) expires: UnixMs,
    pub(crate) peer: String,
}

/// A session with what its account may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiveSession {
    pub(crate) session: SessionRow,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// Questions about sessions.
pub(crate) trait ReadSessions {
    /// The session with this digest if its account is not disabled and has begun no new epoch since. It may be expired.
    fn live_session(&mut self, digest: SessionDigest) -> Result<Option<LiveSession>, StoreError>;

    /// The sessions of an account, oldest first; expired ones too.
    fn sessions_of(&mut self, account: AccountId) -> Result<Vec<SessionRow>, StoreError>;

    fn session_by_handle(&mut self, handle: u64) -> Result<Option<SessionRow>, StoreError> {
        // A number that the column can't hold names no session.
        i64::try_from(handle).map_or(Ok(None), |number| self.session_numbered(number))
    }

    /// Of [`session_by_handle`](Self::session_by_handle): the one in the row of this number.
    fn session_numbered(&mut self, number: i64) -> Result<Option<SessionRow>, StoreError>;
}

/// Changes to sessions.
pub(crate) trait WriteSessions {
    /// The new session's handle.
    fn insert_session(&mut self, session: &NewSession) -> Result<u64, StoreError>;

    fn touch_session(&mut self, handle: u64, now: UnixMs) -> Result<(), StoreError>;

    fn end_session(&mut self, handle: u64) -> Result<(), StoreError>;

    /// Ends all sessions of an account but `kept`: how many.
    fn end_sessions(&mut self, account: AccountId, kept: Option<u64>) -> Result<u64, StoreError>;

    /// Deletes at most `rows_max` sessions that ended before `now` in any case.
    fn prune_sessions(&mut self, now: UnixMs, rows_max: u32) -> Result<u64, StoreError>;
}

impl SessionRow {
    /// When the session ends if it is not used.
    pub(crate) fn idle_expires(&self) -> UnixMs {
        UnixMs(self.last_seen.0.saturating_add(self.idle_ms)).min(self.expires)
    }

    /// Whether the session has ended by itself. By a clock that was never set it has: such a clock may stand before every end.
    pub(crate) fn is_expired(&self, now: UnixMs) -> bool {
        now == UnixMs::UNSET || now >= self.idle_expires()
    }
}

impl fmt::Debug for SessionDigest {
    /// The first bytes: enough to tell two sessions apart in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionDigest(")?;
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_live_before_its_end_and_never_by_a_clock_that_was_not_set() {
        let session = SessionRow {
            handle: 1,
            digest: SessionDigest([0; 32]),
            account: AccountId(1),
            created: UnixMs(0),
            last_seen: UnixMs(0),
            idle_ms: 10,
            expires: UnixMs(20),
            peer: String::new(),
        };
        let expired = [0, 1, 9, 10].map(|now| session.is_expired(UnixMs(now)));
        assert_eq!(expired, [true, false, false, true]);
    }
}
