//! A server that is played by hand: it reads what the test wants and answers what the test says.

use std::{collections::VecDeque, fmt, io, time::Duration};

use parking_lot::Mutex;

use crate::{
    AppError, CallOptions, Channel, ChannelBuilder, Method, Opcode, Pending, Retry, ServiceId, Status,
    frame::{
        CallId, FrameKind, Goodbye, Header, HeaderFlags, Metadata, ReceiveBuffer, ServerHello, VERSION, append_frame,
    },
    tlv::{Buffer, Encode, Writer},
    transport::{Deadline, MemoryTransport, Transport, Wait, memory_pair, write_all},
};

/// The error type of the test's methods.
#[derive(Debug, PartialEq, Eq, crate::Message)]
pub(super) struct Odd(pub(super) u64);

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is odd", self.0)
    }
}

impl std::error::Error for Odd {}
impl AppError for Odd {}

const fn method(opcode: u16, retry: Retry, deadline: Option<Duration>) -> Method {
    Method {
        service: ServiceId(0x47),
        opcode: Opcode(opcode),
        name: "method",
        retry,
        slow: false,
        deadline,
        access: "",
        arguments: &[],
        reply: u64::shape,
        error: Odd::shape,
    }
}

pub(super) static PLAIN: Method = method(1, Retry::NotSent, None);
pub(super) static IDEMPOTENT: Method = method(2, Retry::Idempotent, None);
pub(super) static KEYED: Method = method(3, Retry::Keyed, None);
pub(super) static HASTY: Method = method(4, Retry::NotSent, Some(Duration::from_secs(2)));

pub(super) type Call = Pending<u64, Odd>;
pub(super) type Error = crate::Error<Odd>;

/// Starts a call with one number as its argument.
pub(super) fn start(channel: &Channel, method: &'static Method, argument: u64) -> Call {
    start_with(channel, method, &CallOptions::new(), argument)
}

pub(super) fn start_with(channel: &Channel, method: &'static Method, options: &CallOptions, argument: u64) -> Call {
    Pending::start(channel, method, options, |out| argument.encode(1, out))
}

/// Starts a call whose body is `bytes` long.
pub(super) fn start_bytes(channel: &Channel, method: &'static Method, bytes: usize) -> Call {
    Pending::start(channel, method, &CallOptions::new(), |out| out.bytes(&vec![0; bytes]))
}

/// What a request carried.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) header: Header,
    pub(super) deadline: Option<Duration>,
    pub(super) key: Option<[u8; 16]>,
    pub(super) trace_id: Option<[u8; 16]>,
    pub(super) credential: Option<Vec<u8>>,
    pub(super) body: Vec<u8>,
}

impl Asked {
    pub(super) fn id(&self) -> u32 {
        self.header.call_id.0
    }

    pub(super) fn argument(&self) -> u64 {
        u64::from_le_bytes(self.body[1..].try_into().unwrap())
    }
}

/// The server's end of a connection.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) transport: MemoryTransport,
    received: ReceiveBuffer,
}

pub(super) const HELLO: ServerHello = ServerHello {
    status: Status::OK,
    version: VERSION,
    body_bytes_max: 1 << 20,
    window_calls: 128,
    window_bytes: 1 << 20,
    server_time_ms: 1_700_000_000_000,
};

impl Server {
    pub(super) fn new(transport: MemoryTransport) -> Self {
        Self { transport, received: ReceiveBuffer::new() }
    }

    /// Answers a call, unless the connection is broken.
    pub(super) fn try_reply(&self, method: &Method, id: u32, value: u64) -> bool {
        let bytes = reply(method, id, Status::OK, |out| value.encode(1, out));
        write_all(&self.transport, &bytes, Deadline::after(Duration::from_secs(10))).is_ok()
    }

