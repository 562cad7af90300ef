//! A transport that tells when its reader begins to wait, so that no test has to guess how far a server has come.

use std::{
    io::{self, IoSlice},
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};

use parking_lot::Mutex;

use crate::{
    Peer,
    transport::{Deadline, Interest, MemoryTransport, Transport, Wait, memory_pair},
};

/// Tells of every wait for bytes when it is to end.
#[derive(Debug)]
pub(super) struct Watched {
    inner: MemoryTransport,
    waits: Mutex<Sender<Option<Instant>>>,
}

impl Transport for Watched {
    fn read(&self, room: &mut [u8], wait: Wait) -> io::Result<usize> {
        if let Wait::Until(deadline) = wait {
            // The test may be over.
            let _told = self.waits.lock().send(deadline.instant());
        }
        self.inner.read(room, wait)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.write(parts)
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        self.inner.ready(interest, deadline)
    }

    fn shutdown(&self) -> io::Result<()> {
        self.inner.shutdown()
    }

    fn close(&self) {
        self.inner.close();
    }

    fn peer(&self) -> Peer {
        self.inner.peer()
    }
}

/// A server's end that is watched, the client's end, and the end of each wait for bytes in the order of their beginning.
pub(super) fn watched_pair() -> (Watched, MemoryTransport, Receiver<Option<Instant>>) {
    let ((inner, client), (told, waits)) = (memory_pair(), channel());
    (Watched { inner, waits: Mutex::new(told) }, client, waits)
}
