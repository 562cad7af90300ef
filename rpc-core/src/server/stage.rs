//! Who may speak for a connection, in one word. While its thread has nothing left to answer, another may say goodbye in its
//! place, because the server drains or needs the place; from then on the thread says nothing of its own.
//!
//! ```text
//!   greeting ──► working ◄──► reading, after call n
//!       │           │ with its last byte │
//!       └──► parted ◄────────────────────┘   by another thread, once
//! ```
//!
//! Why no lock: the thread begins and ends to read for every call, others look once in its life.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::frame::CallId;

/// The stage of a connection.
#[derive(Debug)]
pub(super) struct Stage(AtomicU64);

/// The client's hello has not been answered.
const GREETING: u64 = 0;
/// The connection's thread answers what has come.
const WORKING: u64 = 1;
/// Another thread has said goodbye, or hello where none was said; or the connection's thread has said its last.
const PARTED: u64 = 2;
/// The connection's thread waits for bytes, and has answered all that it has taken; above it the last call.
const READING: u64 = 3;

impl Stage {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(GREETING))
    }

    /// Takes the right to answer the client's hello. False if another thread has it.
    pub(super) fn greet(&self) -> bool {
        self.change(GREETING, WORKING)
    }

    /// Begins to wait for bytes. False if another thread has parted.
    pub(super) fn read_after(&self, last_call: CallId) -> bool {
        self.change(WORKING, reading(last_call))
    }

    /// Ends what [`Stage::read_after`] began. False if another thread has parted meanwhile.
    pub(super) fn work_after(&self, last_call: CallId) -> bool {
        self.change(reading(last_call), WORKING)
    }

    /// Takes the right to say goodbye, if the connection's thread reads and `may_end`; or hello, if none was said. Which call
    /// was the last; none before the hellos.
    pub(super) fn part(&self, may_end: impl Fn() -> bool) -> Option<Option<CallId>> {
        loop {
            let stage = self.0.load(Ordering::SeqCst);
            let last_call = match stage {
                GREETING => None,
                WORKING | PARTED => return None,
                // Invariant: it takes no call without leaving this stage, and comes back with another one.
                _ if !may_end() => return None,
                _ => Some(last_call(stage)),
            };
            if self.change(stage, PARTED) {
                return Some(last_call);
            }
        }
    }

    /// Nothing more is said.
    pub(super) fn end(&self) {
        self.0.store(PARTED, Ordering::SeqCst);
    }

    pub(super) fn is_working(&self) -> bool {
        self.0.load(Ordering::Relaxed) == WORKING
    }

    pub(super) fn has_parted(&self) -> bool {
        self.0.load(Ordering::SeqCst) == PARTED
    }

    fn change(&self, from: u64, to: u64) -> bool {
        self.0.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

const fn reading(CallId(last_call): CallId) -> u64 {
    let [a, b, c, d] = last_call.to_le_bytes();
    u64::from_le_bytes([0, 0, 0, 0, a, b, c, d]) | READING
}

const fn last_call(stage: u64) -> CallId {
    let [.., a, b, c, d] = stage.to_le_bytes();
    CallId(u32::from_le_bytes([a, b, c, d]))
}
