//! rkyv: the layout of memory, with relative pointers that are checked before the first access. It cannot evolve.

use std::{fmt::Debug, hint::black_box};

use rkyv::{
    Archive, Deserialize, Serialize,
    api::high::{HighDeserializer, HighSerializer, HighValidator},
    bytecheck::CheckBytes,
    rancor::Error,
    ser::allocator::ArenaHandle,
    util::AlignedVec,
};

use crate::{
    row::{Row, repeat},
    walk::Walk,
};

pub(crate) fn row<T>(value: T) -> Row
where
    T: PartialEq + Debug + 'static,
    T: for<'a> Serialize<HighSerializer<AlignedVec, ArenaHandle<'a>, Error>>,
    T: Archive<Archived: Walk + Deserialize<T, HighDeserializer<Error>>>,
    T::Archived: for<'a> CheckBytes<HighValidator<'a, Error>>,
{
    let bytes = rkyv::to_bytes::<Error>(&value).expect("a vector grows");
    assert_eq!(rkyv::from_bytes::<T, Error>(&bytes).expect("we wrote it"), value);
    let again = bytes.clone();
    let mut out = Some(AlignedVec::new());
    Row {
        codec: "rkyv",
        bytes: bytes.len(),
        encode: repeat(move || {
            let mut buffer = out.take().unwrap_or_default();
            buffer.clear();
            let buffer = rkyv::api::high::to_bytes_in::<_, Error>(black_box(&value), buffer).expect("a vector grows");
            let bytes = buffer.len();
            out = Some(buffer);
            bytes
        }),
        decode: repeat(move || rkyv::from_bytes::<T, Error>(black_box(&bytes)).expect("we wrote it")),
        read: repeat(move || rkyv::access::<T::Archived, Error>(black_box(&again)).expect("we wrote it").walk()),
        newer: None,
    }
}
