//! The handle of a running server: where it listens, further ways in, and its end.

use std::{
    fmt, io,
    net::{SocketAddr, ToSocketAddrs},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use parking_lot::Mutex;

use super::{
    StartError, connection,
    drain::{self, DrainReport},
    line::Line,
    listener::{Acceptor, Listener},
    observer::RefuseReason,
    shared::Shared,
    slots::NoPlace,
};
#[cfg(feature = "tls")]
use crate::transport::TlsServer;
use crate::{
    Status,
    transport::{Deadline, MemoryTransport, Transport, memory_pair},
};

/// A running server, listening at `A`. Dropping it stops the server at once; [`Running::drain`] lets calls finish.
#[must_use = "a server stops when this is dropped"]
pub struct Running<A = SocketAddr> {
    handle: Handle,
    address: A,
}

/// A connection that was refused. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Refused {
    #[expect(dead_code, reason = "held, so that the peer has time to read why")]
    line: Arc<Line>,
}

/// What `Running` owns whatever its address is, so that it can change its address and still stop when dropped.
struct Handle {
    shared: Arc<Shared>,
    /// None once a drain has taken them out, to stop them without holding the lock.
    acceptors: Mutex<Option<Vec<Acceptor>>>,
}

impl Running<()> {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { handle: Handle { shared, acceptors: Mutex::new(Some(Vec::new())) }, address: () }
    }

    pub(super) fn at<A>(self, address: A) -> Running<A> {
        Running { handle: self.handle, address }
    }
}

impl Running<SocketAddr> {
    /// The address that the server listens on, with the port that it got.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Running<PathBuf> {
    /// The socket that the server listens on.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.address
    }
}

impl<A> Running<A> {
    /// Listens on one more TCP address; tells which, with the port that it got.
    ///
    /// # Errors
    /// The address can't be listened on, the system gives no thread, or the server drains.
    pub fn listen(&self, address: impl ToSocketAddrs) -> Result<SocketAddr, StartError> {
        let backlog = self.handle.shared.limits.backlog();
        let (listener, address) = Listener::tcp(address, backlog).map_err(StartError::Bind)?;
        self.handle.accept_from(listener)?;
        Ok(address)
    }

    /// Listens on one more TCP address, for clients that speak TLS; tells which, with the port that it got.
    ///
    /// # Errors
    /// The address can't be listened on, the system gives no thread, or the server drains.
    #[cfg(feature = "tls")]
    pub fn listen_tls(&self, address: impl ToSocketAddrs, tls: TlsServer) -> Result<SocketAddr, StartError> {
        let backlog = self.handle.shared.limits.backlog();
        let (listener, address) = Listener::tls(address, backlog, tls).map_err(StartError::Bind)?;
        self.handle.accept_from(listener)?;
        Ok(address)
    }

    /// Listens on one more Unix socket, whose file is removed when the server stops. A socket that a server which is no
    /// more has left is replaced; any other file stays.
    ///
    /// # Errors
    /// The path can't be listened on, the system gives no thread, or the server drains.
    pub fn listen_unix(&self, path: impl AsRef<Path>) -> Result<PathBuf, StartError> {
        let path = path.as_ref();
        let listener = Listener::unix(path, self.handle.shared.limits.backlog()).map_err(StartError::Bind)?;
        self.handle.accept_from(listener)?;
        Ok(path.to_path_buf())
    }

    /// Serves a connection that was made in any other way, on a thread of its own. Without a place for it, it is told
    /// so and closed, as a peer from the network would be.
    pub fn serve(&self, transport: impl Transport + 'static) {
        // What keeps a refusal from being lost to a reset is the business of sockets; here closing is enough.
        let _refused = open(&self.handle.shared, Box::new(transport));
    }

    /// The other end of a new connection within this process.
    #[must_use]
    pub fn connect(&self) -> MemoryTransport {
        let (server, client) = memory_pair();
        self.serve(server);
        client
    }

    /// Stops in order: closes the listeners, says goodbye, lets the calls that were taken finish until the deadline,
    /// then cuts what is left and tells what that was.
    ///
    /// A client that calls nothing does not hear the goodbye, as nobody reads there: after a second its connection is closed, and counts
    /// as closed in order. A deadline within that second cuts it.
    ///
    /// Where nothing was cut, by the drain or before it for a newcomer's place, and no client left while a slow call of its ran, no
    /// thread uses a handler any more: dropping this drops them, with all that they own.
    pub fn drain(&self, deadline: Deadline) -> DrainReport {
        let acceptors = self.handle.acceptors.lock().take();
        drain::drain(&self.handle.shared, acceptors.unwrap_or_default(), deadline)
    }
}

#[cfg(test)]
impl<A> Running<A> {
    /// Waits until a drain, which another thread has called, has begun.
    pub(super) fn until_draining(&self) {
        while !self.handle.shared.is_draining() {
            thread::yield_now();
        }
    }
}

impl Handle {
    fn accept_from(&self, listener: Listener) -> Result<(), StartError> {
        let mut acceptors = self.acceptors.lock();
        // Under the lock: an acceptor that a drain has not seen would never be stopped.
        let acceptors = acceptors.as_mut().ok_or(StartError::Draining)?;
        acceptors.push(Acceptor::start(Arc::clone(&self.shared), listener).map_err(StartError::Thread)?);
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        drain::stop(&self.shared, self.acceptors.get_mut().take().unwrap_or_default());
    }
}

impl<A: fmt::Debug> fmt::Debug for Running<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Gives a connection its place and its thread, or tells it that there is none.
///
/// # Errors
/// It was refused, and has been told. It should stay for a moment, so that the refusal is read before it is dropped.
pub(super) fn open(shared: &Arc<Shared>, transport: Box<dyn Transport>) -> Result<(), Refused> {
    let id = shared.slots.next_id();
    let line = Arc::new(Line::new(id, transport));
    let (status, reason) = match shared.slots.admit(id, line.peer, Arc::clone(&line)) {
        Ok(victim) => {
            if let Some(victim) = victim {
                // Whether or not it could be told: the place is needed now.
                let _told = victim.part(&shared.hello_frame(Status::BUSY), Status::BUSY);
                victim.cut();
            }
            let Err(_no_thread) = spawn(shared, &line) else { return Ok(()) };
            shared.slots.left(id);
            (Status::BUSY, RefuseReason::NoThread)
        }
        Err(NoPlace::Busy) => (Status::BUSY, RefuseReason::Busy),
        Err(NoPlace::Closed) => (Status::DRAINING, RefuseReason::Draining),
    };
    shared.connection_refused(Some(line.peer), reason);
    line.post(&shared.hello_frame(status));
    line.shutdown();
    Err(Refused { line })
}

fn spawn(shared: &Arc<Shared>, line: &Arc<Line>) -> io::Result<()> {
    let (shared, line) = (Arc::clone(shared), Arc::clone(line));
    let name = format!("rpc-{}", line.id.0);
    let stack = shared.limits.thread_stack_bytes();
    thread::Builder::new().name(name).stack_size(stack).spawn(move || connection::serve(shared, &line)).map(drop)
}
