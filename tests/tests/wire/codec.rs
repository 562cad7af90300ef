//! Bodies to bytes and back, with the limits of a server.

use rpc_core::{
    Limits,
    tlv::{Decode, DecodeError, DecodeLimits, Encode, Reader, Writer, decode_value, encode_value},
};

/// The limits of a server that nobody has configured.
pub(crate) fn limits() -> DecodeLimits {
    Limits::new().decode()
}

/// The body whose field 1 is `value`.
pub(crate) fn encode<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut body = Vec::new();
    let mut out = Writer::new(&mut body, 1 << 22);
    encode_value(&mut out, value);
    out.finish().expect("a test's body is below the limit");
    body
}

/// The value of field 1 of a body.
pub(crate) fn decode<'a, T: Decode<'a>>(body: &'a [u8]) -> Result<T, DecodeError> {
    decode_within(body, limits())
}

/// The same, within limits of the test's own.
pub(crate) fn decode_within<'a, T: Decode<'a>>(body: &'a [u8], limits: DecodeLimits) -> Result<T, DecodeError> {
    let mut input = Reader::new(body, limits);
    let value = decode_value(&mut input)?;
    input.finish()?;
    Ok(value)
}
