//! The first frame of each side (Wire §3): which protocol, which version, and what the sender can take.

use super::{CallId, Frame, FrameError, FrameKind, Header, HeaderFlags, OWN_LIMITS, append_frame};
use crate::{
    Opcode, ServiceId, Status,
    tlv::{DecodeError, Kind, Reader, Writer},
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

impl ClientHello {
    /// Appends the frame.
    pub fn append(&self, out: &mut Vec<u8>) {
        append_hello(out, Status::OK, |out| {
            out.tag(1, Kind::F8);
            out.bytes(&MAGIC);
            u32_field(out, 2, self.version);
            u32_field(out, 4, self.reply_bytes_max);
        });
    }

    /// Reads the first frame of a client.
    ///
    /// # Errors
    /// It is no hello of this protocol: nothing is to be answered.
    pub fn decode(frame: &Frame<'_>) -> Result<Self, FrameError> {
        let fields = Fields::of(frame)?;
        Ok(Self { version: fields.version()?, reply_bytes_max: fields.u32(4)? })
    }
}

impl ServerHello {
    /// Appends the frame.
    pub fn append(&self, out: &mut Vec<u8>) {
        append_hello(out, self.status, |out| {
            out.tag(1, Kind::F8);
            out.bytes(&MAGIC);
            u32_field(out, 2, self.version);
            u32_field(out, 3, self.body_bytes_max);
            u32_field(out, 5, self.window_calls);
            u32_field(out, 6, self.window_bytes);
            out.tag(7, Kind::F8);
            out.bytes(&self.server_time_ms.to_le_bytes());
        });
    }

    /// Reads the first frame of a server.
    ///
    /// # Errors
    /// It is no hello of this protocol.
    pub fn decode(frame: &Frame<'_>) -> Result<Self, FrameError> {
        let fields = Fields::of(frame)?;
        Ok(Self {
            status: frame.header.status,
            version: fields.version()?,
            body_bytes_max: fields.u32(3)?,
            window_calls: fields.u32(5)?,
            window_bytes: fields.u32(6)?,
            server_time_ms: fields.server_time_ms.ok_or(FrameError::BadHello)?,
        })
    }
}

fn append_hello(out: &mut Vec<u8>, status: Status, body: impl FnOnce(&mut Writer<'_>)) {
    let header = Header {
        length: 0,
        call_id: CallId(0),
        service: ServiceId(0),
        opcode: Opcode(0),
        kind: FrameKind::Hello,
        flags: HeaderFlags::NONE,
        status,
    };
    // A hello is 60 bytes at most; the limit only guards against a mistake in this file.
    let appended = append_frame(out, header, 256, body);
    debug_assert!(appended.is_ok(), "a hello is over its limit");
}

fn u32_field(out: &mut Writer<'_>, number: u16, value: u32) {
    out.tag(number, Kind::F4);
    out.bytes(&value.to_le_bytes());
}

/// The fields of either hello: later versions may add some, and each side ignores those of the other.
#[derive(Default)]
struct Fields {
    u32s: [Option<u32>; 5],
    server_time_ms: Option<u64>,
}

impl Fields {
    fn of(frame: &Frame<'_>) -> Result<Self, FrameError> {
        if frame.header.kind != FrameKind::Hello {
            return Err(FrameError::BadHello);
        }
        Self::read(frame.content).map_err(|_| FrameError::BadHello)?.ok_or(FrameError::BadHello)
    }

    /// `None` if the magic is missing or another one.
    fn read(body: &[u8]) -> Result<Option<Self>, DecodeError> {
        let mut input = Reader::new(body, OWN_LIMITS);
        let mut fields = Self::default();
        let mut magic = None;
        while let Some(tag) = input.tag()? {
            match (tag.number, tag.kind) {
                (1, Kind::F8) => magic = Some(input.array()?),
                (number @ 2..=6, Kind::F4) => {
                    let value = u32::from_le_bytes(input.array()?);
                    if let Some(field) = fields.u32s.get_mut(usize::from(number.saturating_sub(2))) {
                        *field = Some(value);
                    }
                }
                (7, Kind::F8) => fields.server_time_ms = Some(u64::from_le_bytes(input.array()?)),
                (1..=7, _) => return Ok(None),
                (_, kind) => input.skip(kind)?,
            }
        }
        input.finish()?;
        Ok((magic == Some(MAGIC)).then_some(fields))
    }

    fn version(&self) -> Result<u32, FrameError> {
        self.u32(2)
    }

    fn u32(&self, number: usize) -> Result<u32, FrameError> {
        self.u32s.get(number.saturating_sub(2)).copied().flatten().ok_or(FrameError::BadHello)
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
