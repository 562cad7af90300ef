//! postcard, by serde: fields without tags, numbers as varints. It cannot evolve.

use std::{fmt::Debug, hint::black_box};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::row::{Row, repeat};

/// Decodes a value, which may borrow.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> T {
    postcard::from_bytes(bytes).expect("we wrote it")
}

pub(crate) fn row<T>(value: T, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: Serialize + DeserializeOwned + PartialEq + Debug + 'static,
{
    let bytes = postcard::to_stdvec(&value).expect("a vector grows");
    assert_eq!(decode::<T>(&bytes), value);
    let mut out = vec![0; bytes.len()];
    let again = bytes.clone();
    Row {
        codec: "postcard",
        bytes: bytes.len(),
        encode: repeat(move || postcard::to_slice(black_box(&value), black_box(&mut out)).expect("it fits").len()),
        decode: repeat(move || decode::<T>(black_box(&bytes))),
        read: repeat(move || read(black_box(&again))),
        newer: None,
    }
}