    /// The next frame of the client; `None` at the end of the stream, or if nothing is there and it may not wait.
    fn frame(&mut self, wait: Wait) -> Option<(Header, Vec<u8>)> {
        loop {
            if let Some(frame) = self.received.next_frame(u32::MAX).unwrap() {
                return Some((frame.header, frame.content.to_vec()));
            }
            match self.transport.read(self.received.room(), wait) {
                Ok(0) => return None,
                Ok(bytes) => self.received.received(bytes),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The next request, passing over the hello; waits for it.
    pub(super) fn asked(&mut self) -> Option<Asked> {
        self.asked_by(Wait::Until(Deadline::after(Duration::from_secs(10))))
    }

    /// The next request that is there already.
    pub(super) fn asked_now(&mut self) -> Option<Asked> {
        self.asked_by(Wait::Now)
    }

    fn asked_by(&mut self, wait: Wait) -> Option<Asked> {
        let (header, content) = loop {
            let (header, content) = self.frame(wait)?;
            match header.kind {
                FrameKind::Hello => {}
                FrameKind::Request => break (header, content),
                kind => panic!("a client sent {kind:?}"),
            }
        };
        let frame = crate::frame::Frame { header, content: &content };
        let parts = frame.parts().unwrap().unwrap();
        let metadata = Metadata::decode(parts.metadata).unwrap();
        Some(Asked {
            header,
            deadline: metadata.deadline,
            key: metadata.request_key,
            trace_id: metadata.trace_id,
            credential: metadata.credential.map(<[u8]>::to_vec),
            body: parts.body.to_vec(),
        })
    }

    /// Reads at most so many bytes of whatever comes, and forgets them; waits for them.
    pub(super) fn read_up_to(&self, bytes: usize) -> usize {
        let wait = Wait::Until(Deadline::after(Duration::from_secs(10)));
        let read = self.transport.read(&mut vec![0; bytes], wait).unwrap();
        assert!(read > 0, "the client has gone");
        read
    }

    pub(super) fn send(&self, bytes: &[u8]) {
        write_all(&self.transport, bytes, Deadline::after(Duration::from_secs(10))).unwrap();
    }

    pub(super) fn hello(&self) {
        self.hello_with(HELLO);
    }

    pub(super) fn hello_with(&self, hello: ServerHello) {
        let mut bytes = Vec::new();
        hello.append(&mut bytes);
        self.send(&bytes);
    }

    pub(super) fn goodbye(&self, last_call: u32, reason: Status) {
        self.send(&Goodbye { last_call: CallId(last_call), reason }.encode());
    }

    /// Answers a call of `method` with a value.
    pub(super) fn reply(&self, method: &Method, id: u32, value: u64) {
        self.send(&reply(method, id, Status::OK, |out| value.encode(1, out)));
    }

    pub(super) fn refuse(&self, method: &Method, id: u32, status: Status) {
        self.send(&reply(method, id, status, |_| {}));
    }

    /// Answers every request with twice its argument until the client has gone; returns how many there were.
    pub(super) fn double(mut self) -> usize {
        self.hello();
        let mut answered = 0_usize;
        while let Some(asked) = self.asked() {
            let method = Method { opcode: asked.header.opcode, ..PLAIN };
            self.reply(&method, asked.id(), asked.argument().wrapping_mul(2));
            answered = answered.wrapping_add(1);
        }
        answered
    }
}

pub(super) fn reply(method: &Method, id: u32, status: Status, body: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let header = Header {
        length: 0,
        call_id: CallId(id),
        service: method.service,
        opcode: method.opcode,
        kind: FrameKind::Reply,
        flags: HeaderFlags::NONE,
        status,
    };
    let mut bytes = Buffer::new();
    append_frame(&mut bytes, header, usize::MAX, body).unwrap();
    bytes.into()
}

/// A channel with one connection to a played server, which has not said anything yet.
pub(super) fn pair() -> (Channel, Server) {
    let (near, far) = memory_pair();
    (Channel::builder().pause(|_| {}).over(near), Server::new(far))
}

/// A channel that connects again, and its servers: one for each connection, in order. After the last there is none.
pub(super) fn servers(count: usize) -> (Channel, Vec<Server>) {
    servers_by(Channel::builder(), count)
}

/// The same, with a channel that was told more.
pub(super) fn servers_by(builder: ChannelBuilder, count: usize) -> (Channel, Vec<Server>) {
    let (near, far): (VecDeque<_>, Vec<_>) = (0..count).map(|_| memory_pair()).unzip();
    let near = Mutex::new(near);
    let channel = builder.pause(|_| {}).made(move || match near.lock().pop_front() {
        Some(transport) => Ok(Box::new(transport) as Box<dyn Transport>),
        None => Err(io::ErrorKind::ConnectionRefused.into()),
    });
    (channel, far.into_iter().map(Server::new).collect())
}
