//! How a thread waits for bytes. Waking a sleeping thread is most of a small call's time, so a reader first *looks*: it
//! tries again without blocking, yielding the processor between two looks, and only then sleeps.
//!
//! Looking is worth its processor time only where the answer is near. So it lasts at most 50 µs, adjusts itself to what
//! earlier looks needed, happens only where the last wait was short, becomes rare where it did not pay, and at most one
//! thread of the process does it at a time; the others give way once, which takes no time from anyone who has work. An idle
//! connection does neither.
//!
//! Where peers take turns, nothing is ever there at once: a reader that has learnt this saves the first try.

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How a thread waits for bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// Looks for a short, self-adjusting time before it blocks, where waits have lately been short.
    #[default]
    Adaptive,
    /// Sleeps at once: the least processor time, the highest latency.
    Block,
}

/// A connection's memory of its waits.
#[derive(Debug)]
pub(super) struct Waiter {
    waiting: Waiting,
    /// A [`Policy`], packed: one thread reads a connection at a time, so that loads and stores are enough.
    policy: AtomicU64,
}

impl Waiter {
    pub(super) const fn new(waiting: Waiting) -> Self {
        Self { waiting, policy: AtomicU64::new(Policy::new().pack()) }
    }

    /// Tries, looks, then sleeps, until an attempt has found something.
    pub(super) fn wait<T>(&self, attempt: impl FnMut(Attempt) -> io::Result<T>) -> io::Result<T> {
        self.wait_by(Instant::now, attempt)
    }

    /// [`Waiter::wait`] by a given clock.
    fn wait_by<T>(
        &self,
        now: impl Fn() -> Instant,
        mut attempt: impl FnMut(Attempt) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.waiting == Waiting::Block {
            return attempt(Attempt::Sleep);
        }
        let mut policy = Policy::unpack(self.policy.load(Ordering::Relaxed));
        let result = policy.wait(&now, &mut attempt);
        self.policy.store(policy.pack(), Ordering::Relaxed);
        result
    }
}

/// How to look for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// At once: `WouldBlock` if there is nothing.
    Now,
    /// Sleeping until there is something.
    Sleep,
}

/// What a connection has learnt of its waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Policy {
    look: Duration,
    lately_short: bool,
    /// Looks in a row that found nothing.
    misses: u8,
    /// Waits that pass without a look.
    skip: u8,
    /// First tries in a row that found nothing, and waits since then that passed without one.
    absent: u8,
}

impl Policy {
    /// A wake-up costs 20 to 25 µs on either side: a longer look costs more than it can save.
    const LOOK_MAX: Duration = Duration::from_micros(50);
    /// Below it the noise of the scheduler ends looks that would have paid.
    const LOOK_MIN: Duration = Duration::from_micros(10);
    /// A blocked wait this short was mostly two wake-ups (50 to 60 µs, three times that on a busy machine).
    const SHORT: Duration = Duration::from_micros(200);
    /// 2^6 - 1 waits without a look: a look that never pays then costs less than 1 µs a wait.
    const MISSES_MAX: u8 = 6;
    /// First tries in vain after which they are saved: fewer, and a peer that was late once would count as one that
    /// takes turns.
    const ABSENT_MAX: u8 = 4;
    /// Waits until a first try is made again, in case the peer no longer takes turns.
    const ABSENT_AGAIN: u8 = 32;

    const fn new() -> Self {
        Self { look: Self::LOOK_MAX, lately_short: false, misses: 0, skip: 0, absent: 0 }
    }

    fn wait<T>(
        &mut self,
        now: &impl Fn() -> Instant,
        attempt: &mut impl FnMut(Attempt) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.tries_first()
            && let Some(result) = found(attempt(Attempt::Now))
        {
            self.absent = 0;
            return result;
        }
        let mut began = None;
        if let Some(look) = self.allowance() {
            // Once without the right to look and without a clock: where threads share a processor, whoever gives way mostly has
            // its answer when it runs again.
            thread::yield_now();
            if let Some(result) = found(attempt(Attempt::Now)) {
                self.found(Duration::ZERO);
                return result;
            }
            if let Some(_turn) = Turn::take() {
                let began = *began.insert(now());
                while now().saturating_duration_since(began) < look {
                    thread::yield_now();
                    if let Some(result) = found(attempt(Attempt::Now)) {
                        self.found(now().saturating_duration_since(began));
                        return result;
                    }
                }
            }
            self.missed();
        }
        let began = began.unwrap_or_else(now);
        let result = attempt(Attempt::Sleep);
        self.blocked(now().saturating_duration_since(began));
        result
    }

    /// Whether something may be there at once.
    fn tries_first(&mut self) -> bool {
        self.absent = self.absent.saturating_add(1);
        if self.absent > Self::ABSENT_AGAIN {
            self.absent = Self::ABSENT_MAX;
        }
        self.absent <= Self::ABSENT_MAX
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
        self.skip = (1_u8 << self.misses).saturating_sub(1);
    }

    fn blocked(&mut self, waited: Duration) {
        self.lately_short = waited <= Self::SHORT;
    }

    const fn pack(self) -> u64 {
        // `look` is at most 50,000 ns.
        let [a, b, c, d] = self.look.subsec_nanos().to_le_bytes();
        u64::from_le_bytes([a, b, c, d, self.lately_short as u8, self.misses, self.skip, self.absent])
    }

