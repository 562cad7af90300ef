//! What TCP and Unix sockets have in common: non-blocking for life, waiting in `poll`.
//!
//! Why not blocking sockets with `SO_RCVTIMEO`: it is too coarse, and blocking mode is shared by all handles of a socket.

use std::{
    io::{self, IoSlice, Read, Write},
    os::fd::AsFd,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use super::{Deadline, Interest, Wait, Waiting, waiting::Waiter};

/// A connected socket in non-blocking mode.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    waiter: Waiter,
}

impl<S: AsFd> Socket<S>
where
    for<'s> &'s S: Read + Write,
{
    /// `stream` is in non-blocking mode already.
    pub(super) fn new(stream: S, waiting: Waiting) -> Self {
        Self { stream, waiter: Waiter::new(waiting) }
    }

    pub(super) const fn stream(&self) -> &S {
        &self.stream
    }

    pub(super) fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let mut try_now = || uninterrupted(|| (&self.stream).read(buffer));
        match wait {
            Wait::Now => try_now(),
            Wait::Until(deadline) => self.waiter.wait(try_now, || self.ready(Interest::READ, deadline).map(drop)),
        }
    }

    pub(super) fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = uninterrupted(|| match parts {
            [part] => (&self.stream).write(part),
            _ => (&self.stream).write_vectored(parts),
        })?;
        if written == 0 && parts.iter().any(|part| !part.is_empty()) {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(written)
    }

    pub(super) fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        let mut wanted = PollFlags::empty();
        wanted.set(PollFlags::IN, interest.read);
        wanted.set(PollFlags::OUT, interest.write);
        loop {
            let mut fds = [PollFd::new(&self.stream, wanted)];
            // Why `ok`: a duration that a timespec can't hold is longer than anyone waits.
            let left = deadline.left().and_then(|left| Timespec::try_from(left).ok());
            match poll(&mut fds, left.as_ref()) {
                Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(_) => {
                    let [fd] = fds;
                    // An error or a hang-up shows in whichever operation comes next.
                    let broken = fd.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL);
                    return Ok(Interest {
                        read: interest.read && (broken || fd.revents().contains(PollFlags::IN)),
                        write: interest.write && (broken || fd.revents().contains(PollFlags::OUT)),
                    });
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn uninterrupted<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
