//! bincode: fields without tags, with numbers as varints or in all their bytes. It cannot evolve.

use std::{fmt::Debug, hint::black_box};

use bincode::{
    BorrowDecode, Decode, Encode,
    config::{self, Config},
};

use crate::row::{Row, repeat};

/// Decodes a value, which may borrow, with numbers as varints.
pub(crate) fn decode<'a, T: BorrowDecode<'a, ()>>(bytes: &'a [u8]) -> T {
    decode_with(bytes, config::standard())
}

/// Decodes a value, which may borrow, with numbers in all their bytes.
pub(crate) fn decode_fixed<'a, T: BorrowDecode<'a, ()>>(bytes: &'a [u8]) -> T {
    decode_with(bytes, config::legacy())
}

fn decode_with<'a, T: BorrowDecode<'a, ()>>(bytes: &'a [u8], form: impl Config) -> T {
    let (value, read) = bincode::borrow_decode_from_slice(bytes, form).expect("we wrote it");
    assert_eq!(read, bytes.len());
    value
}

pub(crate) fn row<T>(value: T, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: Encode + Decode<()> + PartialEq + Debug + 'static,
{
    row_with("bincode", value, config::standard(), read)
}

pub(crate) fn fixed_row<T>(value: T, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: Encode + Decode<()> + PartialEq + Debug + 'static,
{
    row_with("bincode fixed", value, config::legacy(), read)
}

fn row_with<T>(codec: &'static str, value: T, form: impl Config + 'static, read: impl Fn(&[u8]) -> u64 + 'static) -> Row
where
    T: Encode + Decode<()> + PartialEq + Debug + 'static,
{
    let decode = move |bytes: &[u8]| -> T {
        let (value, read) = bincode::decode_from_slice(bytes, form).expect("we wrote it");
        assert_eq!(read, bytes.len());
        value
    };
    let bytes = bincode::encode_to_vec(&value, form).expect("a vector grows");
    assert_eq!(decode(&bytes), value);
    let mut out = vec![0; bytes.len()];
    let again = bytes.clone();
    Row {
        codec,
        bytes: bytes.len(),
        encode: repeat(move || {
            bincode::encode_into_slice(black_box(&value), black_box(&mut out), form).expect("it fits")
        }),
        decode: repeat(move || decode(black_box(&bytes))),
        read: repeat(move || read(black_box(&again))),
        newer: None,
    }
}
