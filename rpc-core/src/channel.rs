//! The client side: makes calls by opcode over a transport, from any number of threads, with no thread of its own.
//!
//! ```text
//!   GradesClient ──► Stub ──► Pending ──────────► Core ────────► Connection ──► Transport
//!   (generated)               attempts, retries,   reconnects     window, leader
//!                             deadline, key                       and followers
//! ```
//!
//! A [`Channel`] survives its connections: one that ends is replaced when the next call needs it. What a failed call may
//! have done is told by [`crate::Error::outcome`]; what did not run, or bears it, is called again by itself (`retry`).

use std::{sync::Arc, time::Duration};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::{
    Outcome, TransportError, TransportErrorKind,
    transport::{Deadline, Transport},
};

mod builder;
mod connect;
mod connection;
mod key;
mod mock;
mod options;
mod pending;
mod pool;
mod retry;

pub use builder::ChannelBuilder;
pub use key::RequestKey;
pub use mock::{MockTransport, Recorded};
pub use options::CallOptions;
pub use pending::Pending;
pub(crate) use pending::call;

use connect::Target;
use connection::{Connection, Shared};

/// A connection to a server, or to one of several addresses of it. Clones share it.
///
/// # Limits
/// A reply's body: 4 MiB, unless the builder says otherwise.
#[derive(Clone, Debug)]
pub struct Channel {
    core: Arc<Core>,
}

impl Channel {
    /// Connects to `host:port`, or to the first that answers of several addresses of one service, separated by commas.
    ///
    /// # Errors
    /// None of them can be reached. Later, when a connection has ended, calls connect again by themselves.
    pub fn connect(addresses: &str) -> Result<Self, TransportError> {
        Self::builder().connect(addresses)
    }

    /// Sets how a channel waits, connects and what it takes.
    pub const fn builder() -> ChannelBuilder {
        ChannelBuilder::new()
    }

    /// A channel over one transport that is connected already. When it has ended, all calls fail.
    #[must_use]
    pub fn over(transport: impl Transport + 'static) -> Self {
        Self::builder().over(transport)
    }

    /// Draws a request key by the server's clock, to be kept by a caller that may have to repeat a call after its own
    /// restart, and passed with [`CallOptions::key`].
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub fn request_key(&self) -> Result<RequestKey, TransportError> {
        RequestKey::draw(self.core.shared.clock.now_ms())
    }

    fn new(target: Target, builder: &ChannelBuilder) -> Self {
        Self {
            core: Arc::new(Core {
                connect_wait: builder.connect_wait,
                shared: Arc::new(Shared {
                    silence_max: target.has_several().then_some(builder.silence_max),
                    ..Shared::new(builder.reply_bytes_max)
                }),
                current: Mutex::new(Current::default()),
                connected: Condvar::new(),
                pause: builder.pause,
                target,
            }),
        }
    }
}

/// What the clones of a channel share.
#[derive(Debug)]
struct Core {
    target: Target,
    /// How long making a connection may take.
    connect_wait: Duration,
    shared: Arc<Shared>,
    /// The connection for new calls. Never held while connecting.
    current: Mutex<Current>,
    /// Rung when an attempt to connect has ended.
    connected: Condvar,
    /// Sleeps; a test does not.
    pause: fn(Duration),
}

#[derive(Debug, Default)]
struct Current {
    connection: Option<Arc<Connection>>,
    /// Whether a thread is connecting; the others wait for what it finds.
    connecting: bool,
    /// Attempts to connect that failed, and how the last one did. One that its caller's deadline cut short says nothing.
    failures: u64,
    failure: Option<TransportErrorKind>,
}

impl Core {
    /// The connection for a new call; another one than `ended`.
    fn connection(
        self: &Arc<Self>,
        ended: Option<&Arc<Connection>>,
        deadline: Deadline,
    ) -> Result<Arc<Connection>, TransportErrorKind> {
        let current = self.current.lock();
        match current.other_than(ended) {
            Some(connection) => Ok(Arc::clone(connection)),
            None => self.connect(current, ended, deadline),
        }
    }

    /// Makes a connection, or waits for that which another thread makes.
    #[cold]
    fn connect(
        self: &Arc<Self>,
        mut current: MutexGuard<'_, Current>,
        ended: Option<&Arc<Connection>>,
        deadline: Deadline,
    ) -> Result<Arc<Connection>, TransportErrorKind> {
        let failures = current.failures;
        loop {
            if let Some(connection) = current.other_than(ended) {
                return Ok(Arc::clone(connection));
            }
            if !current.connecting {
                break;
            }
            if deadline.has_passed() {
                return Err(TransportErrorKind::ConnectDeadline);
            }
            deadline.wait(&self.connected, &mut current);
            if current.failures != failures
                && let Some(failure) = current.failure
            {
                return Err(failure); // shared, so that a dead server is asked once, not once a thread
            }
        }
        current.connecting = true;
        drop(current);
        let wait = Deadline::after(self.connect_wait);
        let until = deadline.earlier(wait);
        let result = self.target.connect(until);
        let mut current = self.current.lock();
        current.connecting = false;
        self.connected.notify_all();
        match result {
            Ok(transport) => {
                let connection = Arc::new(Connection::new(transport, Arc::clone(&self.shared), Arc::downgrade(self)));
                current.connection = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(kind) => {
                current.connection = None;
                // What this caller had too little time for, one of those who wait may have.
                if until == wait || !until.has_passed() {
                    current.failures = current.failures.wrapping_add(1);
                    current.failure = Some(kind);
                }
                Err(kind)
            }
        }
    }
}

impl Current {
    fn other_than(&self, ended: Option<&Arc<Connection>>) -> Option<&Arc<Connection>> {
        self.connection.as_ref().filter(|connection| !ended.is_some_and(|ended| Arc::ptr_eq(ended, connection)))
    }
}

const fn not_sent(kind: TransportErrorKind) -> TransportError {
    TransportError { kind, outcome: Outcome::NotSent }
}

#[cfg(test)]
mod tests;
