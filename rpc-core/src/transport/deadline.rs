//! A point in time, computed once per call and then spent: each wait gets what is left of it.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, MutexGuard};

/// A point in time after which nobody waits any more; or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No end to the waiting.
    pub const NEVER: Self = Self(None);

    /// This long from now. A duration beyond what the clock can count means never.
    #[must_use]
    pub fn after(duration: Duration) -> Self {
        Self::after_from(Instant::now(), duration)
    }

    /// This long from `now`.
    pub(crate) fn after_from(now: Instant, duration: Duration) -> Self {
        Self(now.checked_add(duration))
    }

    /// At this point in time.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self(Some(instant))
    }

    /// What is left: zero once it has passed, `None` if it never will.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        self.0.map(|instant| instant.saturating_duration_since(Instant::now()))
    }

    /// What is left at `now`.
    pub(crate) fn left_from(self, now: Instant) -> Option<Duration> {
        self.0.map(|instant| instant.saturating_duration_since(now))
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|instant| instant <= Instant::now())
    }

    /// The point in time, unless it is never.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        self.0
    }

    /// Whichever comes first.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (a, b) => Self(a.or(b)),
        }
    }

    /// Sleeps until `changed` is rung, at the latest until this point. May also wake for nothing.
    pub(crate) fn wait<T>(self, changed: &Condvar, guard: &mut MutexGuard<'_, T>) {
        match self.0 {
            Some(instant) => drop(changed.wait_until(guard, instant)),
            None => changed.wait(guard),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_later_than_any_point() {
        let soon = Deadline::at(Instant::now());
        assert_eq!(Deadline::NEVER.earlier(soon), soon);
        assert_eq!(soon.earlier(Deadline::NEVER), soon);
        assert_eq!(Deadline::NEVER.left(), None);
    }

    #[test]
    fn a_passed_deadline_leaves_nothing() {
        let now = Deadline::after(Duration::ZERO);
        assert!(now.has_passed());
        assert_eq!(now.left(), Some(Duration::ZERO));
    }

    #[test]
    fn a_duration_beyond_the_clock_is_never() {
        assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
    }
}
