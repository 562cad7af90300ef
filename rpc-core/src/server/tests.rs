//! The server as a peer sees it, with bytes spoken by hand: a service to call, and a client that knows only the protocol.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow panics, and a test that panics has failed")]

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use parking_lot::Mutex;

use super::{CallEnded, CloseReason, ConnectionId, Observer, RefuseReason, Running, Server};
use crate::{
    Authorize, Call, Error, Limits, Opcode, Peer, Refusal, Result, ServiceId, Status, call,
    frame::{
        CallId, ClientHello, Frame, FrameKind, Header, HeaderFlags, Metadata, ReceiveBuffer, ServerHello, VERSION,
        append_frame_with, decode_refusal,
    },
    transport::{Deadline, TcpTransport, Transport, Wait, Waiting, write_all},
};

mod connection;
mod ends;
mod limits;
mod requests;
mod slow;

/// The rule of a method: whom it lets in.
enum Rule {
    Anyone,
    Known,
}

#[derive(Debug, crate::AppError)]
enum ProbeError {
    #[tag(1)]
    Odd,
}

impl std::fmt::Display for ProbeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the number is odd")
    }
}

impl std::error::Error for ProbeError {}

/// One method for each thing that may happen to a call.
#[crate::service(id = 0x54, name = "probe", access = Rule)]
trait Probe {
    #[rpc(opcode = 1, access = Rule::Known)]
    fn half(&self, number: u64) -> Result<u64, ProbeError>;
    #[rpc(opcode = 2, access = Rule::Known)]
    fn panic(&self) -> Result<u64, ProbeError>;
    /// A list of so many bytes.
    #[rpc(opcode = 3, access = Rule::Known)]
    fn bytes(&self, count: u64) -> Result<Vec<u8>, ProbeError>;
    /// Waits until the test opens the gate.
    #[rpc(opcode = 4, access = Rule::Known, slow)]
    fn wait(&self, number: u64) -> Result<u64, ProbeError>;
    #[rpc(opcode = 5, access = Rule::Anyone)]
    fn hello(&self, text: &[u8]) -> Result<u64, ProbeError>;
    /// How many bytes the text has.
    #[rpc(opcode = 6, access = Rule::Known, keyed)]
    fn count(&self, text: &[u8]) -> Result<u64, ProbeError>;
    /// Waits at the gate on the connection's own thread.
    #[rpc(opcode = 7, access = Rule::Known, deadline = "7s")]
    fn block(&self) -> Result<u64, ProbeError>;
    #[rpc(opcode = 8, access = Rule::Known, slow)]
    fn slow_panic(&self) -> Result<u64, ProbeError>;
}

/// What a handler saw of its call.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    caller: Option<u32>,
    key: Option<[u8; 16]>,
    request: Vec<u8>,
    remaining_s: u64,
}

struct Handler {
    gate: Mutex<Receiver<()>>,
    /// Told when a call has come to the gate.
    at_gate: Mutex<Sender<Seen>>,
}

impl Handler {
    fn pass(&self) {
        let call = call();
        let seen = Seen {
            caller: call.caller().copied(),
            key: call.key(),
            request: call.request_bytes().to_vec(),
            remaining_s: call.remaining().unwrap_or_default().as_millis().div_ceil(1_000).try_into().unwrap(),
        };
        // The test may be over.
        let _told = self.at_gate.lock().send(seen);
        let _open = self.gate.lock().recv();
    }
}

impl Probe for Handler {
    fn half(&self, number: u64) -> Result<u64, ProbeError> {
        if number.is_multiple_of(2) { Ok(number / 2) } else { Err(ProbeError::Odd.into()) }
    }

    fn panic(&self) -> Result<u64, ProbeError> {
        panic!("as it was asked to")
    }

    fn bytes(&self, count: u64) -> Result<Vec<u8>, ProbeError> {
        Ok(vec![7; usize::try_from(count).unwrap()])
    }

    fn wait(&self, number: u64) -> Result<u64, ProbeError> {
        self.pass();
        Ok(number)
    }

    fn hello(&self, text: &[u8]) -> Result<u64, ProbeError> {
        Ok(u64::try_from(text.len()).unwrap())
    }

