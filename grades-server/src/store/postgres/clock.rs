//! The time of the database. Clocks of several servers differ; what they write and compare (when a session ends, when an
//! attempt may be made) is told by the one clock that all of them can ask.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::clock::{Clock, SystemClock, UnixMs};

/// How far the database's clock is ahead of this machine's, in milliseconds: measured anew with every transaction, so
/// that a clock that is set, or a standby that takes over, is followed at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Ahead(Arc<AtomicI64>);

impl Ahead {
    /// Takes the time that the database told just now. It is at most a round trip old.
    pub(super) fn measure(&self, told: UnixMs) {
        let ahead = i128::from(told.0).saturating_sub(i128::from(SystemClock.now().0));
        // Out of range only if one of the clocks is 292 million years off.
        self.0.store(i64::try_from(ahead).unwrap_or_default(), Ordering::Relaxed);
    }

    pub(super) fn clock(&self, local: Arc<dyn Clock>) -> Arc<dyn Clock> {
        Arc::new(DatabaseClock { ahead: self.clone(), local })
    }
}

/// The local clock, corrected.
#[derive(Debug)]
struct DatabaseClock {
    ahead: Ahead,
    local: Arc<dyn Clock>,
}

impl Clock for DatabaseClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.local.now().0.saturating_add_signed(self.ahead.0.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_clock_that_goes_wrong_here_is_put_right() {
        let ahead = Ahead::default();
        let clock = ahead.clock(Arc::new(ManualClock::new(UnixMs(1_000_000))));
        assert_eq!(clock.now(), UnixMs(1_000_000));
        ahead.measure(UnixMs(SystemClock.now().0 + 500_000));
        assert!((UnixMs(1_499_000)..=UnixMs(1_500_000)).contains(&clock.now()), "{:?}", clock.now());
        ahead.measure(UnixMs(SystemClock.now().0 - 500_000));
        assert!((UnixMs(499_000)..=UnixMs(500_000)).contains(&clock.now()), "{:?}", clock.now());
    }
}
