//! A client that knows only the protocol.

use super::LONG;
use crate::{
    Opcode, Refusal, ServiceId, Status,
    frame::{
        CallId, ClientHello, Frame, FrameKind, Header, HeaderFlags, Metadata, ReceiveBuffer, ServerHello, VERSION,
        append_frame_with, decode_refusal,
    },
    tlv::Buffer,
    transport::{Deadline, Transport, Wait, write_all},
};

/// A client that speaks the protocol by hand.
pub(super) struct Client {
    pub(super) transport: Box<dyn Transport>,
    input: ReceiveBuffer,
    last: u32,
}

/// A reply, or any other frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) kind: FrameKind,
    pub(super) call: u32,
    pub(super) status: Status,
    pub(super) body: Vec<u8>,
}

impl Told {
    pub(super) fn refusal(&self) -> Refusal {
        decode_refusal(self.status, &self.body)
    }
}

/// The body of a request with one u64, or of a reply with one.
pub(super) fn number(number: u64) -> Vec<u8> {
    [&[0x0a][..], &number.to_le_bytes()].concat()
}

/// The body of a request with one byte string; `overhead` of it is tag and length.
pub(super) fn text(bytes: usize) -> Vec<u8> {
    let mut body = vec![0x0d];
    body.extend(u32::try_from(bytes).unwrap().to_le_bytes());
    body.resize(body.len() + bytes, 9);
    body
}

/// Bytes of `text` around the string itself.
pub(super) const TEXT_OVERHEAD: usize = 5;

pub(super) const GOOD: Metadata<'static> =
    Metadata { deadline: None, request_key: None, trace_id: None, credential: Some(b"good") };

impl Client {
    pub(super) fn over(transport: Box<dyn Transport>) -> Self {
        Self { transport, input: ReceiveBuffer::new(), last: 0 }
    }

    pub(super) fn send(&self, bytes: &[u8]) {
        write_all(&*self.transport, bytes, Deadline::after(LONG)).unwrap();
    }

    pub(super) fn greet(&mut self) -> ServerHello {
        let mut hello = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: 4 << 20 }.append(&mut hello);
        self.send(&hello);
        self.hear_hello()
    }

    pub(super) fn hear_hello(&mut self) -> ServerHello {
        self.next(|frame| ServerHello::decode(frame).unwrap()).expect("the server ended without a hello")
    }

    /// A request as bytes; its call id counts up.
    pub(super) fn request(&mut self, opcode: u16, metadata: &Metadata<'_>, body: &[u8]) -> Vec<u8> {
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
        let (mut bytes, mut encoded) = (Buffer::new(), Vec::new());
        metadata.append(&mut encoded).unwrap();
        append_frame_with(&mut bytes, header, &encoded, usize::MAX, |out| out.bytes(body)).unwrap();
        bytes.into()
    }

    pub(super) fn start(&mut self, opcode: u16, body: &[u8]) -> u32 {
        let request = self.request(opcode, &GOOD, body);
        self.send(&request);
        self.last
    }

    /// Calls a method and hears the reply, which must be the next frame.
    pub(super) fn call(&mut self, opcode: u16, body: &[u8]) -> Told {
        let call = self.start(opcode, body);
        let told = self.hear();
        assert_eq!((told.kind, told.call), (FrameKind::Reply, call));
        told
    }

    pub(super) fn hear(&mut self) -> Told {
        self.next(told).expect("the server ended")
    }

    /// The stream ends here.
    pub(super) fn hear_end(&mut self) {
        assert_eq!(self.next(told), None);
    }

    /// The stream ends after a goodbye with this status, which names this call as the last.
    pub(super) fn hear_goodbye(&mut self, status: Status, last_call: u32) {
        let goodbye = Told { kind: FrameKind::Goodbye, call: last_call, status, body: Vec::new() };
        assert_eq!(self.hear(), goodbye);
        self.hear_end();
    }

    pub(super) fn next<T>(&mut self, read: impl FnOnce(&Frame<'_>) -> T) -> Option<T> {
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

pub(super) fn told(frame: &Frame<'_>) -> Told {
    let Header { kind, call_id: CallId(call), status, .. } = frame.header;
    Told { kind, call, status, body: frame.content.to_vec() }
}

pub(super) fn length(header: &Header) -> usize {
    usize::try_from(header.length).unwrap()
}
