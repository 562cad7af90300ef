//! Attempts: what guessing costs. Each one is charged in the store before it is judged, so that guesses side by side can't
//! share a charge, and refunded when it succeeds. A name that no account has is charged in the same way, with the same waits.

use std::{sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};

use super::turns::{Turn, Turns};
use crate::{
    clock::{Clock, UnixMs},
    store::{AccountRow, Store, StoreError, Strangers, Tx},
};

/// Consecutive failures at which an account is locked (NIST SP 800-63B allows at most 100).
pub(crate) const FAILURES_MAX: u32 = 100;

/// A hundred guesses a day are as good as none against 15 characters. A lock ends by itself, but a stranger who goes on
/// guessing locks the name anew: an administrator opens it, and for the only one there is `grades-server unlock`.
const LOCKED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Names without an account that are remembered; the longest quiet is forgotten first. To make the server forget one, an
/// attacker needs as many logins of other names, for which the hash gate takes half an hour.
const STRANGERS_MAX: u32 = 65_536;

/// Counts attempts.
#[derive(Debug)]
pub(crate) struct Attempts {
    turns: Turns,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

/// What an attempt may be judged against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// The account; charged.
    Account(AccountRow),
    /// Nothing: no such account, or it is locked. Charged, and to be judged like any other.
    Nobody,
    /// Not before the wait is over. Not charged.
    TooEarly,
}

/// The wait after this many failures: the curve of kanidm, where a slip costs a second and a dictionary a month.
fn wait_after(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        1..=2 => Duration::from_secs(1),
        3..=8 => Duration::from_secs(3),
        9..=24 => Duration::from_secs(5),
        25..FAILURES_MAX => Duration::from_secs(10),
        FAILURES_MAX.. => LOCKED_FOR,
    }
}

/// Whether failures have locked an account.
pub(crate) fn is_locked(failures: u32, next_allowed: UnixMs, now: UnixMs) -> bool {
    failures >= FAILURES_MAX && now < next_allowed
}

/// What is kept of a name that no account has: people type passwords into the wrong field.
fn name_digest(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

impl Attempts {
    pub(crate) fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { turns: Turns::default(), store, clock }
    }

    /// Waits for the turn of an attempt on this name. Hold it until the attempt is judged.
    pub(crate) fn turn(&self, name: &str) -> Option<Turn<'_>> {
        self.turns.take(name_digest(name))
    }

    /// Charges an attempt on this name: one transaction, the same for a name that no account has.
    pub(crate) fn charge(&self, _turn: &Turn<'_>, name: &str) -> Result<Charge, StoreError> {
        let (name, now) = (name.to_owned(), self.clock.now());
        self.store.write(None, move |tx| charge(tx, &name, now))
    }
}

fn charge(tx: &mut dyn Tx, name: &str, now: UnixMs) -> Result<Charge, StoreError> {
    let account = tx.account(name)?;
    let digest = name_digest(name);
    let before = match &account {
        Some(account) => Strangers { failures: account.failures, next_allowed: account.next_allowed },
        None => tx.strangers(&digest)?.unwrap_or(Strangers { failures: 0, next_allowed: UnixMs(0) }),
    };
    // A lock is not told from a wrong password: it is judged, in vain, and stays as it is.
    if is_locked(before.failures, before.next_allowed, now) {
        return Ok(Charge::Nobody);
    }
    if now < before.next_allowed {
        return Ok(Charge::TooEarly);
    }
    let failures = if before.failures >= FAILURES_MAX { 1 } else { before.failures.saturating_add(1) };
    let after = Strangers { failures, next_allowed: now.plus(wait_after(failures)) };
    match account {
        Some(account) => {
            if failures == FAILURES_MAX {
                tracing::warn!(account = account.name, "locked for a day after {FAILURES_MAX} failed logins");
            }
            tx.set_attempts(account.id, after.failures, after.next_allowed)?;
            Ok(Charge::Account(account))
        }
        None => {
            tx.set_strangers(&digest, after, STRANGERS_MAX)?;
            Ok(Charge::Nobody)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_in_a_lock() {
        let seconds = |failures| wait_after(failures).as_secs();
        assert_eq!([0, 1, 2, 3, 8, 9, 24, 25, 99].map(seconds), [0, 1, 1, 3, 3, 5, 5, 10, 10]);
        assert_eq!(wait_after(100), LOCKED_FOR);
        assert_eq!(wait_after(u32::MAX), LOCKED_FOR);
    }
}
