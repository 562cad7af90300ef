//! A server for tests that needs no server: scripted replies by request, and every request kept. It speaks real frames
//! over a real channel, so what is tested is what runs.

use std::{
    fmt,
    io::{self, IoSlice},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::{Condvar, Mutex};

use super::{Channel, ChannelBuilder, RequestKey};
use crate::{
    Error, Opcode, Outcome, Refusal, Request, Result, ServiceId, Status, TransportError, TransportErrorKind,
    frame::{
        ClientHello, Frame, FrameKind, Header, HeaderFlags, Metadata, ReceiveBuffer, ServerHello, VERSION,
        append_frame, encode_refusal,
    },
    tlv::{Buffer, DecodeLimits, Encode, Reader, Writer, encode_value},
    transport::{Deadline, Interest, Peer, Transport, Wait},
};

/// A scripted server.
///
/// ```
/// use rpc_core::{MockTransport, Result};
///
/// #[rpc_core::service(id = 1, name = "greeter", open)]
/// pub trait Greeter {
///     #[rpc(opcode = 1, idempotent)]
///     fn greet(&self, name: &str) -> Result<String, std::convert::Infallible>;
/// }
///
/// let mock = MockTransport::new().on(|request: GreeterGreet<'_>| Ok(format!("Hello, {}!", request.name)));
/// let greeter = GreeterClient::new(mock.channel());
/// assert_eq!(greeter.greet("Ada").unwrap(), "Hello, Ada!");
/// assert_eq!(mock.requests::<GreeterGreet<'_>>()[0].name, "Ada");
/// ```
///
/// A method without a script answers [`Status::UNKNOWN_OPCODE`]. A script may answer its method's own error,
/// [`Error::rejected`], or end the connection without an answer, with [`MockTransport::hang_up`].
///
/// Requests are decoded from bytes that stay for the life of the process: a closure can't be written for every lifetime
/// that a request may have, and this is a test double.
#[derive(Clone, Default)]
pub struct MockTransport {
    script: Arc<Script>,
}

/// A request as the mock has received it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The service that was called.
    pub service: ServiceId,
    /// The method that was called.
    pub opcode: Opcode,
    /// The deadline that the request named.
    pub deadline: Option<Duration>,
    /// The key that the request named.
    pub key: Option<RequestKey>,
    /// The trace that the request named.
    pub trace_id: Option<[u8; 16]>,
    /// The credential that the request carried. Not shown.
    pub credential: Option<Vec<u8>>,
    /// The encoded arguments.
    pub body: &'static [u8],
}

#[derive(Default)]
struct Script {
    answers: Mutex<Vec<Answer>>,
    recorded: Mutex<Vec<Recorded>>,
}

struct Answer {
    service: ServiceId,
    opcode: Opcode,
    /// Held while the script runs: a script that keeps count may be called by many threads.
    answer: Arc<Mutex<AnswerFn>>,
}

/// Writes a reply's body; `None` hangs up.
type AnswerFn = dyn FnMut(&'static [u8], &mut Writer<'_>) -> Option<std::result::Result<Status, Refusal>> + Send;

impl MockTransport {
    /// A server that knows no method.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers requests of one method. A later script for the same method replaces an earlier one.
    #[must_use]
    pub fn on<Q: Request<'static, Reply: Encode>>(
        self,
        mut script: impl FnMut(Q) -> Result<Q::Reply, Q::Error> + Send + 'static,
    ) -> Self {
        let answer = move |body: &'static [u8], reply: &mut Writer<'_>| {
            let mut input = Reader::new(body, LIMITS);
            let request = match Q::decode_body(&mut input).and_then(|request| input.finish().map(|()| request)) {
                Ok(request) => request,
                Err(error) => return Some(Err(Refusal::bad_body(&error, LIMITS.string_bytes_max))),
            };
            match script(request) {
                Ok(value) => {
                    encode_value(reply, &value);
                    Some(Ok(Status::OK))
                }
                Err(Error::App(error)) => {
                    encode_value(reply, &error);
                    Some(Ok(Status::APP))
                }
                Err(Error::Refused(refusal)) => Some(Err(refusal)),
                Err(Error::Transport(_)) => None,
                Err(Error::BadReply(_) | Error::RequestTooLarge { .. }) => Some(Err(Refusal::new(Status::INTERNAL))),
            }
        };
        let (service, opcode) = (Q::METHOD.service, Q::METHOD.opcode);
        let mut answers = self.script.answers.lock();
        answers.retain(|answer| (answer.service, answer.opcode) != (service, opcode));
        answers.push(Answer { service, opcode, answer: Arc::new(Mutex::new(answer)) });
        drop(answers);
        self
    }

    /// What a script returns to end the connection without an answer.
    #[must_use]
    pub const fn hang_up<E>() -> Error<E> {
        Error::Transport(TransportError { kind: TransportErrorKind::Closed, outcome: Outcome::MaybeExecuted })
    }

    /// A channel to this server. It connects again, to the same script, whenever the mock has hung up.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel_with(Channel::builder())
    }

    pub(super) fn channel_with(&self, builder: ChannelBuilder) -> Channel {
        let script = Arc::clone(&self.script);
        builder.made(move || Ok(Box::new(MockConnection::new(Arc::clone(&script)))))
    }

    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.script.recorded.lock().clone()
    }

    /// The requests of one method so far, decoded; those that do not decode are left out, and were answered so.
    #[must_use]
    pub fn requests<Q: Request<'static>>(&self) -> Vec<Q> {
        let of_method =
            |recorded: &&Recorded| (recorded.service, recorded.opcode) == (Q::METHOD.service, Q::METHOD.opcode);
        let decode = |recorded: &Recorded| Q::decode_body(&mut Reader::new(recorded.body, LIMITS)).ok();
        self.script.recorded.lock().iter().filter(of_method).filter_map(decode).collect()
    }
}

