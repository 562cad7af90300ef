//! Time, as a value that is passed in: expiry, waits and request keys are tested with a clock that a test turns.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A point in time: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub u64);

/// Tells the time of day.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Now.
    fn now(&self) -> UnixMs;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A clock that stands still until it is turned, for tests.
#[derive(Debug)]
pub struct ManualClock {
    now_ms: AtomicU64,
}

impl UnixMs {
    /// What a clock shows that was never set.
    pub(crate) const UNSET: Self = Self(0);

    /// This much later; the end of time instead of an overflow.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_ms(duration)))
    }

    /// This much earlier; the epoch instead of an underflow.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_ms(duration)))
    }
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Clock for SystemClock {
    fn now(&self) -> UnixMs {
        time_of(SystemTime::now())
    }
}

/// A clock before 1970 is one that was never set. It reads as the epoch, at which no session is live.
fn time_of(time: SystemTime) -> UnixMs {
    time.duration_since(UNIX_EPOCH).map_or(UnixMs::UNSET, |since| UnixMs(whole_ms(since)))
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn new(now: UnixMs) -> Self {
        Self { now_ms: AtomicU64::new(now.0) }
    }

    /// Turns the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.now_ms.fetch_add(whole_ms(duration), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.now_ms.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_the_epoch_is_one_that_was_never_set() {
        assert_eq!(time_of(UNIX_EPOCH - Duration::from_millis(1)), UnixMs::UNSET);
        assert_eq!(time_of(UNIX_EPOCH + Duration::from_millis(1)), UnixMs(1));
    }
}
