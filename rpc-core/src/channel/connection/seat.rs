//! Where a thread sleeps. Each thread has one seat, made once, so that waiting allocates nothing.

use std::{cell::RefCell, sync::Arc};

use parking_lot::{Condvar, MutexGuard};

use crate::transport::Deadline;

#[derive(Debug, Default)]
pub(super) struct Seat {
    woken: Condvar,
}

thread_local! {
    static MINE: RefCell<Option<Arc<Seat>>> = const { RefCell::new(None) };
}

impl Seat {
    /// This thread's seat.
    pub(super) fn mine() -> Arc<Self> {
        MINE.with_borrow_mut(|mine| Arc::clone(mine.get_or_insert_default()))
    }

    /// Sleeps until woken or until the deadline has passed. May also wake for nothing.
    pub(super) fn sleep<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Deadline) {
        deadline.wait(&self.woken, guard);
    }

    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }
}
