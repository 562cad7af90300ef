//! Bodies to bytes and back, with the limits of a server.

use rpc_core::{
    Limits,
    tlv::{Buffer, Decode, DecodeError, DecodeLimits, Encode, EncodeError, Reader, Writer, decode_value, encode_value},
};

/// The limits of a server that nobody has configured.
pub(crate) fn limits() -> DecodeLimits {
    Limits::new().decode()
}

/// The body whose field 1 is `value`: the same, whether it is written to new memory or to what other messages have left.
pub(crate) fn encode<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let body = encode_to(Buffer::new(), 1 << 22, value).expect("a test's body is below the limit");
    for eighths in [1, 4, 7, 8, 9, 20] {
        let bytes = body.len() * eighths / 8;
        assert_eq!(encode_to(used(bytes), body.len(), value).as_ref(), Ok(&body), "in {bytes} used bytes");
        if let Some(bytes_max) = body.len().checked_sub(1) {
            assert_eq!(encode_to(used(bytes), bytes_max, value), Err(EncodeError { bytes_max }));
        }
    }
    body
}

/// Memory of so many bytes, none of which is right by chance.
fn used(bytes: usize) -> Buffer {
    let mut buffer = Buffer::from(vec![0xee; bytes]);
    buffer.clear();
    buffer
}

/// Writes the body in this memory, up to a limit.
pub(crate) fn encode_to<T: Encode + ?Sized>(
    mut memory: Buffer,
    bytes_max: usize,
    value: &T,
) -> Result<Vec<u8>, EncodeError> {
    let mut out = Writer::new(&mut memory, bytes_max);
    encode_value(&mut out, value);
    out.finish()?;
    Ok(memory.into())
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
