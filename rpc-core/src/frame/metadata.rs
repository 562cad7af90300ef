//! What a caller says beside the arguments (Wire §2.3). It stands before the body, so that a server decides whether a
//! call may run before it has read, or even received, the rest.

use std::{fmt, time::Duration};

use super::{Frame, HeaderFlags, OWN_LIMITS};
use crate::{
    Message, Refusal, Status,
    tlv::{Buffer, DecodeBody, EncodeBody, EncodeError, Reader, Writer},
};

/// The metadata of a request.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Metadata<'a> {
    /// How long the caller will still wait, in whole milliseconds.
    pub deadline: Option<Duration>,
    /// Names the call over all its attempts.
    pub request_key: Option<[u8; 16]>,
    /// Passed on to the calls that this call makes.
    pub trace_id: Option<[u8; 16]>,
    /// Proves who calls. Never shown.
    pub credential: Option<&'a [u8]>,
}

impl<'a> Metadata<'a> {
    /// The most bytes that metadata take: a stranger sends them before anyone has decided to listen.
    pub const BYTES_MAX: usize = 1_024;

    /// Whether nothing is said: the frame then has no metadata at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends the message, without its length.
    ///
    /// # Errors
    /// It is over [`Metadata::BYTES_MAX`]; `out` is then as long as before.
    pub fn append(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let body = Body {
            // A deadline of more than 49 days is as good as that.
            deadline_ms: self.deadline.map(|deadline| u32::try_from(deadline.as_millis()).unwrap_or(u32::MAX)),
            request_key: self.request_key,
            trace_id: self.trace_id,
            credential: self.credential,
        };
        Buffer::over(out, |out| {
            let mut out = Writer::new(out, Self::BYTES_MAX);
            body.encode_body(&mut out);
            out.finish().map(drop)
        })
    }

    /// Reads the message.
    ///
    /// # Errors
    /// [`Status::BAD_METADATA`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let body = Body::decode_body(&mut Reader::new(bytes, OWN_LIMITS));
        let body = body.map_err(|_| Refusal::new(Status::BAD_METADATA))?;
        Ok(Self {
            deadline: body.deadline_ms.map(|ms| Duration::from_millis(ms.into())),
            request_key: body.request_key,
            trace_id: body.trace_id,
            credential: body.credential,
        })
    }
}

/// The message as it crosses the wire.
#[derive(Message)]
struct Body<'a> {
    #[tag(1)]
    deadline_ms: Option<u32>,
    #[tag(2)]
    request_key: Option<[u8; 16]>,
    #[tag(3)]
    trace_id: Option<[u8; 16]>,
    #[tag(4)]
    credential: Option<&'a [u8]>,
}

/// What stands after a frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'b> {
    /// The metadata message; empty if the frame has none.
    pub metadata: &'b [u8],
    /// The body, or what is there of it.
    pub body: &'b [u8],
}

impl<'b> Frame<'b> {
    /// Parts metadata from body, which may still be incomplete; `None` while the metadata are.
    ///
    /// # Errors
    /// [`Status::BAD_METADATA`]: the metadata are too long, or longer than the frame.
    pub fn parts(&self) -> Result<Option<Parts<'b>>, Refusal> {
        if self.header.flags != HeaderFlags::METADATA {
            return Ok(Some(Parts { metadata: &[], body: self.content }));
        }
        let bad = Refusal::new(Status::BAD_METADATA);
        let frame = usize::try_from(self.header.length).unwrap_or(usize::MAX);
        let Some(frame) = frame.checked_sub(2) else { return Err(bad) };
        let Some((length, rest)) = self.content.split_first_chunk() else { return Ok(None) };
        let length = usize::from(u16::from_le_bytes(*length));
        if length > Metadata::BYTES_MAX || length > frame {
            return Err(bad);
        }
        Ok(rest.split_at_checked(length).map(|(metadata, body)| Parts { metadata, body }))
    }
}

