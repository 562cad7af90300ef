//! What a call can end in besides its value. One flat type for a caller to match on: `App` is the method's own error,
//! everything else is the framework's, and [`Error::outcome`] tells of each whether the call ran.

use std::{convert::Infallible, error, fmt, io, time::Duration};

use crate::{
    Status,
    tlv::{DecodeError, DecodeErrorKind, DecodeOwned, Encode},
};

mod tls;
pub use tls::TlsError;

/// The result of every remote method.
pub type Result<T, E> = std::result::Result<T, Error<E>>;

/// The error type of a method: a numbered enum. Derived, never written by hand.
///
/// The derive also asks for [`std::error::Error`], so that a failed call has a text and a source.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the error type of a method",
    label = "this type has no numbers for its variants",
    note = "make it an enum with a `#[tag(n)]` on each variant, and add `#[derive(rpc_core::AppError)]` to it"
)]
pub trait AppError: error::Error + Encode + DecodeOwned + Send + Sync + 'static {}

/// The error of methods that have none of their own: they fail only as the framework fails.
impl AppError for Infallible {}

/// Whether a call ran: what a caller needs to know before it tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// No byte of the request reached a server that acts on it.
    NotSent,
    /// The server refused before its handler ran.
    Rejected,
    /// The request left; whether it ran is not known.
    MaybeExecuted,
    /// The handler ran to its end.
    Executed,
}

/// Why a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The method's own error.
    App(E),
    /// The server ended the call with a status of the framework.
    Refused(Refusal),
    /// Bytes could not be moved.
    Transport(TransportError),
    /// The server answered, but not with this method's reply: it runs an incompatible build.
    BadReply(DecodeError),
    /// The request is over the limit and was not sent.
    RequestTooLarge {
        /// The limit that the request is over, in bytes of body.
        bytes_max: usize,
    },
}

/// A status of the framework with what the server tells beside it.
#[derive(Clone, Copy, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// How the call ended.
    pub status: Status,
    /// How long to wait before another try, where the server says so.
    pub retry_after: Option<Duration>,
    /// The field of the request that did not decode, where that was the reason: its number.
    pub field: Option<u16>,
    /// The limit that was passed, where that was the reason: in bytes.
    pub limit: Option<u64>,
    /// Whether a peer has told it. Such a refusal is about a call of this side's, and a handler that passes it on would
    /// claim it of the call that it serves.
    pub(crate) from_peer: bool,
}

/// Why bytes could not be moved, and what that means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportError {
    /// What failed.
    pub kind: TransportErrorKind,
    /// Whether the call ran, as far as this side can know.
    pub outcome: Outcome,
}

/// What failed while bytes were to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection could be made: the operating system's reason. `InvalidInput` where the address is not `host:port`,
    /// `NotFound` where the host's name has no address, or no Unix socket is at the path.
    Connect(io::ErrorKind),
    /// The deadline passed while waiting for a connection.
    ConnectDeadline,
    /// The deadline passed while the request was being written.
    WriteDeadline,
    /// The deadline passed while waiting for the reply.
    ReplyDeadline,
    /// Nothing came from the server for too long, and another one may answer.
    Silent,
    /// The peer closed the connection.
    Closed,
    /// The server refused the connection in its hello.
    Refused(Status),
    /// The peer said goodbye before it took the call.
    Goodbye(Status),
    /// The peer sent bytes that are no frame of this protocol.
    Protocol(crate::frame::FrameError),
    /// The operating system's reason.
    Io(io::ErrorKind),
    /// The TLS handshake or a record failed.
    Tls(TlsError),
}

impl<E> Error<E> {
    /// Whether the call ran.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::App(_) | Self::BadReply(_) => Outcome::Executed,
            Self::Refused(refusal) => refusal.status.outcome(),
            Self::Transport(error) => error.outcome,
            Self::RequestTooLarge { .. } => Outcome::NotSent,
        }
    }

    /// What a handler returns to refuse a call that it has not begun: a status of the 0x01xx group.
    ///
    /// [`Status::OUTCOME_UNKNOWN`] is passed on as well, since a handler may be unable to tell. Any other status would
    /// claim something about the execution that only the framework can know; it is answered as [`Status::INTERNAL`]. So is
    /// whatever a nested call was refused with: that its callee did not begin does not tell that this handler did not.
    pub const fn rejected(status: Status, retry_after: Option<Duration>) -> Self {
        Self::Refused(Refusal { retry_after, ..Refusal::new(status) })
    }

    /// The same failure for a method with another error type; the method's own error goes through `app`.
    pub fn map_app<F>(self, app: impl FnOnce(E) -> F) -> Error<F> {
        match self {
            Self::App(error) => Error::App(app(error)),
            Self::Refused(refusal) => Error::Refused(refusal),
            Self::Transport(error) => Error::Transport(error),
            Self::BadReply(error) => Error::BadReply(error),
            Self::RequestTooLarge { bytes_max } => Error::RequestTooLarge { bytes_max },
        }
    }
}

