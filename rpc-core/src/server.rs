//! The server's side: an acceptor, a thread per connection, a bounded pool for slow methods.
//!
//! ```text
//! acceptor ── place? ──► connection thread ── fast ──► handler ──► reply in order
//!    │  no: busy              │  judge, read              ▲
//!    ▼                        └── slow ──► pool ──────────┘ ──► reply when it is there
//! refused
//! ```
//!
//! What is absent: no thread waits for a peer without a deadline, no queue is without a bound, no panic of a handler ends
//! more than its call, and nobody but the operator's own code writes a log (see [`Observer`]).

use std::{
    error, fmt, io,
    net::{SocketAddr, ToSocketAddrs},
    path::{Path, PathBuf},
    sync::Arc,
};

#[cfg(feature = "tls")]
use crate::transport::TlsServer;
use crate::{Dispatch, Limits, ServiceId, transport::Waiting};

mod calls;
mod connection;
mod drain;
mod line;
mod listener;
mod memory;
mod observer;
mod output;
mod pool;
mod reply;
mod running;
mod shared;
mod slots;
mod slow;
mod stage;
mod timing;

pub use drain::{Cut, DrainReport};
pub use observer::{CallEnded, CloseReason, ConnectionId, Observer, RefuseReason};
pub use running::Running;

use shared::{Entry, Shared};

/// Where a server begins: [`Server::builder`].
///
/// ```no_run
/// # fn example(grades: impl rpc_core::Dispatch) -> Result<(), rpc_core::StartError> {
/// use rpc_core::Server;
///
/// let running = Server::builder().service(grades).bind("127.0.0.1:7878")?;
/// println!("serving on {}", running.address());
/// loop {
///     std::thread::park(); // it serves until `running` is dropped
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Server;

/// A server before it runs.
#[must_use = "a server runs once it is bound or started"]
pub struct ServerBuilder {
    services: Vec<Entry>,
    limits: Limits,
    observer: Option<Arc<dyn Observer>>,
    waiting: Waiting,
}

/// Why a server did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Two services have this id; a request could go to either.
    DuplicateService(ServiceId),
    /// The address can't be listened on: the system's reason.
    Bind(io::Error),
    /// The system gives no thread.
    Thread(io::Error),
    /// The server drains, or has drained: it takes nobody in any more.
    Draining,
}

impl Server {
    /// A server without services, with the default limits.
    pub fn builder() -> ServerBuilder {
        ServerBuilder { services: Vec::new(), limits: Limits::new(), observer: None, waiting: Waiting::default() }
    }
}

impl ServerBuilder {
    /// Adds a service: the `…Dispatch` that the attribute made, around a handler.
    pub fn service(mut self, dispatch: impl Dispatch) -> Self {
        self.services.push(Entry::new(Box::new(dispatch)));
        self
    }

    /// Sets the bounds.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets who watches.
    pub fn observer(self, observer: impl Observer) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Sets how connection threads wait for bytes.
    pub fn waiting(self, waiting: Waiting) -> Self {
        Self { waiting, ..self }
    }

    /// Starts without a listener: connections come from [`Running::connect`] and [`Running::serve`].
    ///
    /// # Errors
    /// Two services have the same id.
    pub fn start(self) -> Result<Running<()>, StartError> {
        let Self { services, limits, observer, waiting } = self;
        let shared = Shared::new(services, limits, observer, waiting).map_err(StartError::DuplicateService)?;
        Ok(Running::new(Arc::new(shared)))
    }

    /// Starts and listens on a TCP address; port 0 takes a free one, which [`Running::address`] tells.
    ///
    /// # Errors
    /// Two services have the same id, the address can't be listened on, or the system gives no thread.
    pub fn bind(self, address: impl ToSocketAddrs) -> Result<Running<SocketAddr>, StartError> {
        let running = self.start()?;
        let address = running.listen(address)?;
        Ok(running.at(address))
    }

    /// Starts and listens on a TCP address for clients that speak TLS, and no others; see [`ServerBuilder::bind`].
    ///
    /// The handshake is done by the connection's own thread and counts as a part of the hello's time.
    ///
    /// # Errors
    /// Two services have the same id, the address can't be listened on, or the system gives no thread.
    #[cfg(feature = "tls")]
    pub fn bind_tls(self, address: impl ToSocketAddrs, tls: TlsServer) -> Result<Running<SocketAddr>, StartError> {
        let running = self.start()?;
        let address = running.listen_tls(address, tls)?;
        Ok(running.at(address))
    }

    /// Starts and listens on a Unix socket, whose file is removed when the server stops. A socket that a server which is no
    /// more has left is replaced; any other file stays.
    ///
    /// # Errors
    /// Two services have the same id, the path can't be listened on, or the system gives no thread.
    pub fn bind_unix(self, path: impl AsRef<Path>) -> Result<Running<PathBuf>, StartError> {
        let running = self.start()?;
        let path = running.listen_unix(path)?;
        Ok(running.at(path))
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { services, limits, waiting, .. } = self;
        f.debug_struct("ServerBuilder")
            .field("services", services)
            .field("limits", limits)
            .field("waiting", waiting)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateService(id) => write!(f, "two services have the id {id}"),
            Self::Bind(_) => f.write_str("can't listen on the address"),
            Self::Thread(_) => f.write_str("the system gives no thread"),
            Self::Draining => f.write_str("the server drains"),
        }
    }
}

impl error::Error for StartError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::DuplicateService(_) | Self::Draining => None,
            Self::Bind(error) | Self::Thread(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests;
