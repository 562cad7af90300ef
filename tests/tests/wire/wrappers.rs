//! A value behind a box, a reference or a newtype is, in every place, the bytes of what it wraps, and comes back.

use std::{borrow::Cow, collections::BTreeMap, fmt::Debug};

use rpc_core::{
    Message,
    tlv::{Buffer, DecodeOwned, Encode, Writer, give_value},
};

use crate::{
    codec::{decode, encode},
    messages::{Color, Level, Levels, Serial},
};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
struct Name(String);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
struct Nested(Box<Level>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
struct Four([u8; 4]);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
struct Five([Level; 5]);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
struct Flag(bool);

#[derive(Clone, Debug, PartialEq, Message)]
struct Paint(Color);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
struct Maybe(Option<Level>);

/// As a field, as one that is given away, in a list, in a list of lists and in a table of tuples.
fn check<T, W>(plain: &[T], wrap: impl Fn(&T) -> W)
where
    T: Encode + DecodeOwned + Clone + PartialEq + Debug,
    W: Encode + DecodeOwned + Clone + PartialEq + Debug,
{
    let wrapped: Vec<W> = plain.iter().map(&wrap).collect();
    for (plain, wrapped) in plain.iter().zip(&wrapped) {
        same(plain, wrapped);
        same(&[(); 3].map(|()| plain.clone()), &[(); 3].map(|()| wrapped.clone()));
        same(&[(); 4].map(|()| plain.clone()), &[(); 4].map(|()| wrapped.clone()));
    }
    // SHORT columns, then such as are longer than a byte can tell.
    for many in [1, 65] {
        let (plain, wrapped) = (vec![plain.to_vec(); many].concat(), vec![wrapped.clone(); many].concat());
        same(&plain, &wrapped);
        same(&vec![plain.clone(), Vec::new(), plain.clone()], &vec![wrapped.clone(), Vec::new(), wrapped.clone()]);
        same(&in_tuples(&plain), &in_tuples(&wrapped));
        same(&vec![Some(in_tuples(&plain)), None], &vec![Some(in_tuples(&wrapped)), None]);
    }
}

type InTuple<T> = (T, Vec<T>, BTreeMap<u8, (T, Vec<T>)>, Box<[T; 3]>, (u8, Option<Vec<T>>));

/// Rows whose lists are not of one length.
fn in_tuples<T: Clone>(list: &[T]) -> Vec<InTuple<T>> {
    let row = |(count, item): (usize, &T)| {
        let list = list[count % 4..].to_vec();
        let map = BTreeMap::from([(1, (item.clone(), list.clone())), (2, (item.clone(), Vec::new()))]);
        (item.clone(), list.clone(), map, Box::new([(); 3].map(|()| item.clone())), (7, Some(list)))
    };
    list.iter().take(4).enumerate().map(row).collect()
}

fn same<T, W>(plain: &T, wrapped: &W)
where
    T: Encode + DecodeOwned + Clone + PartialEq + Debug,
    W: Encode + DecodeOwned + Clone + PartialEq + Debug,
{
    let bytes = encode(plain);
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(plain));
    assert_eq!(encode(wrapped), bytes, "{wrapped:?}");
    assert_eq!(given(wrapped.clone()), bytes, "{wrapped:?}");
    assert_eq!(decode::<W>(&bytes).as_ref(), Ok(wrapped));
}

fn given<T: Encode>(value: T) -> Vec<u8> {
    let mut bytes = Buffer::new();
    let mut out = Writer::new(&mut bytes, 1 << 22);
    give_value(&mut out, value);
    out.finish().unwrap();
    bytes.into()
}

#[test]
fn a_wrapped_byte_is_the_byte_in_every_place() {
    let bytes = [1_u8, 0, 255, 7];
    check(&bytes, |byte| Level(*byte));
    check(&bytes, |byte| Box::new(*byte));
    check(&bytes, |byte| Box::new(Level(*byte)));
    check(&bytes, |byte| Nested(Box::new(Level(*byte))));
    check(&bytes.map(|byte| (byte > 0).then_some(byte)), |byte| Maybe(byte.map(Level)));
    check(&bytes.map(|byte| (byte > 0).then_some(byte)), |byte| Box::new(byte.map(Level)));
}

#[test]
fn a_wrapped_number_is_the_number_in_every_place() {
    check(&[1_u64, 0, u64::MAX, 7], |number| Serial(*number));
    check(&[1_u64, 0, u64::MAX, 7], |number| Box::new(Serial(*number)));
    check(&[1_i8, 0, -1, i8::MIN], |number| Box::new(*number));
    check(&[true, false, true, true], |flag| Flag(*flag));
    check(&[Color::Red, Color::Green, Color::Other(7), Color::Red], |color| Paint(*color));
}

#[test]
fn a_wrapped_text_is_the_text_in_every_place() {
    let texts = ["a", "", "é", "long"].map(|text| text.repeat(9));
    check(&texts, |text| Name(text.clone()));
    check(&texts, |text| Box::new(Name(text.clone())));
    check(&[String::new(), "x".repeat(256), "a".into(), "b".into()], |text| Box::new(text.clone()));
}