/// One connection to the mock: answers while it is being written to, so that it needs no thread.
#[derive(Debug)]
struct MockConnection {
    script: Arc<Script>,
    state: Mutex<MockState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct MockState {
    requests: ReceiveBuffer,
    replies: Vec<u8>,
    greeted: bool,
    ended: bool,
}

impl MockConnection {
    fn new(script: Arc<Script>) -> Self {
        Self { script, state: Mutex::default(), changed: Condvar::new() }
    }
}

impl MockState {
    /// Answers all complete frames. Anything that a client never sends ends the connection.
    fn answer(&mut self, script: &Script) {
        while !self.ended {
            let Ok(Some(frame)) = self.requests.next_frame(u32::MAX) else { return };
            let answered = match frame.header.kind {
                FrameKind::Hello if !self.greeted && ClientHello::decode(&frame).is_ok() => {
                    self.greeted = true;
                    server_hello().append(&mut self.replies);
                    true
                }
                FrameKind::Request if self.greeted => script.answer(&frame, &mut self.replies),
                _ => false,
            };
            self.ended = !answered;
        }
    }
}

impl Script {
    /// Records a request and appends its reply; false hangs up.
    fn answer(&self, frame: &Frame<'_>, replies: &mut Vec<u8>) -> bool {
        let Ok(Some(parts)) = frame.parts() else { return false };
        let Ok(metadata) = Metadata::decode(parts.metadata) else { return false };
        let body: &'static [u8] = Box::leak(Box::from(parts.body));
        self.recorded.lock().push(Recorded {
            service: frame.header.service,
            opcode: frame.header.opcode,
            deadline: metadata.deadline,
            key: metadata.request_key.map(RequestKey::from_bytes),
            trace_id: metadata.trace_id,
            credential: metadata.credential.map(<[u8]>::to_vec),
            body,
        });
        let of_method =
            |answer: &&Answer| (answer.service, answer.opcode) == (frame.header.service, frame.header.opcode);
        let script = self.answers.lock().iter().find(of_method).map(|answer| Arc::clone(&answer.answer));
        let Some(script) = script else { return refuse(frame, &Refusal::new(Status::UNKNOWN_OPCODE), replies) };
        let mut reply = Buffer::new();
        let mut out = Writer::new(&mut reply, usize::MAX);
        let answer = (script.lock())(body, &mut out);
        if out.finish().is_err() {
            return false; // more than a length can tell
        }
        match answer {
            Some(Ok(status)) => append(replies, header(frame, status), |out| out.bytes(&reply)),
            Some(Err(refusal)) => refuse(frame, &refusal, replies),
            None => false,
        }
    }
}

fn refuse(frame: &Frame<'_>, refusal: &Refusal, replies: &mut Vec<u8>) -> bool {
    append(replies, header(frame, refusal.status), |out| encode_refusal(refusal, out))
}

fn append(replies: &mut Vec<u8>, header: Header, body: impl FnOnce(&mut Writer<'_>)) -> bool {
    Buffer::over(replies, |out| append_frame(out, header, usize::MAX, body)).is_ok()
}

const fn header(request: &Frame<'_>, status: Status) -> Header {
    Header { kind: FrameKind::Reply, flags: HeaderFlags::NONE, status, ..request.header }
}

fn server_hello() -> ServerHello {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    ServerHello {
        status: Status::OK,
        version: VERSION,
        body_bytes_max: 64 << 20,
        window_calls: 128,
        window_bytes: 64 << 20,
        server_time_ms: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
    }
}

impl Transport for MockConnection {
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let mut state = self.state.lock();
        while state.replies.is_empty() {
            match wait {
                _ if state.ended => return Ok(0),
                Wait::Now => return Err(io::ErrorKind::WouldBlock.into()),
                Wait::Until(deadline) if deadline.has_passed() => return Err(io::ErrorKind::TimedOut.into()),
                Wait::Until(deadline) => deadline.wait(&self.changed, &mut state),
            }
        }
        let bytes = buffer.len().min(state.replies.len());
        for (place, byte) in buffer.iter_mut().zip(state.replies.drain(..bytes)) {
            *place = byte;
        }
        Ok(bytes)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.state.lock();
        if state.ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for part in parts {
            state.requests.extend(part);
        }
        state.answer(&self.script);
        self.changed.notify_all();
        Ok(parts.iter().map(|part| part.len()).sum())
    }

    fn ready(&self, interest: Interest, _deadline: Deadline) -> io::Result<Interest> {
        let state = self.state.lock();
        Ok(Interest { read: interest.read && (state.ended || !state.replies.is_empty()), write: interest.write })
    }

    fn shutdown(&self) -> io::Result<()> {
        Ok(())
    }

    fn close(&self) {
        self.state.lock().ended = true;
        self.changed.notify_all();
    }

    fn peer(&self) -> Peer {
        Peer::Memory
    }
}

impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.script.fmt(f)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockTransport")
            .field("scripts", &self.answers.lock().len())
            .field("recorded", &self.recorded.lock().len())
            .finish()
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("service", &self.service)
            .field("opcode", &self.opcode)
            .field("deadline", &self.deadline)
            .field("key", &self.key)
            .field("credential", &self.credential.as_ref().map(|_| ".."))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Generous: what a test sends is no attack.
const LIMITS: DecodeLimits =
    DecodeLimits { depth_max: 64, heap_bytes_max: 1 << 30, unknown_fields_max: u16::MAX, string_bytes_max: 64 << 20 };