    const fn unpack(packed: u64) -> Self {
        let [a, b, c, d, lately_short, misses, skip, absent] = packed.to_le_bytes();
        let look = Duration::from_nanos(u32::from_le_bytes([a, b, c, d]) as u64);
        Self { look, lately_short: lately_short != 0, misses, skip, absent }
    }
}

/// `None` if nothing is there.
fn found<T>(result: io::Result<T>) -> Option<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        result => Some(result),
    }
}

/// The right to look: one in the process, so that looking threads never take the processors from working ones.
struct Turn;

static TAKEN: AtomicBool = AtomicBool::new(false);

impl Turn {
    fn take() -> Option<Self> {
        // The load first: a line that many threads write is slow, one that they only read is not.
        (!TAKEN.load(Ordering::Relaxed) && !TAKEN.swap(true, Ordering::Acquire)).then_some(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, iter};

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
        let waiter = Waiter { policy: AtomicU64::new(policy(&[60 * MICRO]).pack()), ..Waiter::new(Waiting::Adaptive) };
        let start = Instant::now();
        let (time, looks, blocks) = (Cell::new(Duration::ZERO), Cell::new(0), Cell::new(0));
        let result = waiter.wait_by(
            || start + time.get(),
            |attempt| {
                if attempt == Attempt::Sleep {
                    blocks.update(|blocks: u32| blocks.saturating_add(1));
                    return Ok(7);
                }
                looks.set(looks.get() + 1);
                time.set(time.get() + MICRO);
                Err(io::ErrorKind::WouldBlock.into())
            },
        );
        assert_eq!(result.unwrap(), 7);
        // A first try, a look by no clock, 50 by the clock; these only if no other test's thread has the one turn.
        assert!(looks.get() == 52 || looks.get() == 2, "{}", looks.get());
        assert_eq!(blocks.get(), 1);
    }

    #[test]
    fn who_may_not_look_gives_way_once_and_blocks() {
        let turn = iter::repeat_with(Turn::take).find_map(|turn| turn);
        let waiter = Waiter { policy: AtomicU64::new(policy(&[60 * MICRO]).pack()), ..Waiter::new(Waiting::Adaptive) };
        assert_eq!(tries_and_sleeps(&waiter, false), (2, 1), "a first try, and one after it gave way");
        drop(turn);
    }

    #[test]
    fn a_first_wait_tries_once_and_sleeps() {
        let waiter = Waiter::new(Waiting::Adaptive);
        assert_eq!(tries_and_sleeps(&waiter, false), (1, 1));
    }

    #[test]
    fn who_is_to_block_sleeps_at_once_even_if_something_is_there() {
        let waiter = Waiter::new(Waiting::Block);
        assert!((0..100).all(|_| tries_and_sleeps(&waiter, true) == (0, 1)));
    }

    #[test]
    fn where_nothing_is_ever_there_at_once_the_first_try_is_saved_and_made_again_from_time_to_time() {
        let waiter = Waiter::new(Waiting::Adaptive);
        for _ in 0..Policy::ABSENT_MAX {
            assert_eq!(first_try(&waiter, false), 1);
        }
        let tries: u8 = (0..100).map(|_| first_try(&waiter, false)).sum();
        assert!((1..20).contains(&tries), "{tries}");
        // Once the peer runs ahead, the next first try finds it, and all later ones are made.
        let ahead: Vec<_> = (0..100).map(|_| first_try(&waiter, true)).collect();
        let learnt = ahead.iter().position(|tries| *tries == 1).unwrap();
        assert!(learnt <= Policy::ABSENT_AGAIN.into(), "{ahead:?}");
        assert!(ahead[learnt..].iter().all(|tries| *tries == 1), "{ahead:?}");
    }

    /// How often a wait tried and slept where something is there, or not.
    fn tries_and_sleeps(waiter: &Waiter, there: bool) -> (u8, u8) {
        let (tries, sleeps) = (Cell::new(0), Cell::new(0));
        let result = waiter.wait(|attempt| {
            let count = if attempt == Attempt::Sleep { &sleeps } else { &tries };
            count.update(|count: u8| count.saturating_add(1));
            if there || attempt == Attempt::Sleep { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) }
        });
        result.unwrap();
        (tries.get(), sleeps.get())
    }

    /// How often a wait that may not look tried.
    fn first_try(waiter: &Waiter, there: bool) -> u8 {
        let mut policy = Policy::unpack(waiter.policy.load(Ordering::Relaxed));
        policy.lately_short = false;
        waiter.policy.store(policy.pack(), Ordering::Relaxed);
        tries_and_sleeps(waiter, there).0
    }

    #[test]
    fn what_was_learnt_is_the_same_after_packing() {
        let mut learnt = policy(&[60 * MICRO]);
        learnt.found(7 * MICRO);
        learnt.missed();
        learnt.tries_first();
        assert_eq!(Policy::unpack(learnt.pack()), learnt);
        assert_eq!(Policy::unpack(Policy::new().pack()), Policy::new());
    }

    #[test]
    fn an_error_of_the_wait_ends_it() {
        let waiter = Waiter::new(Waiting::Adaptive);
        let result: io::Result<()> = waiter.wait(|attempt| match attempt {
            Attempt::Now => Err(io::ErrorKind::WouldBlock.into()),
            Attempt::Sleep => Err(io::ErrorKind::TimedOut.into()),
        });
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
