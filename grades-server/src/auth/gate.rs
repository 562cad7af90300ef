//! The hash gate: how many passwords are hashed at once. Each slot owns its memory, so that a flood of logins costs a fixed
//! sum of memory and at most half of the processor.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

/// A waiter gives up after this: behind a flood it is better to be told so than to wait for a deadline.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(2);

/// The slots that are free; `B` is a block of the memory that a hash works in.
pub(crate) struct HashGate<B> {
    /// The memory of the slots that nobody has now. It grows to what a hash needs at its first use and is kept.
    free: Mutex<Vec<Vec<B>>>,
    returned: Condvar,
    /// Blocks that a slot keeps between hashes.
    blocks_kept: usize,
}

/// All slots stayed taken for as long as a waiter waits. Nothing was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GateFull;

/// The right to hash one password, with the memory for it. The slot is free again when the work is done, not when
/// its caller stops waiting.
pub(crate) struct Slot<'g, B> {
    gate: &'g HashGate<B>,
    memory: Vec<B>,
}

impl<B: Clone + Default> HashGate<B> {
    /// Half of the processor, at least one slot.
    pub(crate) fn new(blocks_kept: usize) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::with_slots((cores / 2).max(1), blocks_kept)
    }

    fn with_slots(slots: usize, blocks_kept: usize) -> Self {
        Self { free: Mutex::new(vec![Vec::new(); slots]), returned: Condvar::new(), blocks_kept }
    }

    /// Waits for a slot.
    pub(crate) fn enter(&self) -> Result<Slot<'_, B>, GateFull> {
        self.enter_within(WAIT_MAX)
    }

    fn enter_within(&self, wait: Duration) -> Result<Slot<'_, B>, GateFull> {
        let until = Instant::now().checked_add(wait);
        let mut free = self.free.lock();
        loop {
            if let Some(memory) = free.pop() {
                return Ok(Slot { gate: self, memory });
            }
            let timed_out = until.is_none_or(|until| self.returned.wait_until(&mut free, until).timed_out());
            if timed_out && free.is_empty() {
                return Err(GateFull);
            }
        }
    }
}

impl<B: Clone + Default> Slot<'_, B> {
    /// The memory for a hash of this many blocks.
    pub(super) fn memory(&mut self, blocks: usize) -> &mut [B] {
        if self.memory.len() < blocks {
            self.memory.resize(blocks, B::default());
        }
        &mut self.memory
    }
}

impl<B> Drop for Slot<'_, B> {
    fn drop(&mut self) {
        let mut memory = std::mem::take(&mut self.memory);
        // A stored hash of larger parameters borrowed more than a slot keeps.
        memory.truncate(self.gate.blocks_kept);
        memory.shrink_to(self.gate.blocks_kept);
        self.gate.free.lock().push(memory);
        self.gate.returned.notify_one();
    }
}

impl<B> fmt::Debug for HashGate<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashGate").field("free", &self.free.lock().len()).finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for Slot<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("blocks", &self.memory.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiter_gives_up_while_every_slot_is_taken_and_enters_once_one_is_free() {
        let gate = HashGate::<u8>::with_slots(1, 8);
        let slot = gate.enter().unwrap();
        assert_eq!(gate.enter_within(Duration::ZERO).unwrap_err(), GateFull);
        drop(slot);
        assert!(gate.enter_within(Duration::ZERO).is_ok());
    }

    #[test]
    fn a_slot_keeps_its_memory_but_not_more_than_one_hash_of_today_needs() {
        let gate = HashGate::<u8>::with_slots(1, 8);
        gate.enter().unwrap().memory(8);
        assert_eq!(gate.enter().unwrap().memory.len(), 8);
        gate.enter().unwrap().memory(64);
        let slot = gate.enter().unwrap();
        assert!(slot.memory.len() <= 8 && slot.memory.capacity() <= 8, "{slot:?}");
    }
}
