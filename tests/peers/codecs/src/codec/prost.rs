//! Protocol Buffers by prost. It has no borrowed values.

use std::{fmt::Debug, hint::black_box};

use prost::Message;

use crate::row::{Row, repeat};

pub(crate) fn row<T: Message + Default + PartialEq + Debug + 'static>(value: T, newer: &impl Message) -> Row {
    let bytes = value.encode_to_vec();
    let with_more = newer.encode_to_vec();
    for bytes in [&bytes, &with_more] {
        assert_eq!(T::decode(bytes.as_slice()).as_ref(), Ok(&value));
    }
    let mut out = Vec::new();
    Row {
        codec: "prost",
        bytes: bytes.len(),
        encode: repeat(move || {
            let out: &mut Vec<u8> = black_box(&mut out);
            out.clear();
            black_box(&value).encode(out).expect("a vector grows")
        }),
        decode: repeat(move || T::decode(black_box(bytes.as_slice())).expect("we wrote it")),
        read: None,
        newer: repeat(move || T::decode(black_box(with_more.as_slice())).expect("more fields are skipped")),
    }
}