impl fmt::Debug for Metadata<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("deadline", &self.deadline)
            .field("request_key", &self.request_key)
            .field("trace_id", &self.trace_id)
            .field("credential", &self.credential.map(|_| ".."))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Header;

    fn full() -> Metadata<'static> {
        Metadata {
            deadline: Some(Duration::from_millis(250)),
            request_key: Some([2; 16]),
            trace_id: Some([3; 16]),
            credential: Some(b"secret"),
        }
    }

    fn header(flags: HeaderFlags, length: u32) -> Header {
        let mut bytes = [0; Header::BYTES];
        bytes[12] = 2;
        Header { flags, length, ..Header::decode(&bytes).unwrap() }
    }

    #[test]
    fn metadata_come_back_as_they_were_and_stay_in_order() {
        let mut bytes = Vec::new();
        full().append(&mut bytes).unwrap();
        assert_eq!(bytes[..5], [1 << 3 | 1, 250, 0, 0, 0]);
        assert_eq!(bytes[5], 2 << 3 | 3);
        assert_eq!(bytes[22], 3 << 3 | 3);
        assert_eq!(bytes[39..], *b"\x24\x06secret");
        assert_eq!(Metadata::decode(&bytes), Ok(full()));
        for end in 1..bytes.len() {
            let whole_fields = [5, 22, 39].contains(&end);
            assert_eq!(Metadata::decode(&bytes[..end]).is_ok(), whole_fields, "{end}");
        }
    }

    #[test]
    fn nothing_said_is_no_byte_and_an_unknown_field_is_skipped() {
        let mut bytes = Vec::new();
        Metadata::default().append(&mut bytes).unwrap();
        assert!(bytes.is_empty());
        assert_eq!(Metadata::decode(&[9 << 3, 1]), Ok(Metadata::default()));
        assert_eq!(Metadata::decode(&[1 << 3 | 2, 1, 0, 0, 0, 0, 0, 0, 0]).unwrap_err().status, Status::BAD_METADATA);
    }

    #[test]
    fn metadata_over_the_limit_are_refused_on_both_sides() {
        // Tag and u32 length of the credential take 5 bytes.
        let mut bytes = Vec::new();
        let credential = vec![7; Metadata::BYTES_MAX - 5];
        Metadata { credential: Some(&credential), ..Metadata::default() }.append(&mut bytes).unwrap();
        assert_eq!(bytes.len(), Metadata::BYTES_MAX);
        let credential = vec![7; Metadata::BYTES_MAX - 4];
        assert!(Metadata { credential: Some(&credential), ..Metadata::default() }.append(&mut Vec::new()).is_err());

        #[track_caller]
        fn check(content: &[u8], length: u32, expected: Result<Option<(usize, usize)>, Status>) {
            let parts = Frame { header: header(HeaderFlags::METADATA, length), content }.parts();
            let lengths = parts.map(|parts| parts.map(|parts| (parts.metadata.len(), parts.body.len())));
            assert_eq!(lengths.map_err(|refusal| refusal.status), expected);
        }
        let mut content = vec![0; 2_000];
        content[..2].copy_from_slice(&1_024_u16.to_le_bytes());
        check(&content, 2_000, Ok(Some((1_024, 974))));
        check(&content[..1_025], 2_000, Ok(None));
        check(&content[..1], 2_000, Ok(None));
        check(&content, 1_025, Err(Status::BAD_METADATA));
        check(&[], 1, Err(Status::BAD_METADATA));
        content[..2].copy_from_slice(&1_025_u16.to_le_bytes());
        check(&content, 2_000, Err(Status::BAD_METADATA));
    }

    #[test]
    fn no_flag_means_no_metadata() {
        let frame = Frame { header: header(HeaderFlags::NONE, 3), content: b"abc" };
        assert_eq!(frame.parts(), Ok(Some(Parts { metadata: b"", body: b"abc" })));
    }

    #[test]
    fn a_credential_is_never_shown() {
        assert!(!format!("{:?}", full()).contains("115"), "{:?}", full());
        assert!(!format!("{:?}", full()).contains("secret"));
    }
}
