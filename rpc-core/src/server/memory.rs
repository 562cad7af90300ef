//! The memory that the requests of all connections together may hold, and what is kept of it for the next ones. Taken
//! before it is allocated, given back on drop.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A buffer of so many bytes, of requests or of replies, is not counted: with as many connections as there may be, these come
/// to the same sum as what is.
const UNCOUNTED_BYTES: usize = 64 << 10;
/// What a connection keeps of a large request for the next one where memory is scarce: two of the usual largest size.
const KEPT_BYTES_SCARCE: usize = 2 << 20;

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

    /// Whether at least half of the budget is left: memory may then be kept that nobody needs at the moment.
    pub(crate) fn is_ample(&self) -> bool {
        self.budget.left.load(Ordering::Relaxed) >= self.budget.bytes / 2
    }

    /// How large a buffer for requests may be that is kept.
    pub(crate) fn kept_bytes_max(&self) -> usize {
        if self.is_ample() { usize::MAX } else { KEPT_BYTES_SCARCE }
    }

    /// Counts a buffer of `bytes` that is kept, and no other; if so much is not left, none, and the answer is `false`: it is
    /// to be given back.
    pub(crate) fn keep(&mut self, bytes: usize) -> bool {
        let keeps = self.resize(counted(bytes));
        if !keeps {
            self.resize(0);
        }
        keeps
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

/// How many of a buffer's bytes are counted: all or none.
pub(crate) const fn counted(bytes: usize) -> usize {
    if bytes > UNCOUNTED_BYTES { bytes } else { 0 }
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
        assert!(!held.is_ample());
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
        assert!(held.resize(5) && held.is_ample());
        assert!(held.resize(6) && !held.is_ample());
    }

    #[test]
    fn a_small_buffer_is_kept_uncounted_and_one_for_which_nothing_is_left_is_not_kept() {
        let budget = Budget::new(3 * UNCOUNTED_BYTES);
        let (mut one, mut other) = (budget.nothing(), budget.nothing());
        assert!(one.resize(3 * UNCOUNTED_BYTES));
        assert!(other.keep(UNCOUNTED_BYTES));
        assert!(!other.keep(UNCOUNTED_BYTES + 1));
        assert!(one.keep(2 * UNCOUNTED_BYTES) && !other.keep(UNCOUNTED_BYTES + 1));
        assert!(one.keep(UNCOUNTED_BYTES), "one that has shrunk is no longer counted");
        assert!(other.keep(3 * UNCOUNTED_BYTES));
        assert!(!other.keep(3 * UNCOUNTED_BYTES + 1));
        assert!(one.resize(3 * UNCOUNTED_BYTES), "what is not kept is not counted either");
    }

    #[test]
    fn where_memory_is_scarce_a_large_buffer_is_not_kept() {
        let budget = Budget::new(10);
        let mut held = budget.nothing();
        assert_eq!(held.kept_bytes_max(), usize::MAX);
        assert!(held.resize(6));
        assert_eq!(held.kept_bytes_max(), KEPT_BYTES_SCARCE);
    }
}
