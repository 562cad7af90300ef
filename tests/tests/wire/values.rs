//! A value for each type of `messages`, one for each seed: what vectors, truncation and versions have in common.

use crate::messages::{
    Bytes, Color, Empty, Failure, Far, Lists, Maps, Nested, Numbers, Optional, Point, Row, Serial, Tree,
};

pub(crate) fn numbers(seed: u8) -> Numbers {
    let odd = seed % 2 == 1;
    Numbers {
        bool: odd,
        u8: seed,
        i8: if odd { i8::MIN } else { -1 },
        u16: if odd { u16::MAX } else { 0x1234 },
        i16: if odd { i16::MIN } else { -2 },
        u32: 0x1234_5678 + u32::from(seed),
        i32: if odd { i32::MIN } else { -3 },
        u64: 0x0123_4567_89ab_cdef,
        i64: if odd { i64::MIN } else { -4 },
        u128: 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff,
        i128: if odd { i128::MIN } else { -5 },
        f32: if odd { f32::INFINITY } else { 0.5 },
        f64: if odd { f64::MIN } else { 1.0 / 3.0 },
    }
}

pub(crate) fn bytes(seed: u8) -> Bytes {
    Bytes {
        text: if seed == 0 { "mean: 11½".to_owned() } else { String::new() },
        bytes: if seed == 0 { vec![0, 0xff] } else { Vec::new() },
        one: [seed],
        four: [1, 2, 3, seed],
        eight: [8; 8],
        sixteen: [16; 16],
        three: [3; 3],
    }
}

pub(crate) fn lists(seed: u8) -> Lists {
    if seed == 2 {
        let (bools, shorts, longs, texts) = Default::default();
        return Lists { bools, shorts, longs, pair: [0, 1], texts, lists: Vec::new(), numbers: Vec::new() };
    }
    Lists {
        bools: vec![true, false, true],
        shorts: vec![-1, i16::from(seed)],
        longs: vec![1],
        pair: [1, u16::MAX],
        texts: vec!["a".to_owned(), String::new(), "bc".to_owned()],
        lists: vec![vec![1, 2], Vec::new(), vec![3]],
        numbers: vec![Serial(1), Serial(2)],
    }
}

pub(crate) fn optional(seed: u8) -> Optional {
    let there = seed.is_multiple_of(8);
    Optional {
        number: there.then_some(seed.into()),
        text: there.then(String::new),
        list: there.then(Vec::new),
        message: there.then_some(Point { x: 1, y: -1 }),
        default: i16::from(seed) + 1,
        color: there.then_some(Color::Red),
    }
}

pub(crate) fn nested(seed: u8) -> Nested {
    Nested {
        point: Point { x: seed.into(), y: -1 },
        tuple: ("a".repeat(seed.into()), seed, (seed == 0).then_some(true)),
        serial: Serial(u64::MAX),
        empty: Empty,
        boxed: Box::new(seed.into()),
        nothing: (),
    }
}

pub(crate) fn far() -> Far {
    Far { last: 1, text: "far".to_owned(), near: 2, number: 3 }
}

pub(crate) fn maps(entries: u8) -> Maps {
    Maps {
        names: (0..entries).map(|entry| (entry.into(), format!("name {entry}"))).collect(),
        lists: (0..entries).map(|entry| (format!("key {entry}"), vec![entry; entry.into()])).collect(),
    }
}

pub(crate) fn failure(seed: u8) -> Failure {
    match seed {
        0 => Failure::Plain,
        1 => Failure::Named { reason: "twice".to_owned(), row: 6 },
        2 => Failure::Unnamed(1, None),
        _ => Failure::Other(99),
    }
}

pub(crate) fn tree(depth: u8) -> Tree {
    let below = |count: usize| match depth.checked_sub(1) {
        Some(depth) => vec![tree(depth); count],
        None => Vec::new(),
    };
    Tree { name: format!("at {depth}"), children: below(2), next: below(1).pop().map(Box::new) }
}

pub(crate) fn row(seed: u8) -> Row {
    Row {
        lists: lists(seed),
        optional: optional(seed),
        nested: nested(seed),
        maps: maps(seed),
        color: Color::Green,
        failure: failure(seed),
        failures: (0..seed).map(failure).collect(),
        points: vec![Point { x: 0, y: 1 }; seed.into()],
    }
}
