//! Every limit of decoding at one less than a value needs, at exactly that, and at one more; and counts that lie.

use std::collections::{BTreeMap, HashMap};

use rpc_core::tlv::{DecodeError, DecodeErrorKind, DecodeLimits, DecodeOwned, Encode};
use tests::hex;

use crate::{
    codec::{decode, decode_within, encode, limits},
    messages::{Empty, Failure, Point, Serial, Tree},
};

/// The value decodes with `needed` or more of what `limit` sets, and is refused with less.
fn check<T: Encode + DecodeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    needed: usize,
    limit: fn(&mut DecodeLimits, usize),
    refused: DecodeErrorKind,
) {
    let body = encode(value);
    let within = |amount| {
        let mut limits = limits();
        limit(&mut limits, amount);
        decode_within::<T>(&body, limits)
    };
    let Err(DecodeError { kind, .. }) = within(needed - 1) else { panic!("{} is enough for {value:?}", needed - 1) };
    assert_eq!(kind, refused);
    assert_eq!(within(needed).as_ref(), Ok(value));
    assert_eq!(within(needed + 1).as_ref(), Ok(value));
}

fn depth(limits: &mut DecodeLimits, amount: usize) {
    limits.depth_max = amount.try_into().unwrap();
}

fn heap(limits: &mut DecodeLimits, amount: usize) {
    limits.heap_bytes_max = amount;
}

fn string(limits: &mut DecodeLimits, amount: usize) {
    limits.string_bytes_max = amount;
}

/// A tree of `nodes` in one line, through `grow`.
fn line(nodes: usize, grow: impl Fn(&mut Tree, Tree)) -> Tree {
    let leaf = || Tree { name: String::new(), children: Vec::new(), next: None };
    (1..nodes).fold(leaf(), |below, _| {
        let mut above = leaf();
        grow(&mut above, below);
        above
    })
}

fn by_pointer(above: &mut Tree, below: Tree) {
    above.next = Some(Box::new(below));
}

fn by_list(above: &mut Tree, below: Tree) {
    above.children = vec![below];
}

#[test]
fn messages_are_nested_only_so_deep() {
    check(&line(10, by_pointer), 10, depth, DecodeErrorKind::TooDeep);
    // A list of messages is two levels only in the outermost table: further lists are columns of it.
    check(&line(10, by_list), 10, depth, DecodeErrorKind::TooDeep);
    check(&vec![Failure::Unnamed(1, None)], 3, depth, DecodeErrorKind::TooDeep);
}

#[test]
fn a_type_that_contains_itself_can_be_as_deep_as_the_default() {
    let deepest = usize::from(limits().depth_max);
    for grow in [by_pointer, by_list] {
        assert!(decode::<Tree>(&encode(&line(deepest, grow))).is_ok());
        let error = decode::<Tree>(&encode(&line(deepest + 1, grow))).unwrap_err();
        assert_eq!((error.kind, error.field), (DecodeErrorKind::TooDeep, 1));
    }
}

/// A connection's thread has a small stack (`Limits::stack_bytes`, four times as much without optimisation).
#[test]
fn the_deepest_value_decodes_in_half_of_the_stack_of_a_connection() {
    let deepest = usize::from(limits().depth_max);
    let unoptimised = if cfg!(debug_assertions) { 4 } else { 1 };
    let stack_bytes = rpc_core::Limits::new().stack_bytes() * unoptimised / 2;
    for grow in [by_pointer, by_list] {
        let body = encode(&line(deepest, grow));
        let thread = std::thread::Builder::new().stack_size(stack_bytes);
        let decoding = thread.spawn(move || decode::<Tree>(&body).is_ok()).unwrap();
        assert!(decoding.join().unwrap());
    }
}

#[test]
fn a_value_takes_only_so_much_memory() {
    let refused = DecodeErrorKind::TooMuchMemory;
    check(&"abc".to_owned(), 3, heap, refused);
    check(&vec![1_u64, 2], 16, heap, refused);
    check(&vec![Serial(1), Serial(2)], 16, heap, refused);
    check(&vec![7_u8; 300], 300, heap, refused);
    check(&Box::new(5_u32), 4, heap, refused);
    check(&vec![Point { x: 1, y: 2 }; 3], 3 * size_of::<Point>(), heap, refused);
    check(&vec!["ab".to_owned(), "c".to_owned()], 2 * size_of::<String>() + 3, heap, refused);
    check(&vec![vec![1_u32, 2], vec![3]], 2 * size_of::<Vec<u32>>() + 12, heap, refused);
    // A map takes more than its entries: 11 with the first, and up to 2 more with each.
    let entry = size_of::<(u8, u64)>();
    check(&BTreeMap::from([(1_u8, 2_u64), (3, 4)]), 2 * entry + (11 + 2 * 2) * (entry + 1), heap, refused);
    check(&HashMap::from([(1_u8, 2_u64)]), entry + (11 + 2) * (entry + 1), heap, refused);
    let tree = Tree { name: "ab".to_owned(), children: Vec::new(), next: Some(Box::new(line(1, |_, _| {}))) };
    check(&tree, 2 + size_of::<Tree>(), heap, refused);
}

