//! A moment just passed, for what need not be exact. Reading the exact clock takes as long as decoding a small request; the
//! system also keeps the time of its last tick, at most 10 ms ago, and tells it in a third of that.
//!
//! What is absent: no deadline or limit of less than [`LONG`] is computed from it, since that may be as short as a tick.

#[cfg(target_os = "linux")]
use std::sync::LazyLock;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use rustix::time::{ClockId, clock_gettime};

/// Of a wait of so long a tick is at most a hundredth: it may begin early by that.
pub(crate) const LONG: Duration = Duration::from_secs(1);

/// The time of the last tick: never later than [`Instant::now`], and never earlier than it was told before.
#[cfg(target_os = "linux")]
pub(crate) fn recent() -> Instant {
    /// When the system's clock was zero. An [`Instant`] read before that clock gives a moment too early by what lies between;
    /// the latest of a few is too early by next to nothing.
    static ZERO: LazyLock<Option<Instant>> = LazyLock::new(|| {
        let zero = || Instant::now().checked_sub(since_zero(ClockId::Monotonic)?);
        (0..8).filter_map(|_| zero()).max()
    });
    let told = || ZERO.as_ref()?.checked_add(since_zero(ClockId::MonotonicCoarse)?);
    told().unwrap_or_else(Instant::now)
}

/// Where the system has no such clock.
#[cfg(not(target_os = "linux"))]
pub(crate) fn recent() -> Instant {
    Instant::now()
}

#[cfg(target_os = "linux")]
fn since_zero(clock: ClockId) -> Option<Duration> {
    Duration::try_from(clock_gettime(clock)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_later_than_the_exact_clock_and_never_goes_back() {
        let mut before = recent();
        for _ in 0..100_000 {
            let told = recent();
            assert!(before <= told && told <= Instant::now());
            before = told;
        }
    }

    #[test]
    fn it_follows_the_exact_clock_within_a_tick() {
        // Why several: this thread may be stopped between the two readings.
        let behind = || Instant::now().saturating_duration_since(recent());
        let least = (0..1_000).map(|_| behind()).min().unwrap();
        assert!(least <= Duration::from_millis(10), "{least:?}");
    }
}
