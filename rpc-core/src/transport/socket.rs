//! What TCP and Unix sockets have in common: a read that waits, in one system call where it can; everything else at once.
//!
//! The sockets are in blocking mode, in which a read sleeps until something is there, and each call that must not wait says
//! so. How long a read may sleep is set once, since setting it takes a system call too: it is coarse, and what is left after
//! it, or is too short for it, is waited for in `poll`.

use std::{
    io::{self, IoSlice},
    os::fd::AsFd,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{
        RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg,
        sockopt::{Timeout, set_socket_timeout},
    },
};

use super::{
    Deadline, Interest, Wait, Waiting,
    waiting::{Attempt, Waiter},
};

/// A connected socket in blocking mode.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    waiter: Waiter,
}

/// How long a read sleeps before it goes on in `poll`: long for a peer that is there, so that hardly any call needs `poll`;
/// half of the shortest time after which anything else has to be done on a silent connection.
const SLEEP: Duration = Duration::from_millis(100);
/// A read sleeps only if so much is left: what the system's timer may be late is not to exceed a deadline.
const SLEEP_LEFT_MIN: Duration = Duration::from_millis(150);

/// A peer that has gone shows as an error, not as a signal.
const NOW: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

impl<S: AsFd> Socket<S> {
    /// `stream` is in blocking mode.
    ///
    /// # Errors
    /// The system refuses an option.
    pub(super) fn new(stream: S, waiting: Waiting) -> io::Result<Self> {
        set_socket_timeout(&stream, Timeout::Recv, Some(SLEEP))?;
        Ok(Self { stream, waiter: Waiter::new(waiting) })
    }

    pub(super) const fn stream(&self) -> &S {
        &self.stream
    }

    pub(super) fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        match wait {
            Wait::Now => self.read_now(buffer),
            Wait::Until(deadline) => self.waiter.wait(|attempt| match attempt {
                Attempt::Now => self.read_now(buffer),
                Attempt::Sleep => self.sleep(buffer, deadline),
            }),
        }
    }

    fn read_now(&self, buffer: &mut [u8]) -> io::Result<usize> {
        uninterrupted(|| Ok(recv(&self.stream, &mut *buffer, RecvFlags::DONTWAIT)?.1))
    }

    fn sleep(&self, buffer: &mut [u8], deadline: Deadline) -> io::Result<usize> {
        if deadline.left().is_none_or(|left| left >= SLEEP_LEFT_MIN) {
            match recv(&self.stream, &mut *buffer, RecvFlags::empty()) {
                // Why not again after a signal: with enough of them a deadline would never come.
                Err(Errno::AGAIN | Errno::INTR) => {}
                result => return Ok(result?.1),
            }
        }
        loop {
            self.ready(Interest::READ, deadline)?;
            match self.read_now(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {} // woken for nothing
                result => return result,
            }
        }
    }

    pub(super) fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = uninterrupted(|| match parts {
            [part] => send(&self.stream, part, NOW),
            _ => sendmsg(&self.stream, parts, &mut SendAncillaryBuffer::default(), NOW),
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

fn uninterrupted<T>(mut operation: impl FnMut() -> Result<T, Errno>) -> io::Result<T> {
    loop {
        match operation() {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}
