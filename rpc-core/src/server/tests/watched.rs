//! A transport that tells when its reader begins to wait, so that no test has to guess how far a server has come.

use std::{
    io,
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};

use parking_lot::Mutex;

use crate::transport::{MemoryTransport, Transport, Wait, Wrapper, memory_pair};

/// Tells of every wait for bytes when it is to end.
#[derive(Debug)]
pub(super) struct Watched {
    inner: MemoryTransport,
    waits: Mutex<Sender<Option<Instant>>>,
}

impl Wrapper for Watched {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, room: &mut [u8], wait: Wait) -> io::Result<usize> {
        if let Wait::Until(deadline) = wait {
            // The test may be over.
            let _told = self.waits.lock().send(deadline.instant());
        }
        self.inner.read(room, wait)
    }
}

/// A server's end that is watched, the client's end, and the end of each wait for bytes in the order of their beginning.
pub(super) fn watched_pair() -> (Watched, MemoryTransport, Receiver<Option<Instant>>) {
    let ((inner, client), (told, waits)) = (memory_pair(), channel());
    (Watched { inner, waits: Mutex::new(told) }, client, waits)
}
