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
/// use rpc_core::transport::{Transport, Wait, Wrapper};
///
/// /// Counts the bytes that are read.
/// #[derive(Debug)]
/// struct Counting<T> {
///     inner: T,
///     bytes_read: AtomicUsize,
/// }
///
/// impl<T: Transport> Wrapper for Counting<T> {
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
pub trait Wrapper: fmt::Debug + Send + Sync {
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

impl<W: Wrapper> Transport for W {
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        Wrapper::read(self, buffer, wait)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        Wrapper::write(self, parts)
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        Wrapper::ready(self, interest, deadline)
    }

    fn shutdown(&self) -> io::Result<()> {
        Wrapper::shutdown(self)
    }

    fn close(&self) {
        Wrapper::close(self);
    }

    fn peer(&self) -> Peer {
        Wrapper::peer(self)
    }
}
