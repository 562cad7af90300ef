//! Moves bytes in order between two peers, with a wait or a deadline. Framing sits above it; nothing here knows a frame.
//!
//! A transport is used by one reading and one writing thread at once, through `&self`. It never blocks longer than it is
//! told to: a writer that would block can wait for room *or* for bytes to read, so that two peers which both send a lot
//! can't hold each other up for ever.

use std::{
    fmt,
    io::{self, IoSlice},
    net::SocketAddr,
};

mod deadline;
mod decorator;
mod fault;
mod memory;
mod recent;
mod socket;
mod tcp;
#[cfg(feature = "tls")]
mod tls;
mod unix;
mod waiting;
#[cfg(test)]
pub(crate) mod watched;

pub use deadline::Deadline;
pub use decorator::Decorator;
pub use fault::{Direction, FaultTransport};
pub use memory::{MemoryTransport, memory_pair, memory_pair_with};
pub(crate) use recent::{LONG, recent};
pub use tcp::TcpTransport;
#[cfg(feature = "tls")]
pub use tls::{TlsClient, TlsConfigError, TlsServer, TlsTransport};
pub use unix::UnixTransport;
#[cfg(test)]
pub(crate) use unix::full_listener;
pub use waiting::Waiting;

/// A stream of bytes in each direction.
///
/// `Interrupted` is never returned: implementations try again.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Reads what is there into `buffer`, at least one byte; 0 means that the peer ended its direction.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there and `wait` is [`Wait::Now`]; `TimedOut` if nothing came until its deadline; any
    /// other kind if the connection is broken.
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize>;

    /// Writes as much of `parts`, in order, as there is room for now: at least one byte.
    ///
    /// # Errors
    /// `WouldBlock` if there is no room; any other kind if the connection is broken. Nothing was written then.
    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Waits until one of the directions in `interest` would not block, and tells which.
    ///
    /// # Errors
    /// `TimedOut` if neither is by the deadline.
    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest>;

    /// Ends this side's direction: the peer reads what was written, then the end.
    ///
    /// # Errors
    /// The connection is broken.
    fn shutdown(&self) -> io::Result<()>;

    /// Ends both directions and wakes a thread that waits in here.
    fn close(&self);

    /// Who is on the other end.
    fn peer(&self) -> Peer;
}

/// How long a read may wait.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// Not at all.
    Now,
    /// Until something is there or the deadline has passed.
    Until(Deadline),
}

/// Directions of a transport that a thread waits for, or that are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    /// Bytes to read, or the end of them.
    pub read: bool,
    /// Room to write.
    pub write: bool,
}

impl Interest {
    /// Bytes to read.
    pub const READ: Self = Self { read: true, write: false };
    /// Room to write.
    pub const WRITE: Self = Self { read: false, write: true };
    /// Whichever comes first.
    pub const BOTH: Self = Self { read: true, write: true };
}

/// Who made a connection, or is on the other end of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Peer {
    /// Nobody: no connection at all, as in a handler that is called as a plain function.
    Local,
    /// The other end of a pair in this process.
    Memory,
    /// A process on this machine, over a Unix socket.
    Unix,
    /// A TCP peer.
    Tcp(SocketAddr),
}

/// Writes all of `bytes`, waiting for room where there is none.
///
/// For a side that has nothing to read meanwhile, or must not: see the story of this module.
///
/// # Errors
/// `TimedOut` if the deadline passed, any other kind if the connection is broken. A part may have been written.
pub fn write_all(transport: &dyn Transport, bytes: &[u8], deadline: Deadline) -> io::Result<()> {
    write_all_parts(transport, &mut [IoSlice::new(bytes)], deadline)
}

/// [`write_all`] for bytes that do not lie together.
pub(crate) fn write_all_parts(
    transport: &dyn Transport,
    mut parts: &mut [IoSlice<'_>],
    deadline: Deadline,
) -> io::Result<()> {
    loop {
        match write_some(transport, &mut parts) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                transport.ready(Interest::WRITE, deadline)?;
            }
            result => return result,
        }
    }
}

pub(crate) fn bytes_in(parts: &[IoSlice<'_>]) -> usize {
    parts.iter().map(|part| part.len()).fold(0, usize::saturating_add)
}

/// Writes what there is room for: `WouldBlock` if that is not all. `parts` are then what is left.
pub(crate) fn write_some(transport: &dyn Transport, parts: &mut &mut [IoSlice<'_>]) -> io::Result<()> {
    let mut left = bytes_in(parts);
    while left > 0 {
        // Why `min`: no more can be passed over than there is, whatever a transport claims.
        let written = transport.write(parts)?.min(left);
        left = left.saturating_sub(written);
        IoSlice::advance_slices(parts, written);
    }
    Ok(())
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Memory => f.write_str("memory"),
            Self::Unix => f.write_str("unix"),
            Self::Tcp(address) => address.fmt(f),
        }
    }
}
