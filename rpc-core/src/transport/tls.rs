//! TLS over any other transport: rustls does the cryptography, this file moves its records without blocking.
//!
//! ```text
//!   reader ── inner.read, no lock ──► session lock: decrypt ──► bytes
//!   writer ── write lock ( session lock: encrypt; inner.write, which never waits )
//! ```
//!
//! A TLS connection can't be split as a socket can: both directions share keys and alerts. So whoever waits holds no lock,
//! and the session's is only taken around calls that do no I/O. The handshake is part of the first read or wait, on the
//! thread that does it and within its deadline. On the client's side that is in [`TlsTransport::connect`].

use std::{
    io::{self, IoSlice},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use parking_lot::Mutex;
use rustls::{ClientConnection, ServerConnection, pki_types::ServerName};

use super::{Deadline, Interest, Peer, Transport, Wait};
use crate::TlsError;

mod config;
mod outgoing;
mod session;

pub use config::{TlsClient, TlsConfigError, TlsServer};

use outgoing::Outgoing;
use session::Session;

/// Bytes that are read at once: a record of the largest size.
const READ_BYTES: usize = (16 << 10) + 256 + 5;
/// How long a side that has refused a handshake still reads, so that its reason is not lost to a reset: as Wire §7.
const LINGER: Duration = Duration::from_secs(1);

/// An encrypted connection over another transport.
#[derive(Debug)]
pub struct TlsTransport {
    inner: Box<dyn Transport>,
    /// Never held over I/O. Taken after `outgoing` where both are needed.
    session: Mutex<Session>,
    /// Records that have not been written, and the right to write more. Held over writes to `inner`, which never wait.
    outgoing: Mutex<Outgoing>,
    /// Whether there are any, for a reader that has no reason to take the lock otherwise.
    left_over: AtomicBool,
    established: AtomicBool,
    /// The right to read `inner` while the handshake lasts: the only lock that is held while waiting, since until then
    /// there is nothing that another thread could do.
    handshake: Mutex<()>,
}

impl TlsTransport {
    /// The client's side of `inner`, once it is known that the server's certificate is for `server_name` and trusted.
    ///
    /// # Errors
    /// `TimedOut` if the deadline passed, `InvalidInput` if the name is neither a DNS name nor an IP address, a
    /// [`TlsError`] if the handshake failed, any other kind if the connection broke.
    pub fn connect(
        inner: impl Transport + 'static,
        tls: &TlsClient,
        server_name: &str,
        deadline: Deadline,
    ) -> io::Result<Self> {
        let name = ServerName::try_from(server_name.to_owned()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let connection =
            ClientConnection::new(tls.config.clone(), name).map_err(|_| io::Error::from(TlsError::Incompatible))?;
        let transport = Self::new(inner, Session::new(connection.into()));
        transport.establish(deadline)?;
        Ok(transport)
    }

    /// The server's side of `inner`. The handshake follows with the first read.
    ///
    /// # Errors
    /// The configuration can't be used.
    pub fn accept(inner: impl Transport + 'static, tls: &TlsServer) -> io::Result<Self> {
        let connection =
            ServerConnection::new(tls.config.clone()).map_err(|_| io::Error::from(TlsError::Incompatible))?;
        Ok(Self::new(inner, Session::new(connection.into())))
    }

    fn new(inner: impl Transport + 'static, session: Session) -> Self {
        Self {
            inner: Box::new(inner),
            session: Mutex::new(session),
            outgoing: Mutex::default(),
            left_over: AtomicBool::new(false),
            established: AtomicBool::new(false),
            handshake: Mutex::new(()),
        }
    }

    /// Does the handshake, unless it has been done.
    fn establish(&self, deadline: Deadline) -> io::Result<()> {
        if self.established.load(Ordering::Acquire) {
            return Ok(());
        }
        let _turn = match deadline.instant() {
            Some(instant) => self.handshake.try_lock_until(instant).ok_or(io::ErrorKind::TimedOut)?,
            None => self.handshake.lock(),
        };
        let failed = self.session.lock().failed();
        if let Some(failed) = failed {
            return Err(failed.into());
        }
        let mut buffer = [0; READ_BYTES];
        // Ends: each round reads at least one byte, of which no handshake has more than 64 KiB, or fails.
        loop {
            let written = self.write_records();
            let failed = self.session.lock().failed();
            if let Some(failed) = failed {
                self.linger(deadline, &mut buffer);
                return Err(failed.into());
            }
            written?;
            if !self.session.lock().is_handshaking() {
                self.established.store(true, Ordering::Release);
                return Ok(());
            }
            self.write_left_over(Wait::Until(deadline))?;
            let read = self.inner.read(&mut buffer, Wait::Until(deadline))?;
            if read == 0 {
                return Err(self.session.lock().fail(TlsError::Ended).into());
            }
            self.session.lock().feed(buffer.get(..read).unwrap_or_default());
            if deadline.has_passed() {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// After a refusal: lets the peer read why.
    fn linger(&self, deadline: Deadline, buffer: &mut [u8]) {
        let deadline = deadline.earlier(Deadline::after(LINGER));
        if self.inner.shutdown().is_ok() {
            while !deadline.has_passed() && matches!(self.inner.read(buffer, Wait::Until(deadline)), Ok(1..)) {}
        }
    }

    /// Writes what the session has to say by itself, as far as there is room.
    fn write_records(&self) -> io::Result<()> {
        if !self.session.lock().has_records() {
            return Ok(());
        }
        let mut outgoing = self.outgoing.lock();
        self.session.lock().append_records(outgoing.records());
        self.write_some(&mut outgoing).map(drop)
    }

    /// Writes records as far as there is room. Whether none is left.
    fn write_some(&self, outgoing: &mut Outgoing) -> io::Result<bool> {
        let result = outgoing.write_to(&*self.inner);
        self.left_over.store(!outgoing.is_empty(), Ordering::Release);
        result
    }

    /// What a thread that is about to wait for bytes does with records that had no room: writes them, waiting for room
    /// or for bytes, whichever comes first.
    fn write_left_over(&self, wait: Wait) -> io::Result<()> {
        while self.left_over.load(Ordering::Acquire) && !self.write_some(&mut self.outgoing.lock())? {
            match wait {
                Wait::Now => return Ok(()),
                Wait::Until(deadline) if self.inner.ready(Interest::BOTH, deadline)?.read => return Ok(()),
                Wait::Until(_) => {}
            }
        }
        Ok(())
    }

    /// Reads records once and decrypts them.
    fn receive(&self, wait: Wait) -> io::Result<()> {
        self.write_left_over(wait)?;
        let mut buffer = [0; READ_BYTES];
        let read = self.inner.read(&mut buffer, wait)?;
        self.session.lock().feed(buffer.get(..read).unwrap_or_default());
        // An alert or new keys. That they can't be written is found by whoever writes.
        let _written = self.write_records();
        Ok(())
    }
}

impl Transport for TlsTransport {
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let deadline = match wait {
            Wait::Until(deadline) => deadline,
            Wait::Now => Deadline::after(Duration::ZERO),
        };
        let not_yet = |error: io::Error| match (error.kind(), wait) {
            (io::ErrorKind::TimedOut, Wait::Now) => io::ErrorKind::WouldBlock.into(),
            _ => error,
        };
        self.establish(deadline).map_err(not_yet)?;
        loop {
            if let Some(taken) = self.session.lock().take(buffer)? {
                return Ok(taken);
            }
            self.receive(wait)?;
            // Why here: a peer may send records without end that hold nothing.
            if deadline.has_passed() {
                return self.session.lock().take(buffer)?.ok_or_else(|| not_yet(io::ErrorKind::TimedOut.into()));
            }
        }
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        if !self.established.load(Ordering::Acquire) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let mut outgoing = self.outgoing.lock();
        // What is there already goes first, and is all that goes if there is no room for more.
        if !self.write_some(&mut outgoing)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if outgoing.has_ended() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let Some(part) = parts.iter().find(|part| !part.is_empty()) else { return Ok(0) };
        let owed = outgoing.settle(part)?;
        let rest = part.get(owed..).unwrap_or_default();
        let taken = if rest.is_empty() { 0 } else { self.session.lock().encrypt(rest, outgoing.records())? };
        let all_left = self.write_some(&mut outgoing)?;
        Ok(outgoing.report(part.get(..owed.saturating_add(taken)).unwrap_or_default(), all_left))
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        self.establish(deadline)?;
        if interest.read && self.session.lock().has_something_to_take() {
            let write = interest.write && self.inner.ready(Interest::WRITE, Deadline::after(Duration::ZERO)).is_ok();
            return Ok(Interest { read: true, write });
        }
        self.inner.ready(interest, deadline)
    }

    fn shutdown(&self) -> io::Result<()> {
        let mut outgoing = self.outgoing.lock();
        if !outgoing.has_ended() {
            self.session.lock().say_goodbye(outgoing.records());
            outgoing.end();
        }
        self.write_some(&mut outgoing).map(drop)
    }

    fn close(&self) {
        self.inner.close();
    }

    fn peer(&self) -> Peer {
        self.inner.peer()
    }
}

impl Drop for TlsTransport {
    /// Says goodbye if there is room for it, so that the peer can tell this end from one by force.
    fn drop(&mut self) {
        let _said = self.shutdown();
    }
}