/// So that a handler writes `?` once on its own error.
impl<E: AppError> From<E> for Error<E> {
    fn from(error: E) -> Self {
        Self::App(error)
    }
}

impl Refusal {
    /// A refusal that says no more than its status.
    #[must_use]
    pub const fn new(status: Status) -> Self {
        Self { status, retry_after: None, field: None, limit: None, from_peer: false }
    }

    /// No session, or one that has ended.
    #[must_use]
    pub const fn unauthenticated() -> Self {
        Self::new(Status::UNAUTHENTICATED)
    }

    /// The caller's role may not call this method.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self::new(Status::FORBIDDEN)
    }

    /// The body of the request is no message of its method, or has a string over the limit.
    pub(crate) fn bad_body(error: &DecodeError, string_bytes_max: usize) -> Self {
        let field = (error.field != 0).then_some(error.field);
        let limit = (error.kind == DecodeErrorKind::StringTooLong).then_some(string_bytes_max);
        Self { field, limit: limit.and_then(|bytes| u64::try_from(bytes).ok()), ..Self::new(Status::BAD_BODY) }
    }
}

/// By what is told, whoever has told it.
impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        let Self { status, retry_after, field, limit, from_peer: _ } = *self;
        (status, retry_after, field, limit) == (other.status, other.retry_after, other.field, other.limit)
    }
}

impl TransportError {
    /// An error of a transport, or of a test double of one.
    #[must_use]
    pub const fn new(kind: TransportErrorKind, outcome: Outcome) -> Self {
        Self { kind, outcome }
    }
}

impl TransportErrorKind {
    /// What a transport's failure is while bytes are moved.
    pub(crate) fn of_moving(error: &io::Error) -> Self {
        TlsError::of(error).map_or(Self::Io(error.kind()), Self::Tls)
    }

    /// What it is that an address can't be looked up. The system's reason is a text, and of no kind that could be kept.
    pub(crate) fn of_resolving(error: &io::Error) -> Self {
        Self::Connect(match error.kind() {
            kind @ io::ErrorKind::InvalidInput => kind,
            _ => io::ErrorKind::NotFound,
        })
    }

    /// What a transport's failure is while it is made.
    pub(crate) fn of_connecting(error: &io::Error) -> Self {
        match (TlsError::of(error), error.kind()) {
            (Some(error), _) => Self::Tls(error),
            (None, io::ErrorKind::TimedOut) => Self::ConnectDeadline,
            (None, kind) => Self::Connect(kind),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, retry_after, field, limit, from_peer: _ } = self;
        f.debug_struct("Refusal")
            .field("status", status)
            .field("retry_after", retry_after)
            .field("field", field)
            .field("limit", limit)
            .finish()
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::BadReply(_) => f.write_str("the reply does not decode: the server runs an incompatible build"),
            Self::RequestTooLarge { bytes_max } => {
                write!(f, "the request is over the limit of {bytes_max} bytes and was not sent")
            }
        }
    }
}

impl<E: error::Error + 'static> error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::App(error) => error.source(),
            Self::BadReply(error) => Some(error),
            Self::Refused(_) | Self::Transport(_) | Self::RequestTooLarge { .. } => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status.fmt(f)?;
        if let Some(field) = self.field {
            write!(f, " (field {field})")?;
        }
        if let Some(limit) = self.limit {
            write!(f, " (limit {limit} bytes)")?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "; try again in {:.1} s", wait.as_secs_f32())?;
        }
        Ok(())
    }
}

impl error::Error for Refusal {}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        f.write_str(match self.outcome {
            Outcome::NotSent => " (the call was not sent)",
            Outcome::Rejected => " (the call was not executed)",
            Outcome::MaybeExecuted => " (whether the call ran is not known)",
            Outcome::Executed => " (the call ran)",
        })
    }
}

impl error::Error for TransportError {}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(io::ErrorKind::InvalidInput) => f.write_str("the server's address is not `host:port`"),
            Self::Connect(io::ErrorKind::NotFound) => {
                f.write_str("can't reach the server: its name is not known, or nothing is at its path")
            }
            Self::Connect(kind) => write!(f, "can't reach the server: {kind}"),
            Self::ConnectDeadline => f.write_str("the deadline passed while connecting"),
            Self::WriteDeadline => f.write_str("the deadline passed while sending the request"),
            Self::ReplyDeadline => f.write_str("the deadline passed while waiting for the reply"),
            Self::Silent => f.write_str("the server has fallen silent"),
            Self::Closed => f.write_str("the server closed the connection"),
            Self::Refused(status) => write!(f, "the server refused the connection: {status}"),
            Self::Goodbye(status) => write!(f, "the server said goodbye: {status}"),
            Self::Protocol(error) => write!(f, "the peer broke the protocol: {error}"),
            Self::Io(kind) => write!(f, "the connection failed: {kind}"),
            Self::Tls(error) => error.fmt(f),
        }
    }
}

impl<E> From<TransportError> for Error<E> {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl<E> From<Refusal> for Error<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
