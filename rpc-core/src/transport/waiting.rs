//! How a thread waits for bytes. Waking a sleeping thread is most of a small call's time, so a reader first *looks*: it
//! tries again without blocking, yielding the processor between two looks, and only then blocks.
//!
//! Looking is worth its processor time only where the answer is near. So it lasts at most 50 µs, adjusts itself to what
//! earlier looks needed, happens only where the last wait was short, becomes rare where it did not pay, and at most one
//! thread of the process does it at a time. An idle connection never looks.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// How a thread waits for bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// Looks for a short, self-adjusting time before it blocks, where waits have lately been short.
    #[default]
    Adaptive,
    /// Blocks at once: the least processor time, the highest latency.
    Block,
}

/// A connection's memory of its waits.
#[derive(Debug)]
pub(super) struct Waiter {
    /// `None` if this connection never looks. Only the one reading thread takes the lock.
    policy: Option<Mutex<Policy>>,
}

impl Waiter {
    pub(super) fn new(waiting: Waiting) -> Self {
        Self {
            policy: match waiting {
                Waiting::Adaptive => Some(Mutex::new(Policy::new())),
                Waiting::Block => None,
            },
        }
    }

    /// Looks, then blocks, until `try_now` has found something.
    ///
    /// `try_now` returns `WouldBlock` while there is nothing; `block` sleeps until there may be something.
    pub(super) fn wait<T>(
        &self,
        try_now: impl FnMut() -> io::Result<T>,
        block: impl FnMut() -> io::Result<()>,
    ) -> io::Result<T> {
        self.wait_by(&Instant::now, try_now, block)
    }

    /// [`Waiter::wait`] by a given clock.
    fn wait_by<T>(
        &self,
        now: &dyn Fn() -> Instant,
        mut try_now: impl FnMut() -> io::Result<T>,
        mut block: impl FnMut() -> io::Result<()>,
    ) -> io::Result<T> {
        let Some(policy) = &self.policy else { return block_until(&mut try_now, &mut block) };
        let began = now();
        let look = policy.lock().allowance();
        if let Some((look, _turn)) = look.and_then(|look| Some((look, Turn::take()?))) {
            while now().saturating_duration_since(began) < look {
                thread::yield_now();
                match try_now() {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => {
                        policy.lock().found(now().saturating_duration_since(began));
                        return result;
                    }
                }
            }
            policy.lock().missed();
        }
        let result = block_until(&mut try_now, &mut block);
        policy.lock().blocked(now().saturating_duration_since(began));
        result
    }
}

fn block_until<T>(
    try_now: &mut impl FnMut() -> io::Result<T>,
    block: &mut impl FnMut() -> io::Result<()>,
) -> io::Result<T> {
    loop {
        block()?;
        match try_now() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {} // woken for nothing
            result => return result,
        }
    }
}

/// Whether, and for how long, the next wait looks. Pure: time comes in as durations.
#[derive(Debug)]
struct Policy {
    look: Duration,
    lately_short: bool,
    /// Looks in a row that found nothing.
    misses: u32,
    /// Waits that pass without a look.
    skip: u32,
}

impl Policy {
    /// A wake-up costs 20 to 25 µs on either side: a longer look costs more than it can save.
    const LOOK_MAX: Duration = Duration::from_micros(50);
    /// Below it the noise of the scheduler ends looks that would have paid.
    const LOOK_MIN: Duration = Duration::from_micros(10);
    /// A blocked wait this short was mostly two wake-ups (50 to 60 µs, three times that on a busy machine).
    const SHORT: Duration = Duration::from_micros(200);
    /// 2^6 - 1 waits without a look: a look that never pays then costs less than 1 µs a wait.
    const MISSES_MAX: u32 = 6;

    const fn new() -> Self {
        Self { look: Self::LOOK_MAX, lately_short: false, misses: 0, skip: 0 }
    }

    fn allowance(&mut self) -> Option<Duration> {
        if !self.lately_short {
            return None;
        }
        if self.skip > 0 {
            self.skip = self.skip.saturating_sub(1);
            return None;
        }
        Some(self.look)
    }

