//! No codec: what it costs to clone and drop the plain structs, and to walk over them. Nearly all of a clone is the
//! allocator, which no decoding to owned values gets around.

use std::hint::black_box;

use crate::{
    row::{Row, repeat},
    walk::Walk,
};

pub(crate) fn row<T: Clone + Walk + 'static>(value: T) -> Row {
    let again = value.clone();
    Row {
        codec: "clone()",
        bytes: 0,
        encode: None,
        decode: repeat(move || black_box(&value).clone()),
        read: repeat(move || black_box(&again).walk()),
        newer: None,
    }
}
