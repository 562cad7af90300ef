//! A transport around another one: what it says differs, the rest is passed on.

use std::{
    fmt,
    io::{self, IoSlice},
};

use super::{Deadline, Interest, Peer, Transport, Wait};

/// A [`Transport`] around another, which says only what differs: to count, to record, to let faults befall its bytes.
///
/// ```
/// use std::{io, sync::atomic::{AtomicUsize, Ordering}};
///
/// use rpc_core::transport::{Transport, Wait, Decorator};
///
/// /// Counts the bytes that are read.
/// #[derive(Debug)]
/// struct Counting<T> {
///     inner: T,
///     bytes_read: AtomicUsize,
/// }
///
/// impl<T: Transport> Decorator for Counting<T> {
///     fn inner(&self) -> &dyn Transport {
///         &self.inner
///     }
///
///     fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
///         let count = self.inner.read(buffer, wait)?;
///         self.bytes_read.fetch_add(count, Ordering::Relaxed);
///         Ok(count)
///     }
/// }
/// ```
pub trait Decorator: fmt::Debug + Send + Sync {
    /// What it is around.
    fn inner(&self) -> &dyn Transport;

    /// As [`Transport::read`].
    ///
    /// # Errors
    /// As there.
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        self.inner().read(buffer, wait)
    }

    /// As [`Transport::write`].
    ///
    /// # Errors
    /// As there.
    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner().write(parts)
    }

    /// As [`Transport::ready`].
    ///
    /// # Errors
    /// As there.
    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        self.inner().ready(interest, deadline)
    }

    /// As [`Transport::shutdown`].
    ///
    /// # Errors
    /// As there.
    fn shutdown(&self) -> io::Result<()> {
        self.inner().shutdown()
    }

    /// As [`Transport::close`].
    fn close(&self) {
        self.inner().close();
    }

    /// As [`Transport::peer`].
    fn peer(&self) -> Peer {
        self.inner().peer()
    }
}

impl<D: Decorator> Transport for D {
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        Decorator::read(self, buffer, wait)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        Decorator::write(self, parts)
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        Decorator::ready(self, interest, deadline)
    }

    fn shutdown(&self) -> io::Result<()> {
        Decorator::shutdown(self)
    }

    fn close(&self) {
        Decorator::close(self);
    }

    fn peer(&self) -> Peer {
        Decorator::peer(self)
    }
}
