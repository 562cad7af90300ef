//! One attempt a name at a time. An attempt is charged before it is judged; while it is being judged, the next one for the
//! same name waits here instead of being refused for a failure that may turn out to be a success.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use super::gate;

/// As long as a waiter waits for a slot of the hash gate: behind both of them it is still answered within a deadline.
const WAIT_MAX: Duration = gate::WAIT_MAX;

/// The names with an attempt under way. Bounded by the threads that can wait here.
#[derive(Debug, Default)]
pub(super) struct Turns {
    taken: Mutex<HashSet<[u8; 32]>>,
    ended: Condvar,
}

/// The turn of one attempt; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t> {
    turns: &'t Turns,
    name_digest: [u8; 32],
}

impl Turns {
    /// Waits until no other attempt for the name is under way; `None` if that takes too long.
    pub(super) fn take(&self, name_digest: [u8; 32]) -> Option<Turn<'_>> {
        self.take_within(name_digest, WAIT_MAX)
    }

    fn take_within(&self, name_digest: [u8; 32], wait: Duration) -> Option<Turn<'_>> {
        let until = Instant::now().checked_add(wait)?;
        let mut taken = self.taken.lock();
        while !taken.insert(name_digest) {
            if self.ended.wait_until(&mut taken, until).timed_out() && taken.contains(&name_digest) {
                return None;
            }
        }
        Some(Turn { turns: self, name_digest })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.taken.lock().remove(&self.name_digest);
        // All: the one that is woken may wait for another name.
        self.turns.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_turn_at_a_time_and_other_names_do_not_wait() {
        let turns = Turns::default();
        let turn = turns.take([1; 32]).unwrap();
        assert!(turns.take_within([1; 32], Duration::ZERO).is_none());
        assert!(turns.take_within([2; 32], Duration::ZERO).is_some());
        drop(turn);
        assert!(turns.take_within([1; 32], Duration::ZERO).is_some());
    }
}
