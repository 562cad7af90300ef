//! The last frame of a side that closes in order (Wire §7): no body, everything stands in the header.

use super::{CallId, Frame, FrameError, FrameKind, Header, HeaderFlags};
use crate::{Opcode, ServiceId, Status};

/// Why a side closes, and which calls it will still answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goodbye {
    /// The last call that the server has taken: later ones are not sent.
    pub last_call: CallId,
    /// Why.
    pub reason: Status,
}

impl Goodbye {
    /// The frame as it crosses the wire: a header alone.
    #[must_use]
    pub const fn encode(self) -> [u8; Header::BYTES] {
        Header {
            length: 0,
            call_id: self.last_call,
            service: ServiceId(0),
            opcode: Opcode(0),
            kind: FrameKind::Goodbye,
            flags: HeaderFlags::NONE,
            status: self.reason,
        }
        .encode()
    }

    /// Reads a goodbye; a body, which a later version may give it, is ignored.
    ///
    /// # Errors
    /// The frame is no goodbye.
    pub const fn decode(frame: &Frame<'_>) -> Result<Self, FrameError> {
        match frame.header.kind {
            FrameKind::Goodbye if frame.header.service.0 == 0 && frame.header.opcode.0 == 0 => {
                Ok(Self { last_call: frame.header.call_id, reason: frame.header.status })
            }
            FrameKind::Goodbye => Err(FrameError::BadGoodbye),
            kind => Err(FrameError::Unexpected(kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goodbye_is_a_header_that_names_the_last_call() {
        let goodbye = Goodbye { last_call: CallId(9), reason: Status::DRAINING };
        let bytes = goodbye.encode();
        assert_eq!(bytes, [0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0x0a, 0x01]);
        let header = Header::decode(&bytes).unwrap();
        assert_eq!(Goodbye::decode(&Frame { header, content: &[] }), Ok(goodbye));
    }

    #[test]
    fn a_goodbye_of_a_method_is_none() {
        let header = Header {
            service: ServiceId(1),
            ..Header::decode(&[0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0]).unwrap()
        };
        assert_eq!(Goodbye::decode(&Frame { header, content: &[] }), Err(FrameError::BadGoodbye));
    }
}
