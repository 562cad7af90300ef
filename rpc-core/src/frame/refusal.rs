//! The body of a reply whose status is the framework's (Wire §6).

use std::time::Duration;

use super::OWN_LIMITS;
use crate::{
    Message, Refusal, Status,
    tlv::{DecodeBody, EncodeBody, Reader, Writer},
};

/// The message as it crosses the wire; the status stands in the header.
#[derive(Default, Message)]
struct Body {
    #[tag(1)]
    retry_after_ms: Option<u32>,
    #[tag(2)]
    field: Option<u32>,
    #[tag(3)]
    limit: Option<u64>,
}

/// Writes what a refusal tells beside its status.
pub fn encode_refusal(refusal: &Refusal, out: &mut Writer<'_>) {
    Body {
        retry_after_ms: refusal.retry_after.map(|wait| u32::try_from(wait.as_millis()).unwrap_or(u32::MAX)),
        field: refusal.field.map(u32::from),
        limit: refusal.limit,
    }
    .encode_body(out);
}

/// Reads a refusal. One that does not decode is its status alone: a peer that garbles the details has still refused.
#[must_use]
pub fn decode_refusal(status: Status, body: &[u8]) -> Refusal {
    let body = Body::decode_body(&mut Reader::new(body, OWN_LIMITS)).unwrap_or_default();
    Refusal {
        retry_after: body.retry_after_ms.map(|ms| Duration::from_millis(ms.into())),
        field: body.field.and_then(|field| u16::try_from(field).ok()),
        limit: body.limit,
        from_peer: true,
        ..Refusal::new(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlv::Buffer;

    fn full() -> Refusal {
        Refusal {
            retry_after: Some(Duration::from_millis(1_500)),
            field: Some(3),
            limit: Some(4_096),
            ..Refusal::new(Status::OVERLOADED)
        }
    }

    fn encoded(refusal: &Refusal) -> Vec<u8> {
        let mut bytes = Buffer::new();
        let mut out = Writer::new(&mut bytes, 64);
        encode_refusal(refusal, &mut out);
        out.finish().unwrap();
        bytes.into()
    }

    #[test]
    fn a_refusal_comes_back_as_it_was() {
        assert_eq!(decode_refusal(Status::OVERLOADED, &encoded(&full())), full());
        let plain = Refusal::new(Status::FORBIDDEN);
        assert!(encoded(&plain).is_empty());
        assert_eq!(decode_refusal(Status::FORBIDDEN, &[]), plain);
    }

    #[test]
    fn a_detail_that_is_cut_off_leaves_the_status() {
        let bytes = encoded(&full());
        for end in 0..bytes.len() {
            assert_eq!(decode_refusal(Status::OVERLOADED, &bytes[..end]).status, Status::OVERLOADED);
        }
    }
}