#[test]
fn wrapped_bytes_are_the_bytes_in_every_place() {
    let lists = [vec![1_u8, 2], Vec::new(), vec![3; 300], vec![0]];
    check(&lists, |list| list.iter().copied().map(Level).collect::<Vec<_>>());
    check(&lists, |list| Levels(list.iter().copied().map(Level).collect()));
    check(&lists, |list| Box::new(list.iter().copied().map(Box::new).collect::<Vec<_>>()));
    check(&[[1_u8; 4], [0; 4], [1, 2, 3, 4], [255; 4]], |bytes| Four(*bytes));
    check(&[[1_u8; 4], [0; 4], [1, 2, 3, 4], [255; 4]], |bytes| bytes.map(Level));
    check(&[[1_u8; 5], [0; 5], [1, 2, 3, 4, 5], [255; 5]], |bytes| Five(bytes.map(Level)));
}

/// The fields of a message, which are written by other code than those of a tuple, of the type that a macro is given.
macro_rules! fields {
    ($name:ident, $byte:ty, $text:ty, $number:ty) => {
        #[derive(Clone, Debug, PartialEq, Message)]
        struct $name {
            #[tag(1)]
            byte: $byte,
            #[tag(2)]
            text: $text,
            #[tag(3)]
            number: $number,
            #[tag(4)]
            bytes: Vec<$byte>,
            #[tag(5)]
            four: [$byte; 4],
            #[tag(6)]
            three: [$byte; 3],
            #[tag(7)]
            optional: Option<$byte>,
            #[tag(8)]
            optional_bytes: Option<Vec<$byte>>,
            #[tag(9)]
            lists: Vec<Vec<$byte>>,
            #[tag(10)]
            bytes_by_byte: BTreeMap<$byte, Vec<$byte>>,
            #[tag(11)]
            byte_by_text: BTreeMap<$text, $byte>,
            #[tag(12)]
            texts: Vec<$text>,
            #[tag(13)]
            numbers: Vec<$number>,
        }

        impl $name {
            fn rows(
                byte: impl Fn(u8) -> $byte,
                text: impl Fn(&str) -> $text,
                number: impl Fn(u64) -> $number,
            ) -> Vec<Self> {
                let row = |count: u8| {
                    let bytes = || (0..count).map(&byte).collect::<Vec<_>>();
                    Self {
                        byte: byte(count),
                        text: text(&"é".repeat(count.into())),
                        number: number(count.into()),
                        bytes: bytes(),
                        four: [1, 2, 3, count].map(&byte),
                        three: [1, 2, count].map(&byte),
                        optional: (count > 0).then(|| byte(count)),
                        optional_bytes: (count != 1).then(bytes),
                        lists: vec![bytes(), Vec::new(), bytes()],
                        bytes_by_byte: (0..count).map(|key| (byte(key), bytes())).collect(),
                        byte_by_text: (0..count).map(|key| (text(&key.to_string()), byte(key))).collect(),
                        texts: (0..count).map(|key| text(&key.to_string())).collect(),
                        numbers: (0..count).map(|key| number(key.into())).collect(),
                    }
                };
                [2, 0, 1, 3].map(row).to_vec()
            }
        }
    };
}

fields!(Plain, u8, String, u64);
fields!(Newtypes, Level, Name, Serial);
fields!(Boxes, Box<u8>, Box<String>, Box<u64>);

#[test]
fn wrapped_fields_of_a_message_are_the_fields_in_every_place() {
    let plain = Plain::rows(|byte| byte, str::to_owned, |number| number);
    let newtypes = Newtypes::rows(Level, |text| Name(text.to_owned()), Serial);
    let boxes = Boxes::rows(Box::new, |text| Box::new(text.to_owned()), Box::new);
    for ((plain, newtypes), boxes) in plain.iter().zip(&newtypes).zip(&boxes) {
        same(plain, newtypes);
        same(plain, boxes);
    }
    same(&plain, &newtypes);
    same(&plain, &boxes);
    same(&vec![plain.clone(), Vec::new(), plain.clone()], &vec![newtypes.clone(), Vec::new(), newtypes]);
    same(&vec![plain.clone(), Vec::new(), plain], &vec![boxes.clone(), Vec::new(), boxes]);
}

/// What can be written only: references and text that is lent.
#[test]
fn a_reference_is_what_it_refers_to_in_every_place() {
    let bytes =
        vec![(1_u32, vec![1_u8, 2], "a".to_owned()), (2, Vec::new(), "é".to_owned()), (3, vec![3; 300], String::new())];
    let lent: Vec<(u32, Vec<&u8>, Cow<'_, str>)> =
        bytes.iter().map(|(number, bytes, text)| (*number, bytes.iter().collect(), text.as_str().into())).collect();
    assert_eq!(encode(&lent), encode(&bytes));
    assert_eq!(given(lent.clone()), encode(&bytes));
    let slices: Vec<(&u32, &[&u8], &str)> =
        lent.iter().map(|(number, bytes, text)| (number, bytes.as_slice(), &**text)).collect();
    assert_eq!(encode(&slices), encode(&bytes));
    for ((_, lent, _), (_, bytes, _)) in lent.iter().zip(&bytes) {
        assert_eq!(encode(lent), encode(bytes));
    }
}
