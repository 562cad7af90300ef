//! The fixed header of every frame (Wire §2.1).
//!
//! ```text
//! offset  0        4        8       10       12     13      14       16
//!         +--------+--------+--------+--------+------+-------+--------+
//!         | length | call id| service| opcode | kind | flags | status |   little-endian
//!         +--------+--------+--------+--------+------+-------+--------+
//! ```

use std::{error, fmt};

use crate::{Opcode, ServiceId, Status};

/// Pairs a reply with its request. Chosen by the client, counted up from 1 on each connection, wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId(pub u32);

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FrameKind {
    /// The first frame of each side: version and limits.
    Hello = 1,
    /// A call.
    Request = 2,
    /// The end of a call.
    Reply = 3,
    /// The last frame of a side that closes in order.
    Goodbye = 4,
}

/// The flags of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderFlags(pub u8);

impl HeaderFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// A u16 length and a metadata message stand before the body.
    pub const METADATA: Self = Self(0x01);
}

/// The fixed part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Bytes after the header: metadata and body.
    pub length: u32,
    /// The call.
    pub call_id: CallId,
    /// The service that the call goes to; 0 in frames that are no call.
    pub service: ServiceId,
    /// The method that the call goes to.
    pub opcode: Opcode,
    /// What the frame is.
    pub kind: FrameKind,
    /// What stands between header and body.
    pub flags: HeaderFlags,
    /// How the call ended; 0 in requests.
    pub status: Status,
}

/// Why 16 bytes are no header. The framing can't be trusted after it: the connection closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameError {
    /// No such kind of frame.
    UnknownKind(u8),
    /// A flag that this version does not know.
    UnknownFlags(u8),
    /// The frame is longer than any limit allows.
    TooLong(u32),
    /// The frame does not belong here: a reply from a client, a second hello, a request from a server.
    Unexpected(FrameKind),
    /// The connection ended inside a frame.
    Torn,
    /// The first frame is no hello of this protocol.
    BadHello,
    /// A goodbye that does not decode.
    BadGoodbye,
}

impl Header {
    /// Bytes of a header.
    pub const BYTES: usize = 16;

    /// The header as it crosses the wire.
    #[must_use]
    pub const fn encode(&self) -> [u8; Self::BYTES] {
        let [l0, l1, l2, l3] = self.length.to_le_bytes();
        let [c0, c1, c2, c3] = self.call_id.0.to_le_bytes();
        let [v0, v1] = self.service.0.to_le_bytes();
        let [o0, o1] = self.opcode.0.to_le_bytes();
        let [s0, s1] = self.status.0.to_le_bytes();
        [l0, l1, l2, l3, c0, c1, c2, c3, v0, v1, o0, o1, self.kind as u8, self.flags.0, s0, s1]
    }

    /// Reads a header.
    ///
    /// # Errors
    /// The kind or a flag is unknown.
    pub const fn decode(bytes: &[u8; Self::BYTES]) -> Result<Self, FrameError> {
        let [l0, l1, l2, l3, c0, c1, c2, c3, v0, v1, o0, o1, kind, flags, s0, s1] = *bytes;
        let kind = match kind {
            1 => FrameKind::Hello,
            2 => FrameKind::Request,
            3 => FrameKind::Reply,
            4 => FrameKind::Goodbye,
            _ => return Err(FrameError::UnknownKind(kind)),
        };
        if flags & !HeaderFlags::METADATA.0 != 0 {
            return Err(FrameError::UnknownFlags(flags));
        }
        Ok(Self {
            length: u32::from_le_bytes([l0, l1, l2, l3]),
            call_id: CallId(u32::from_le_bytes([c0, c1, c2, c3])),
            service: ServiceId(u16::from_le_bytes([v0, v1])),
            opcode: Opcode(u16::from_le_bytes([o0, o1])),
            kind,
            flags: HeaderFlags(flags),
            status: Status(u16::from_le_bytes([s0, s1])),
        })
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind(kind) => write!(f, "unknown kind of frame {kind:#04x}"),
            Self::UnknownFlags(flags) => write!(f, "unknown flags {flags:#04x}"),
            Self::TooLong(length) => write!(f, "a frame of {length} bytes is too long"),
            Self::Unexpected(kind) => write!(f, "a frame of kind {kind:?} does not belong here"),
            Self::Torn => f.write_str("the connection ended inside a frame"),
            Self::BadHello => f.write_str("the first frame is no hello of this protocol"),
            Self::BadGoodbye => f.write_str("the goodbye does not decode"),
        }
    }
}

impl error::Error for FrameError {}