    fn found(&mut self, after: Duration) {
        self.misses = 0;
        // Twice what was needed, smoothed over four looks.
        let sum = self.look.saturating_mul(3).saturating_add(after.saturating_mul(2));
        self.look = sum.checked_div(4).unwrap_or(sum).clamp(Self::LOOK_MIN, Self::LOOK_MAX);
    }

    fn missed(&mut self) {
        self.look = Self::LOOK_MAX;
        self.misses = self.misses.saturating_add(1).min(Self::MISSES_MAX);
        self.skip = (1_u32 << self.misses).saturating_sub(1);
    }

    fn blocked(&mut self, waited: Duration) {
        self.lately_short = waited <= Self::SHORT;
    }
}

/// The right to look: one in the process, so that looking threads never take the processors from working ones.
struct Turn;

static TAKEN: AtomicBool = AtomicBool::new(false);

impl Turn {
    fn take() -> Option<Self> {
        (!TAKEN.swap(true, Ordering::Acquire)).then_some(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const MICRO: Duration = Duration::from_micros(1);

    fn policy(waits: &[Duration]) -> Policy {
        let mut policy = Policy::new();
        for wait in waits {
            policy.blocked(*wait);
        }
        policy
    }

    #[test]
    fn only_a_short_last_wait_allows_a_look() {
        #[track_caller]
        fn check(waits: &[Duration], looks: bool) {
            assert_eq!(policy(waits).allowance().is_some(), looks);
        }
        check(&[], false);
        check(&[60 * MICRO], true);
        check(&[Policy::SHORT], true);
        check(&[Policy::SHORT + MICRO], false);
        check(&[60 * MICRO, Duration::from_secs(1)], false);
    }

    #[test]
    fn a_look_adjusts_itself_within_its_bounds() {
        let mut policy = policy(&[60 * MICRO]);
        for _ in 0..100 {
            policy.found(7 * MICRO);
        }
        assert!((14 * MICRO..16 * MICRO).contains(&policy.look), "{:?}", policy.look);
        for _ in 0..100 {
            policy.found(Duration::ZERO);
        }
        assert_eq!(policy.look, Policy::LOOK_MIN);
        for _ in 0..100 {
            policy.found(Duration::from_millis(1));
        }
        assert_eq!(policy.look, Policy::LOOK_MAX);
    }

    #[test]
    fn looks_that_never_pay_become_rare() {
        let mut policy = policy(&[60 * MICRO]);
        let mut looks = 0;
        for _ in 0..1_000 {
            if policy.allowance().is_some() {
                looks += 1;
                policy.missed();
            }
            policy.blocked(100 * MICRO);
        }
        assert!(looks < 25, "{looks} looks in 1,000 waits");
    }

    #[test]
    fn a_wait_that_is_not_answered_looks_for_at_most_50_us_by_the_clock_and_then_blocks() {
        let waiter = Waiter { policy: Some(Mutex::new(policy(&[60 * MICRO]))) };
        let start = Instant::now();
        let (time, looks, blocks) = (Cell::new(Duration::ZERO), Cell::new(0), Cell::new(0));
        let result = waiter.wait_by(
            &|| start + time.get(),
            || {
                looks.set(looks.get() + 1);
                time.set(time.get() + MICRO);
                if blocks.get() == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(7) }
            },
            || {
                blocks.set(blocks.get() + 1);
                Ok(())
            },
        );
        assert_eq!(result.unwrap(), 7);
        // Another test's thread may hold the one turn: then there was no look at all.
        assert!(looks.get() == 51 || looks.get() == 1, "{}", looks.get());
        assert_eq!(blocks.get(), 1);
    }

    #[test]
    fn a_first_wait_blocks_at_once() {
        let waiter = Waiter::new(Waiting::Adaptive);
        let tries = Cell::new(0);
        let result = waiter.wait(
            || {
                tries.set(tries.get() + 1);
                Ok(())
            },
            || Ok(()),
        );
        assert!(result.is_ok());
        assert_eq!(tries.get(), 1);
    }

    #[test]
    fn an_error_of_the_wait_ends_it() {
        let waiter = Waiter::new(Waiting::Block);
        let result: io::Result<()> =
            waiter.wait(|| Err(io::ErrorKind::WouldBlock.into()), || Err(io::ErrorKind::TimedOut.into()));
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
