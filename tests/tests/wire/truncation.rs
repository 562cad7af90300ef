//! Bytes that went wrong on the way: each vector cut off at every place, and with every bit flipped, decodes or is refused,
//! and never brings anything down. Dumps show them all.

use crate::vectors::{Vector, all};

/// A frame around a body, so that dumps of frames see the damage too.
fn request(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&length[..], &[1, 0, 0, 0, 0x47, 0, 1, 0, 3, 0, 0, 0], body].concat()
}

fn check(vector: &Vector, bytes: &[u8]) -> bool {
    let decoded = (vector.decodes)(bytes);
    assert!(!vector.dump(bytes).is_empty());
    assert!(!rpc_core::dump::frame(&request(bytes), &[]).to_string().is_empty());
    decoded.is_ok()
}

#[test]
fn a_body_that_was_cut_off_is_refused_or_means_something_shorter() {
    for vector in all() {
        for length in 0..vector.bytes.len() {
            let decoded = (vector.decodes)(&vector.bytes[..length]);
            // Only what may be missing can be cut off unnoticed, and then the value is another.
            assert!(!matches!(decoded, Ok(true)), "{} cut to {length} bytes", vector.name);
            check(&vector, &vector.bytes[..length]);
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_or_means_something_else() {
    let mut refused = 0;
    for vector in all() {
        let mut bytes = vector.bytes.clone();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            refused += usize::from(!check(&vector, &bytes));
            // The bytes of a padding column say nothing: a reader only counts them.
            let silent = vector.name.starts_with("padding");
            assert!(silent || !matches!((vector.decodes)(&bytes), Ok(true)), "{} bit {bit}", vector.name);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert!(refused > 1_000, "flipped bits in tags, lengths and counts are noticed");
}

#[test]
fn bytes_after_the_last_field_are_refused() {
    for vector in all() {
        let longer = [&vector.bytes[..], &[0]].concat();
        assert!((vector.decodes)(&longer).is_err(), "{}", vector.name);
    }
}
