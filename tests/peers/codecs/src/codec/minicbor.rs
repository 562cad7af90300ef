//! CBOR by minicbor: messages as arrays, the shorter of its two forms.

use std::{fmt::Debug, hint::black_box};

use minicbor::{Decode, Encode};

use crate::row::{Row, repeat};

/// Decodes a value, which may borrow.
pub(crate) fn decode<'a, T: Decode<'a, ()>>(bytes: &'a [u8]) -> T {
    minicbor::decode(bytes).expect("we wrote it")
}

pub(crate) fn row<T>(value: T, newer: &impl Encode<()>, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: Encode<()> + for<'a> Decode<'a, ()> + PartialEq + Debug + 'static,
{
    let bytes = minicbor::to_vec(&value).expect("a vector grows");
    let with_more = minicbor::to_vec(newer).expect("a vector grows");
    assert_eq!(decode::<T>(&bytes), value);
    assert_eq!(decode::<T>(&with_more), value);
    let mut out = Vec::new();
    let again = bytes.clone();
    Row {
        codec: "minicbor",
        bytes: bytes.len(),
        encode: repeat(move || {
            let out: &mut Vec<u8> = black_box(&mut out);
            out.clear();
            minicbor::encode(black_box(&value), out).expect("a vector grows")
        }),
        decode: repeat(move || decode::<T>(black_box(&bytes))),
        read: repeat(move || read(black_box(&again))),
        newer: repeat(move || decode::<T>(black_box(&with_more))),
    }
}
