//! Tells clients when the server that failed them is back, so that nobody has to ask again and again.

use std::{
    sync::{Condvar, Mutex},
    time::Duration,
};

/// How often the server has come up, and whether it comes up again.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    starts: Mutex<Starts>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Starts {
    count: u64,
    over: bool,
}

/// A server that is not back by now never will be.
const HANG_GUARD: Duration = Duration::from_secs(120);

impl Gate {
    /// How often the server has come up so far.
    pub(crate) fn starts(&self) -> u64 {
        self.starts.lock().unwrap().count
    }

    /// The server has come up.
    pub(crate) fn open(&self) {
        self.starts.lock().unwrap().count += 1;
        self.changed.notify_all();
    }

    /// No fault comes any more: who is in the middle of something finishes it, and nobody begins anything.
    pub(crate) fn end(&self) {
        self.starts.lock().unwrap().over = true;
        self.changed.notify_all();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.starts.lock().unwrap().over
    }

    /// Waits until the server has come up again since it had done so `seen` times, or until it stays.
    pub(crate) fn wait(&self, seen: u64) {
        let starts = self.starts.lock().unwrap();
        let (starts, waited) =
            self.changed.wait_timeout_while(starts, HANG_GUARD, |starts| starts.count <= seen && !starts.over).unwrap();
        assert!(!waited.timed_out(), "the server came up {} times and did not come again", starts.count);
    }
}