#[test]
fn a_string_is_only_so_long() {
    let refused = DecodeErrorKind::StringTooLong;
    check(&"x".repeat(300), 300, string, refused);
    check(&vec!["x".repeat(300), "y".to_owned()], 300, string, refused);
    check(&vec!["xyz".to_owned()], 3, string, refused);
    check(&BTreeMap::from([("key".to_owned(), 1_u8)]), 3, string, refused);
    let default = limits().string_bytes_max;
    assert!(decode::<String>(&encode(&"x".repeat(default))).is_ok());
    assert_eq!(decode::<String>(&encode(&"x".repeat(default + 1))).unwrap_err().kind, refused);
}

#[test]
fn byte_strings_are_no_text_and_bounded_by_memory_alone() {
    let bytes = vec![1_u8; limits().string_bytes_max + 1];
    assert_eq!(decode::<Vec<u8>>(&encode(&bytes)), Ok(bytes));
}

#[test]
fn only_so_many_fields_are_unknown() {
    let known = encode(&7_u8);
    for (name, unknown) in
        [("F1", "10 00"), ("SHORT", "14 01 00"), ("EXT", "17 09 01 00 00 00 00"), ("far", "f8 ff ff 00")]
    {
        let body = |count| [&hex(unknown).repeat(count)[..], &known].concat();
        let most = usize::from(limits().unknown_fields_max);
        assert_eq!(decode::<u8>(&body(most - 1)), Ok(7), "{name}");
        assert_eq!(decode::<u8>(&body(most)), Ok(7), "{name}");
        let error = decode::<u8>(&body(most + 1)).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::TooManyUnknownFields, "{name}");
    }
}

#[test]
fn unknown_columns_and_padding_count_as_unknown_fields() {
    for column in ["18 00", "1c 00 00 00 00 00", "1e 04 00 00 00 00 00 00 00", "1f 09 00 00 00 00", "00 00"] {
        let table = |count: usize| {
            let columns = hex(column).repeat(count);
            let bytes = u32::try_from(4 + 2 + columns.len()).unwrap().to_le_bytes();
            [&[0x0e][..], &bytes, &[1, 0, 0, 0], &columns, &[0x08, 7]].concat()
        };
        let most = usize::from(limits().unknown_fields_max);
        assert_eq!(decode::<Vec<Option<u8>>>(&table(most)), Ok(vec![Some(7)]), "{column}");
        let error = decode::<Vec<Option<u8>>>(&table(most + 1)).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::TooManyUnknownFields, "{column}");
    }
}

#[test]
fn a_table_has_at_most_as_many_rows_as_bytes() {
    let table = |rows: u8| hex(&format!("0e 08 00 00 00  {rows:02x} 00 00 00  00 00 00 00"));
    assert_eq!(decode::<Vec<Empty>>(&table(3)), Ok(vec![Empty; 3]));
    // Four rows need a byte each after the count, and four are there, but the padding has one more.
    assert_eq!(decode::<Vec<Empty>>(&table(4)).unwrap_err().kind, DecodeErrorKind::Truncated);
    assert_eq!(decode::<Vec<Empty>>(&table(5)).unwrap_err().kind, DecodeErrorKind::TooManyRows);
}

#[test]
fn inner_lists_have_together_at_most_as_many_rows_as_bytes() {
    let table =
        |second: &str| hex(&format!("0e 14 00 00 00  02 00 00 00  0e 0b 00 00 00  02 00 00 00 {second}  00 00 00"));
    assert_eq!(decode::<Vec<Vec<Empty>>>(&table("00 00 00 00")), Ok(vec![vec![Empty; 2], Vec::new()]));
    for lie in ["02 00 00 00", "ff ff ff ff"] {
        assert_eq!(decode::<Vec<Vec<Empty>>>(&table(lie)).unwrap_err().kind, DecodeErrorKind::TooManyRows, "{lie}");
    }
}

#[test]
fn a_count_that_lies_is_refused_before_memory_is_taken() {
    // Each claims 2^32 − 1 of something in a body of a few bytes.
    for (lie, kind) in [
        ("0e 04 00 00 00 ff ff ff ff", DecodeErrorKind::TooManyRows),
        ("0e ff ff ff ff 00 00 00 00", DecodeErrorKind::Truncated),
        ("0d ff ff ff ff", DecodeErrorKind::WrongKind),
        ("0e 0a 00 00 00 01 00 00 00 0c ff ff ff ff 00", DecodeErrorKind::WrongLength),
    ] {
        assert_eq!(decode::<Vec<String>>(&hex(lie)).unwrap_err().kind, kind, "{lie}");
    }
    let lists = hex("0e 12 00 00 00 01 00 00 00 0e 09 00 00 00 ff ff ff ff 00 00 00 00 00");
    assert_eq!(decode::<Vec<Vec<u64>>>(&lists).unwrap_err().kind, DecodeErrorKind::TooManyRows);
}
