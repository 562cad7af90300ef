//! Any value comes back as it was, from a field and from the rows of a table.

use proptest::{collection::vec, option, prelude::*};
use rpc_core::tlv::{DecodeOwned, Encode};

use crate::{
    codec::{decode, encode},
    messages::{Bytes, Color, Failure, Lists, Maps, Nested, Optional, Point, Row, Serial, Tree},
};

/// As a field, as a list of one and many, and as a list of lists.
fn check<T: Encode + DecodeOwned + PartialEq + Clone + std::fmt::Debug>(values: &[T]) {
    for value in values {
        assert_eq!(decode::<T>(&encode(value)).as_ref(), Ok(value));
    }
    assert_eq!(decode::<Vec<T>>(&encode(values)).as_deref(), Ok(values));
    let options: Vec<Option<T>> = values.iter().cloned().map(Some).chain([None]).collect();
    assert_eq!(decode::<Vec<Option<T>>>(&encode(&options)).as_ref(), Ok(&options));
    let lists = vec![values.to_vec(), Vec::new(), values.to_vec()];
    assert_eq!(decode::<Vec<Vec<T>>>(&encode(&lists)).as_ref(), Ok(&lists));
}

fn point() -> impl Strategy<Value = Point> {
    any::<(i32, i32)>().prop_map(|(x, y)| Point { x, y })
}

fn color() -> impl Strategy<Value = Color> {
    prop_oneof![Just(Color::Red), Just(Color::Green), (3_u32..).prop_map(Color::Other)]
}

fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Plain),
        any::<(String, u32)>().prop_map(|(reason, row)| Failure::Named { reason, row }),
        any::<(u8, Option<String>)>().prop_map(|(first, second)| Failure::Unnamed(first, second)),
        (4_u32..).prop_map(Failure::Other),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,8}", "[é€]{250,260}"]
}

fn bytes() -> impl Strategy<Value = Bytes> {
    let parts = (text(), vec(any::<u8>(), 0..300), any::<([u8; 4], [u8; 16])>());
    parts.prop_map(|(text, bytes, (four, sixteen))| {
        let (one, eight, three) = ([four[0]], [four[1]; 8], [four[2]; 3]);
        Bytes { text, bytes, one, four, eight, sixteen, three }
    })
}

fn lists() -> impl Strategy<Value = Lists> {
    let numbers = (vec(any::<bool>(), 0..4), vec(any::<i16>(), 0..80), vec(any::<u64>(), 0..4), any::<[u16; 2]>());
    let others = (vec(text(), 0..4), vec(vec(any::<u32>(), 0..4), 0..4), vec(any::<u64>(), 0..4));
    (numbers, others).prop_map(|((bools, shorts, longs, pair), (texts, lists, numbers))| {
        let numbers = numbers.into_iter().map(Serial).collect();
        Lists { bools, shorts, longs, pair, texts, lists, numbers }
    })
}

fn optional() -> impl Strategy<Value = Optional> {
    let scalars = (any::<Option<u32>>(), option::of(text()), any::<Option<Vec<u8>>>());
    (scalars, option::of(point()), any::<i16>(), option::of(color())).prop_map(
        |((number, text, list), message, default, color)| Optional { number, text, list, message, default, color },
    )
}

fn nested() -> impl Strategy<Value = Nested> {
    (point(), any::<(String, u8, Option<bool>)>(), any::<u64>(), any::<u32>()).prop_map(
        |(point, tuple, serial, boxed)| Nested {
            point,
            tuple,
            serial: Serial(serial),
            empty: crate::messages::Empty,
            boxed: Box::new(boxed),
            nothing: (),
        },
    )
}

fn maps() -> impl Strategy<Value = Maps> {
    any::<(std::collections::BTreeMap<u16, String>, std::collections::HashMap<String, Vec<u8>>)>()
        .prop_map(|(names, lists)| Maps { names, lists })
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = text().prop_map(|name| Tree { name, children: Vec::new(), next: None });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let next = option::of(inner.clone().prop_map(Box::new));
        (text(), vec(inner, 0..3), next).prop_map(|(name, children, next)| Tree { name, children, next })
    })
}

fn row() -> impl Strategy<Value = Row> {
    let scalars = (lists(), optional(), nested(), color());
    (scalars, maps(), failure(), vec(failure(), 0..3), vec(point(), 0..3)).prop_map(
        |((lists, optional, nested, color), maps, failure, failures, points)| Row {
            lists,
            optional,
            nested,
            maps,
            color,
            failure,
            failures,
            points,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn bytes_come_back(values in vec(bytes(), 0..4)) {
        check(&values);
    }

    #[test]
    fn lists_come_back(values in vec(lists(), 0..4)) {
        check(&values);
    }

    #[test]
    fn options_come_back(values in vec(optional(), 0..20)) {
        check(&values);
    }

    #[test]
    fn enums_come_back(colors in vec(color(), 0..4), failures in vec(failure(), 0..4)) {
        check(&colors);
        check(&failures);
    }

    #[test]
    fn types_that_contain_themselves_come_back(trees in vec(tree(), 0..3)) {
        check(&trees);
    }

    #[test]
    fn rows_of_everything_come_back(rows in vec(row(), 0..3)) {
        check(&rows);
    }

    #[test]
    fn no_bytes_bring_a_decoder_down(bytes in vec(any::<u8>(), 0..200)) {
        for vector in crate::vectors::all() {
            // Whether they decode is theirs to say; that they end is ours.
            let _ended = (vector.decodes)(&bytes);
            prop_assert!(!vector.dump(&bytes).is_empty());
        }
    }
}