    fn count(&self, text: &[u8]) -> Result<u64, ProbeError> {
        let call = call();
        assert_eq!(call.request_bytes().is_empty(), call.key().is_none());
        match text {
            b"busy" => Err(Error::rejected(Status::KEY_IN_PROGRESS, Some(Duration::from_millis(40)))),
            _ => Ok(u64::try_from(text.len()).unwrap()),
        }
    }

    fn block(&self) -> Result<u64, ProbeError> {
        self.pass();
        Ok(u64::from(call().cancelled()))
    }

    fn slow_panic(&self) -> Result<u64, ProbeError> {
        panic!("as it was asked to")
    }
}

struct Guard;

impl Authorize<Rule> for Guard {
    type Caller = u32;

    fn authorize(&self, call: &Call, access: Rule) -> std::result::Result<u32, Refusal> {
        match (access, call.credential().map(|credential| credential.as_bytes().to_vec()).as_deref()) {
            (Rule::Anyone, _) => Ok(0),
            (Rule::Known, Some(b"panic")) => panic!("as it was asked to"),
            (Rule::Known, Some(b"good")) => Ok(42),
            (Rule::Known, Some(_)) => Err(Refusal::forbidden()),
            (Rule::Known, None) => Err(Refusal::unauthenticated()),
        }
    }

    fn is_public(&self, access: &Rule) -> bool {
        matches!(access, Rule::Anyone)
    }
}

/// What the observer saw.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Opened(ConnectionId),
    Closed(ConnectionId, CloseReason),
    Refused(Option<Peer>, RefuseReason),
    Call { opcode: u16, method: Option<&'static str>, status: Status, bytes_in: usize, bytes_out: usize },
}

struct Watch(Mutex<Sender<Event>>);

impl Watch {
    fn saw(&self, event: Event) {
        // The test may be over.
        let _told = self.0.lock().send(event);
    }
}

impl Observer for Watch {
    fn call_ended(&self, call: &CallEnded) {
        let CallEnded { opcode: Opcode(opcode), method, status, bytes_in, bytes_out, .. } = *call;
        self.saw(Event::Call { opcode, method: method.map(|method| method.name), status, bytes_in, bytes_out });
    }

    fn connection_opened(&self, connection: ConnectionId, _: Peer) {
        self.saw(Event::Opened(connection));
    }

    fn connection_closed(&self, connection: ConnectionId, _: Peer, reason: CloseReason) {
        self.saw(Event::Closed(connection, reason));
    }

    fn connection_refused(&self, peer: Option<Peer>, reason: RefuseReason) {
        self.saw(Event::Refused(peer, reason));
    }
}

/// A server with the probe, and what is needed to steer and watch it.
struct Bench {
    running: Running<()>,
    events: Receiver<Event>,
    /// Each message lets one call through the gate.
    gate: Sender<()>,
    at_gate: Receiver<Seen>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Limits::new())
    }

    fn with(limits: Limits) -> Self {
        let ((gate, passes), (told, at_gate), (saw, events)) = (channel(), channel(), channel());
        let handler = Handler { gate: Mutex::new(passes), at_gate: Mutex::new(told) };
        let running = Server::builder()
            .service(ProbeDispatch::new(handler, Guard))
            .limits(limits)
            .observer(Watch(Mutex::new(saw)))
            .start()
            .unwrap();
        Self { running, events, gate, at_gate }
    }

    /// A client that has not said a word.
    fn connect(&self) -> Client {
        Client::over(Box::new(self.running.connect()))
    }

    /// A client that has said hello and heard it.
    fn greet(&self) -> Client {
        let mut client = self.connect();
        client.greet();
        client
    }

    /// Waits for an event of this shape, skipping others.
    fn until<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.events.recv_timeout(LONG).expect("the event never came")) {
                return found;
            }
        }
    }

    fn close_reason(&self) -> CloseReason {
        self.until(|event| match event {
            Event::Closed(_, reason) => Some(*reason),
            _ => None,
        })
    }
}

/// Longer than any test takes; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(30);

/// A client that speaks the protocol by hand.
struct Client {
    transport: Box<dyn Transport>,
    input: ReceiveBuffer,
    last: u32,
}

