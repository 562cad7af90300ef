//! Sees every call and every connection: what metrics, logs and audits sit on. The server itself writes no log.

use std::{fmt, time::Duration};

use crate::{Method, Opcode, Peer, ServiceId, Status, TlsError};

/// Names a connection for as long as the server lives: a counter, since file descriptors are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Watches a server. Every method has an empty default; each runs on the thread that did the work, so it must be quick.
/// A panic of it goes to the panic hook and no further.
pub trait Observer: Send + Sync + 'static {
    /// A call has its reply, which may not have been written yet.
    fn call_ended(&self, call: &CallEnded) {
        let _ = call;
    }

    /// A connection got its place.
    fn connection_opened(&self, connection: ConnectionId, peer: Peer) {
        let _ = (connection, peer);
    }

    /// A connection that was opened is no more.
    fn connection_closed(&self, connection: ConnectionId, peer: Peer, reason: CloseReason) {
        let _ = (connection, peer, reason);
    }

    /// A connection got no place; the peer is not known if even accepting it failed.
    fn connection_refused(&self, peer: Option<Peer>, reason: RefuseReason) {
        let _ = (peer, reason);
    }
}

/// How a call went.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallEnded {
    /// The connection it came over.
    pub connection: ConnectionId,
    /// Who made the connection.
    pub peer: Peer,
    /// The service that was asked for, known or not.
    pub service: ServiceId,
    /// The opcode that was asked for, known or not.
    pub opcode: Opcode,
    /// The method, if there is one.
    pub method: Option<&'static Method>,
    /// How it ended.
    pub status: Status,
    /// From the moment that its header was there to the end of its reply.
    pub elapsed: Duration,
    /// Bytes of its request, header included.
    pub bytes_in: usize,
    /// Bytes of its reply, header included.
    pub bytes_out: usize,
}

/// Why a connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The peer ended it between two frames, or said goodbye.
    Peer,
    /// The peer ended it inside a frame, or the connection broke.
    Broken,
    /// The TLS handshake or a record failed.
    Tls(TlsError),
    /// The hello was not there in time.
    HelloDeadline,
    /// The first frame was no hello of this protocol, or of no version that we speak.
    BadHello,
    /// No credential was accepted in time.
    SignInDeadline,
    /// A frame was not complete in time.
    FrameDeadline,
    /// The peer did not read its replies in time.
    WriteDeadline,
    /// Nothing came for too long.
    Idle,
    /// A frame broke the protocol.
    Protocol,
    /// The server drained.
    Drained,
    /// The server needed the place for another connection, or was stopped.
    Cut,
}

/// Why a connection got no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefuseReason {
    /// All connections of the server, or of this source, are taken.
    Busy,
    /// The server drains.
    Draining,
    /// The system gave no thread.
    NoThread,
    /// The system gave no file descriptor, or accepting failed otherwise.
    Accept(std::io::ErrorKind),
}

impl fmt::Debug for dyn Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
