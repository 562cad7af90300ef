//! Ours, with the limits that a server sets.

use std::{fmt::Debug, hint::black_box};

use rpc_core::tlv::{Buffer, DecodeBody, DecodeLimits, EncodeBody, Reader, Writer};

use crate::row::{Row, repeat};

/// Those of a server, but for the size of the largest sample.
const LIMITS: DecodeLimits =
    DecodeLimits { depth_max: 32, heap_bytes_max: 8 << 20, unknown_fields_max: 64, string_bytes_max: 64 << 10 };

const BODY_BYTES_MAX: usize = 8 << 20;

fn encode(value: &impl EncodeBody, out: &mut Buffer) {
    out.clear();
    let mut writer = Writer::new(out, BODY_BYTES_MAX);
    value.encode_body(&mut writer);
    writer.finish().expect("samples are far below the limit");
}

/// Decodes with all limits, to the end of the bytes.
pub(crate) fn decode<'a, T: DecodeBody<'a>>(bytes: &'a [u8]) -> T {
    let mut reader = Reader::new(bytes, LIMITS);
    let value = T::decode_body(&mut reader).expect("we wrote it");
    reader.finish().expect("nothing follows");
    value
}

pub(crate) fn row<T>(value: T, newer: &impl EncodeBody, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: EncodeBody + for<'a> DecodeBody<'a> + PartialEq + Debug + 'static,
{
    let (mut out, mut with_more) = (Buffer::new(), Buffer::new());
    encode(&value, &mut out);
    encode(newer, &mut with_more);
    let bytes = out.to_vec();
    assert_eq!(decode::<T>(&bytes), value);
    assert_eq!(decode::<T>(&with_more), value);
    let again = bytes.clone();
    Row {
        codec: "ours",
        bytes: bytes.len(),
        encode: repeat(move || encode(black_box(&value), black_box(&mut out))),
        decode: repeat(move || decode::<T>(black_box(&bytes))),
        read: repeat(move || read(black_box(&again))),
        newer: repeat(move || decode::<T>(black_box(&with_more))),
    }
}
