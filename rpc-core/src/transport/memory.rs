//! Two connected ends in one process: for tests, and for a client and a server that share a process.
//!
//! A pipe holds a bounded number of bytes, as a socket does, so that a writer without room is a case that tests can reach.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, Read},
    sync::Arc,
};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::{Deadline, Interest, Peer, Transport, Wait};

/// One end of an in-memory connection. Dropping it closes both directions.
#[derive(Debug)]
pub struct MemoryTransport {
    shared: Arc<Shared>,
    end: End,
}

/// Two connected ends with the room of a usual socket buffer, 64 KiB each way.
#[must_use]
pub fn memory_pair() -> (MemoryTransport, MemoryTransport) {
    memory_pair_with(65_536)
}

/// Two connected ends with room for `bytes_max` bytes each way.
#[must_use]
pub fn memory_pair_with(bytes_max: usize) -> (MemoryTransport, MemoryTransport) {
    let shared =
        Arc::new(Shared { pipes: Mutex::new(Pipes::default()), changed: Condvar::new(), bytes_max: bytes_max.max(1) });
    (MemoryTransport { shared: Arc::clone(&shared), end: End::Left }, MemoryTransport { shared, end: End::Right })
}

#[derive(Debug)]
struct Shared {
    /// Both directions. Held for a copy of bytes, never while waiting.
    pipes: Mutex<Pipes>,
    /// Rung at every change; at most four threads listen.
    changed: Condvar,
    bytes_max: usize,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Left,
    Right,
}

#[derive(Debug, Default)]
struct Pipes {
    to_left: Pipe,
    to_right: Pipe,
}

#[derive(Debug, Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// The writer ended the stream.
    ended: bool,
    /// The reader is gone: writing fails.
    abandoned: bool,
}

impl MemoryTransport {
    fn incoming<'p>(&self, pipes: &'p mut Pipes) -> &'p mut Pipe {
        match self.end {
            End::Left => &mut pipes.to_left,
            End::Right => &mut pipes.to_right,
        }
    }

    fn outgoing<'p>(&self, pipes: &'p mut Pipes) -> &'p mut Pipe {
        match self.end {
            End::Left => &mut pipes.to_right,
            End::Right => &mut pipes.to_left,
        }
    }

    fn wait(&self, pipes: &mut MutexGuard<'_, Pipes>, deadline: Deadline) -> io::Result<()> {
        if deadline.has_passed() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        deadline.wait(&self.shared.changed, pipes);
        Ok(())
    }
}

impl Transport for MemoryTransport {
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let mut pipes = self.shared.pipes.lock();
        loop {
            let pipe = self.incoming(&mut pipes);
            if !pipe.bytes.is_empty() {
                let read = pipe.bytes.read(buffer)?;
                self.shared.changed.notify_all();
                return Ok(read);
            }
            if pipe.ended {
                return Ok(0);
            }
            match wait {
                Wait::Now => return Err(io::ErrorKind::WouldBlock.into()),
                Wait::Until(deadline) => self.wait(&mut pipes, deadline)?,
            }
        }
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut pipes = self.shared.pipes.lock();
        let pipe = self.outgoing(&mut pipes);
        if pipe.ended || pipe.abandoned {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut written: usize = 0;
        for part in parts {
            let room = self.shared.bytes_max.saturating_sub(pipe.bytes.len());
            let fits = part.get(..room).unwrap_or(part);
            pipe.bytes.extend(fits);
            written = written.saturating_add(fits.len());
        }
        if written == 0 && parts.iter().any(|part| !part.is_empty()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.shared.changed.notify_all();
        Ok(written)
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        let mut pipes = self.shared.pipes.lock();
        loop {
            let incoming = self.incoming(&mut pipes);
            let read = interest.read && (incoming.ended || !incoming.bytes.is_empty());
            let outgoing = self.outgoing(&mut pipes);
            let room = outgoing.ended || outgoing.abandoned || outgoing.bytes.len() < self.shared.bytes_max;
            let ready = Interest { read, write: interest.write && room };
            if ready.read || ready.write {
                return Ok(ready);
            }
            self.wait(&mut pipes, deadline)?;
        }
    }

    fn shutdown(&self) -> io::Result<()> {
        self.outgoing(&mut self.shared.pipes.lock()).ended = true;
        self.shared.changed.notify_all();
        Ok(())
    }

    fn close(&self) {
        let mut pipes = self.shared.pipes.lock();
        self.outgoing(&mut pipes).ended = true;
        let incoming = self.incoming(&mut pipes);
        incoming.ended = true;
        incoming.abandoned = true;
        self.shared.changed.notify_all();
    }

    fn peer(&self) -> Peer {
        Peer::Memory
    }
}

impl Drop for MemoryTransport {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(5))
    }

    #[test]
    fn bytes_cross_in_order_and_the_end_comes_after_them() {
        let (left, right) = memory_pair();
        left.write(&[IoSlice::new(b"one "), IoSlice::new(b"two")]).unwrap();
        drop(left);
        let mut buffer = [0; 16];
        assert_eq!(right.read(&mut buffer, Wait::Now).unwrap(), 7);
        assert_eq!(&buffer[..7], b"one two");
        assert_eq!(right.read(&mut buffer, Wait::Until(soon())).unwrap(), 0);
        assert_eq!(right.write(&[IoSlice::new(b"x")]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_full_pipe_takes_what_fits_and_then_nothing() {
        let (left, right) = memory_pair_with(4);
        assert_eq!(left.write(&[IoSlice::new(b"abc"), IoSlice::new(b"def")]).unwrap(), 4);
        assert_eq!(left.write(&[IoSlice::new(b"ef")]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let passed = Deadline::after(Duration::ZERO);
        assert_eq!(left.ready(Interest::BOTH, passed).unwrap_err().kind(), io::ErrorKind::TimedOut);
        right.write(&[IoSlice::new(b"x")]).unwrap();
        assert_eq!(left.ready(Interest::BOTH, soon()).unwrap(), Interest::READ);
        right.read(&mut [0; 2], Wait::Now).unwrap();
        assert_eq!(left.ready(Interest::WRITE, soon()).unwrap(), Interest::WRITE);
    }

    #[test]
    fn a_waiting_reader_is_woken_by_bytes_and_by_closing() {
        let (left, right) = memory_pair();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| right.read(&mut [0; 4], Wait::Until(soon())).unwrap());
            left.write(&[IoSlice::new(b"hi")]).unwrap();
            assert_eq!(reader.join().unwrap(), 2);
            let reader = scope.spawn(|| right.read(&mut [0; 4], Wait::Until(soon())).unwrap());
            right.close();
            assert_eq!(reader.join().unwrap(), 0);
        });
    }
}
