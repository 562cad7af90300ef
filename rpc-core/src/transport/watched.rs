//! A transport that tells when a thread begins to wait for bytes or for room, so that no test has to guess how far a
//! peer has come.

use std::{
    io,
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};

use parking_lot::Mutex;

use super::{Deadline, Decorator, Interest, MemoryTransport, Transport, Wait, memory_pair};

/// Tells of every wait when it is to end.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: MemoryTransport,
    for_bytes: Mutex<Sender<Option<Instant>>>,
    for_room: Mutex<Sender<Option<Instant>>>,
}

/// The ends of all waits, in the order in which the waits began.
#[derive(Debug)]
pub(crate) struct Waits {
    pub(crate) for_bytes: Receiver<Option<Instant>>,
    pub(crate) for_room: Receiver<Option<Instant>>,
}

impl Decorator for Watched {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, room: &mut [u8], wait: Wait) -> io::Result<usize> {
        if let Wait::Until(deadline) = wait {
            // The test may be over.
            let _told = self.for_bytes.lock().send(deadline.instant());
        }
        self.inner.read(room, wait)
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        if interest.write {
            // The test may be over.
            let _told = self.for_room.lock().send(deadline.instant());
        }
        self.inner.ready(interest, deadline)
    }
}

/// An end that is watched, the other end, and what the watched one tells.
pub(crate) fn watched_pair() -> (Watched, MemoryTransport, Waits) {
    let (inner, other) = memory_pair();
    let ((for_bytes, bytes), (for_room, room)) = (channel(), channel());
    let watched = Watched { inner, for_bytes: Mutex::new(for_bytes), for_room: Mutex::new(for_room) };
    (watched, other, Waits { for_bytes: bytes, for_room: room })
}