/// A reply, or any other frame.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    kind: FrameKind,
    call: u32,
    status: Status,
    body: Vec<u8>,
}

impl Told {
    fn refusal(&self) -> Refusal {
        decode_refusal(self.status, &self.body)
    }
}

/// The body of a request with one u64, or of a reply with one.
fn number(number: u64) -> Vec<u8> {
    [&[0x0a][..], &number.to_le_bytes()].concat()
}

/// The body of a request with one byte string; `overhead` of it is tag and length.
fn text(bytes: usize) -> Vec<u8> {
    let mut body = vec![0x0d];
    body.extend(u32::try_from(bytes).unwrap().to_le_bytes());
    body.resize(body.len() + bytes, 9);
    body
}

/// Bytes of `text` around the string itself.
const TEXT_OVERHEAD: usize = 5;

const GOOD: Metadata<'static> =
    Metadata { deadline: None, request_key: None, trace_id: None, credential: Some(b"good") };

impl Client {
    fn over(transport: Box<dyn Transport>) -> Self {
        Self { transport, input: ReceiveBuffer::new(), last: 0 }
    }

    fn send(&self, bytes: &[u8]) {
        write_all(&*self.transport, bytes, Deadline::after(LONG)).unwrap();
    }

    fn greet(&mut self) -> ServerHello {
        let mut hello = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: 4 << 20 }.append(&mut hello);
        self.send(&hello);
        self.hear_hello()
    }

    fn hear_hello(&mut self) -> ServerHello {
        self.next(|frame| ServerHello::decode(frame).unwrap()).expect("the server ended without a hello")
    }

    /// A request as bytes; its call id counts up.
    fn request(&mut self, opcode: u16, metadata: &Metadata<'_>, body: &[u8]) -> Vec<u8> {
        self.last += 1;
        let header = Header {
            length: 0,
            call_id: CallId(self.last),
            service: ServiceId(0x54),
            opcode: Opcode(opcode),
            kind: FrameKind::Request,
            flags: HeaderFlags::NONE,
            status: Status::OK,
        };
        let (mut bytes, mut encoded) = (Vec::new(), Vec::new());
        metadata.append(&mut encoded).unwrap();
        append_frame_with(&mut bytes, header, &encoded, usize::MAX, |out| out.bytes(body)).unwrap();
        bytes
    }

    fn start(&mut self, opcode: u16, body: &[u8]) -> u32 {
        let request = self.request(opcode, &GOOD, body);
        self.send(&request);
        self.last
    }

    /// Calls a method and hears the reply, which must be the next frame.
    fn call(&mut self, opcode: u16, body: &[u8]) -> Told {
        let call = self.start(opcode, body);
        let told = self.hear();
        assert_eq!((told.kind, told.call), (FrameKind::Reply, call));
        told
    }

    fn hear(&mut self) -> Told {
        self.next(told).expect("the server ended")
    }

    /// The stream ends here.
    fn hear_end(&mut self) {
        assert_eq!(self.next(told), None);
    }

    /// The stream ends after a goodbye with this status, which names this call as the last.
    fn hear_goodbye(&mut self, status: Status, last_call: u32) {
        let goodbye = Told { kind: FrameKind::Goodbye, call: last_call, status, body: Vec::new() };
        assert_eq!(self.hear(), goodbye);
        self.hear_end();
    }

    fn next<T>(&mut self, read: impl FnOnce(&Frame<'_>) -> T) -> Option<T> {
        while self.input.front().unwrap().is_none_or(|frame| frame.content.len() != length(&frame.header)) {
            let wait = Wait::Until(Deadline::after(LONG));
            let bytes = self.transport.read(self.input.room(), wait).expect("the server is silent");
            if bytes == 0 {
                assert!(self.input.is_between_frames(), "the server ended inside a frame");
                return None;
            }
            self.input.received(bytes);
        }
        Some(read(&self.input.next_frame(u32::MAX).unwrap().unwrap()))
    }
}

fn told(frame: &Frame<'_>) -> Told {
    let Header { kind, call_id: CallId(call), status, .. } = frame.header;
    Told { kind, call, status, body: frame.content.to_vec() }
}

fn length(header: &Header) -> usize {
    usize::try_from(header.length).unwrap()
}
