//! bitcode: columns without tags, packed as small as they go. It cannot evolve.

use std::{fmt::Debug, hint::black_box};

use bitcode::{Buffer, Decode, DecodeOwned, Encode};

use crate::row::{Row, repeat};

/// Decodes a value, which may borrow.
pub(crate) fn decode<'a, T: Decode<'a>>(bytes: &'a [u8]) -> T {
    bitcode::decode(bytes).expect("we wrote it")
}

pub(crate) fn row<T>(value: T, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: Encode + DecodeOwned + PartialEq + Debug + 'static,
{
    let bytes = bitcode::encode(&value);
    assert_eq!(decode::<T>(&bytes), value);
    let (mut out, mut columns) = (Buffer::new(), Buffer::new());
    let again = bytes.clone();
    Row {
        codec: "bitcode",
        bytes: bytes.len(),
        encode: repeat(move || out.encode(black_box(&value)).len()),
        decode: repeat(move || columns.decode::<T>(black_box(&bytes)).expect("we wrote it")),
        read: repeat(move || read(black_box(&again))),
        newer: None,
    }
}
