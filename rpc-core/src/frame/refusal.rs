//! The body of a reply whose status is the framework's (Wire §6).

use std::time::Duration;

use super::OWN_LIMITS;
use crate::{
    Refusal, Status,
    tlv::{DecodeError, Kind, Reader, Writer},
};

/// Writes what a refusal tells beside its status, which stands in the header.
pub fn encode_refusal(refusal: &Refusal, out: &mut Writer<'_>) {
    if let Some(wait) = refusal.retry_after {
        u32_field(out, 1, u32::try_from(wait.as_millis()).unwrap_or(u32::MAX));
    }
    if let Some(field) = refusal.field {
        u32_field(out, 2, u32::from(field));
    }
    if let Some(limit) = refusal.limit {
        out.tag(3, Kind::F8);
        out.bytes(&limit.to_le_bytes());
    }
}

/// Reads a refusal. What does not decode is left out: the status alone says how the call ended.
#[must_use]
pub fn decode_refusal(status: Status, body: &[u8]) -> Refusal {
    let mut refusal = Refusal::new(status);
    // Why the error is dropped: a peer that garbles the detail has still refused.
    let _detail = read(&mut refusal, body);
    refusal
}

fn read(refusal: &mut Refusal, body: &[u8]) -> Result<(), DecodeError> {
    let mut input = Reader::new(body, OWN_LIMITS);
    while let Some(tag) = input.tag()? {
        match (tag.number, tag.kind) {
            (1, Kind::F4) => {
                let ms = u32::from_le_bytes(input.array()?);
                refusal.retry_after = Some(Duration::from_millis(ms.into()));
            }
            (2, Kind::F4) => refusal.field = u16::try_from(u32::from_le_bytes(input.array()?)).ok(),
            (3, Kind::F8) => refusal.limit = Some(u64::from_le_bytes(input.array()?)),
            (_, kind) => input.skip(kind)?,
        }
    }
    input.finish()
}

fn u32_field(out: &mut Writer<'_>, number: u16, value: u32) {
    out.tag(number, Kind::F4);
    out.bytes(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Refusal {
        Refusal {
            retry_after: Some(Duration::from_millis(1_500)),
            field: Some(3),
            limit: Some(4_096),
            ..Refusal::new(Status::OVERLOADED)
        }
    }

    fn encoded(refusal: &Refusal) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut out = Writer::new(&mut bytes, 64);
        encode_refusal(refusal, &mut out);
        out.finish().unwrap();
        bytes
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
