//! The first frame of each side (Wire §3): which protocol, which version, and what the sender can take.

use super::{CallId, Frame, FrameError, FrameKind, Header, HeaderFlags, OWN_LIMITS, append_frame};
use crate::{
    Message, Opcode, ServiceId, Status,
    tlv::{Buffer, DecodeBody, EncodeBody, Reader},
};

/// The bytes that tell this protocol from any other; CR LF shows a channel that mangles line ends.
pub const MAGIC: [u8; 8] = *b"TLVRPC\r\n";

/// The version of the protocol that this build speaks.
pub const VERSION: u32 = 1;

/// What a client says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The version it wants to speak.
    pub version: u32,
    /// The largest body of a reply that it takes.
    pub reply_bytes_max: u32,
}

/// What a server says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// [`Status::OK`], or why it refuses the connection. Stands in the header.
    pub status: Status,
    /// The version it will speak.
    pub version: u32,
    /// The largest body of a request that it takes.
    pub body_bytes_max: u32,
    /// Calls in flight at which it stops reading.
    pub window_calls: u32,
    /// Bytes of requests in flight at which it stops reading.
    pub window_bytes: u32,
    /// Milliseconds since the Unix epoch, by the server's clock.
    pub server_time_ms: u64,
}

/// The body of either hello: each side writes its own fields, and those of later versions are skipped.
#[derive(Message)]
struct Body {
    #[tag(1)]
    magic: [u8; 8],
    #[tag(2)]
    version: u32,
    #[tag(3)]
    body_bytes_max: Option<u32>,
    #[tag(4)]
    reply_bytes_max: Option<u32>,
    #[tag(5)]
    window_calls: Option<u32>,
    #[tag(6)]
    window_bytes: Option<u32>,
    #[tag(7)]
    server_time_ms: Option<u64>,
}

impl ClientHello {
    /// Appends the frame.
    pub fn append(&self, out: &mut Vec<u8>) {
        let reply_bytes_max = Some(self.reply_bytes_max);
        Body { reply_bytes_max, ..Body::new(self.version) }.append(Status::OK, out);
    }

    /// Reads the first frame of a client.
    ///
    /// # Errors
    /// It is no hello of this protocol: nothing is to be answered.
    pub fn decode(frame: &Frame<'_>) -> Result<Self, FrameError> {
        let body = Body::decode(frame).ok_or(FrameError::BadHello)?;
        let reply_bytes_max = body.reply_bytes_max.ok_or(FrameError::BadHello)?;
        Ok(Self { version: body.version, reply_bytes_max })
    }
}

impl ServerHello {
    /// Appends the frame.
    pub fn append(&self, out: &mut Vec<u8>) {
        Body {
            body_bytes_max: Some(self.body_bytes_max),
            window_calls: Some(self.window_calls),
            window_bytes: Some(self.window_bytes),
            server_time_ms: Some(self.server_time_ms),
            ..Body::new(self.version)
        }
        .append(self.status, out);
    }

    /// Reads the first frame of a server.
    ///
    /// # Errors
    /// It is no hello of this protocol.
    pub fn decode(frame: &Frame<'_>) -> Result<Self, FrameError> {
        let read = || {
            let body = Body::decode(frame)?;
            Some(Self {
                status: frame.header.status,
                version: body.version,
                body_bytes_max: body.body_bytes_max?,
                window_calls: body.window_calls?,
                window_bytes: body.window_bytes?,
                server_time_ms: body.server_time_ms?,
            })
        };
        read().ok_or(FrameError::BadHello)
    }
}

impl Body {
    const fn new(version: u32) -> Self {
        Self {
            magic: MAGIC,
            version,
            body_bytes_max: None,
            reply_bytes_max: None,
            window_calls: None,
            window_bytes: None,
            server_time_ms: None,
        }
    }

    fn append(&self, status: Status, out: &mut Vec<u8>) {
        let header = Header {
            length: 0,
            call_id: CallId(0),
            service: ServiceId(0),
            opcode: Opcode(0),
            kind: FrameKind::Hello,
            flags: HeaderFlags::NONE,
            status,
        };
        // The body of a hello takes 38 bytes at most; the limit only guards against a mistake in this file.
        let appended = Buffer::over(out, |out| append_frame(out, header, 256, |out| self.encode_body(out)));
        debug_assert!(appended.is_ok(), "a hello is over its limit");
    }

    /// `None` if the frame is no hello, or the magic another one.
    fn decode(frame: &Frame<'_>) -> Option<Self> {
        if frame.header.kind != FrameKind::Hello {
            return None;
        }
        // Why the error is dropped: to whoever speaks another protocol nothing is said.
        let body = Self::decode_body(&mut Reader::new(frame.content, OWN_LIMITS)).ok()?;
        (body.magic == MAGIC).then_some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ReceiveBuffer;

    const CLIENT: ClientHello = ClientHello { version: VERSION, reply_bytes_max: 4 << 20 };
    const SERVER: ServerHello = ServerHello {
        status: Status::OK,
        version: VERSION,
        body_bytes_max: 1 << 20,
        window_calls: 128,
        window_bytes: 1 << 20,
        server_time_ms: 1_700_000_000_000,
    };

    fn with_frame<T>(bytes: &[u8], read: impl FnOnce(&Frame<'_>) -> T) -> T {
        let mut buffer = ReceiveBuffer::new();
        buffer.extend(bytes);
        read(&buffer.next_frame(1 << 10).unwrap().unwrap())
    }

    #[test]
    fn both_hellos_come_back_as_they_were() {
        let mut bytes = Vec::new();
        CLIENT.append(&mut bytes);
        assert_eq!(bytes[..16], [19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(bytes[16..], *b"\x0aTLVRPC\r\n\x11\x01\0\0\0\x21\0\0\x40\0");
        assert_eq!(with_frame(&bytes, ClientHello::decode), Ok(CLIENT));
        for status in [Status::OK, Status::BUSY] {
            let hello = ServerHello { status, ..SERVER };
            bytes.clear();
            hello.append(&mut bytes);
            assert_eq!(bytes.len(), 16 + 38);
            assert_eq!(with_frame(&bytes, ServerHello::decode), Ok(hello));
        }
    }

    #[test]
    fn another_magic_a_missing_field_or_another_frame_is_no_hello() {
        let mut good = Vec::new();
        CLIENT.append(&mut good);
        for (offset, byte) in [(17, b'X'), (12, 4), (25, 0x12), (30, 0x29)] {
            let mut bytes = good.clone();
            bytes[offset] = byte;
            let mut buffer = ReceiveBuffer::new();
            buffer.extend(&bytes);
            let frame = buffer.next_frame(1 << 10).unwrap().unwrap();
            assert_eq!(ClientHello::decode(&frame), Err(FrameError::BadHello), "{offset}");
        }
    }

    #[test]
    fn a_later_versions_field_is_skipped() {
        let mut bytes = Vec::new();
        CLIENT.append(&mut bytes);
        bytes.extend([20 << 3, 1]);
        bytes[0] += 2;
        assert_eq!(with_frame(&bytes, ClientHello::decode), Ok(CLIENT));
    }
}
