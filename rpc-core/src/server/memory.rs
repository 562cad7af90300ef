//! The memory that the requests of all connections together may hold. Taken before it is allocated, given back on drop.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How much memory is left for requests.
#[derive(Debug)]
pub(crate) struct Budget {
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
        Arc::new(Self { left: AtomicUsize::new(bytes) })
    }

    /// Takes `bytes`, or nothing if so much is not left.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: usize) -> Option<Reservation> {
        // Relaxed: the number guards no other memory.
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).ok()?;
        Some(Reservation { budget: Arc::clone(self), bytes })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_given_out_to_the_last_byte_and_comes_back() {
        let budget = Budget::new(10);
        let first = budget.reserve(9).unwrap();
        assert!(budget.reserve(2).is_none());
        let last = budget.reserve(1).unwrap();
        assert!(budget.reserve(1).is_none());
        drop(first);
        assert!(budget.reserve(10).is_none());
        drop(last);
        assert!(budget.reserve(11).is_none());
        assert!(budget.reserve(10).is_some());
    }
}
