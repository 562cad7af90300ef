//! The memory that the requests of all connections together may hold, and what is kept of it for the next ones. Taken
//! before it is allocated, given back on drop.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// How much memory is left for requests.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    left: AtomicUsize,
}

/// A part of the budget.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { bytes, left: AtomicUsize::new(bytes) })
    }

    /// A part without bytes, to be resized.
    pub(crate) fn nothing(self: &Arc<Self>) -> Reservation {
        Reservation { budget: Arc::clone(self), bytes: 0 }
    }

    /// Whether at least half is left: memory may then be kept that nobody needs at the moment.
    pub(crate) fn is_ample(&self) -> bool {
        self.left.load(Ordering::Relaxed) >= self.bytes / 2
    }

    /// Takes `bytes`, or nothing if so much is not left.
    fn take(&self, bytes: usize) -> bool {
        // Relaxed: the number guards no other memory.
        let left = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Reservation {
    /// Holds `bytes` from now on; if so much is not left, what it held, and the answer is `false`.
    pub(crate) fn resize(&mut self, bytes: usize) -> bool {
        let (more, fewer) = (bytes.saturating_sub(self.bytes), self.bytes.saturating_sub(bytes));
        if more > 0 && !self.budget.take(more) {
            return false;
        }
        if fewer > 0 {
            self.budget.give_back(fewer);
        }
        self.bytes = bytes;
        true
    }

    /// Takes all of it out.
    pub(crate) fn split_off(&mut self) -> Self {
        let bytes = mem::take(&mut self.bytes);
        Self { budget: Arc::clone(&self.budget), bytes }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_given_out_to_the_last_byte_and_comes_back() {
        let budget = Budget::new(10);
        let (mut first, mut last) = (budget.nothing(), budget.nothing());
        assert!(first.resize(9));
        assert!(!last.resize(2));
        assert!(last.resize(1));
        assert!(!first.resize(10));
        drop(first);
        assert!(!budget.nothing().resize(10));
        assert!(last.resize(10) && last.resize(0));
        assert!(!budget.nothing().resize(11));
        assert!(budget.nothing().resize(10));
    }

    #[test]
    fn what_was_refused_leaves_what_was_held_and_what_is_taken_out_stays_counted() {
        let budget = Budget::new(10);
        let mut held = budget.nothing();
        assert!(held.resize(6) && !held.resize(11));
        assert!(!budget.nothing().resize(5) && budget.nothing().resize(4));
        assert!(!budget.is_ample());
        let taken = held.split_off();
        drop(held);
        assert!(!budget.nothing().resize(5));
        drop(taken);
        assert!(budget.nothing().resize(10));
    }

    #[test]
    fn half_of_the_budget_is_ample_and_a_byte_less_is_not() {
        let budget = Budget::new(10);
        let mut held = budget.nothing();
        assert!(held.resize(5) && budget.is_ample());
        assert!(held.resize(6) && !budget.is_ample());
    }
}
