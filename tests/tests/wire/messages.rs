//! A type for every way in which a value crosses the wire, as fields and as columns.

use std::collections::{BTreeMap, HashMap};

use rpc_core::{AppError, Message};

/// Every number.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Numbers {
    #[tag(1)]
    pub(crate) bool: bool,
    #[tag(2)]
    pub(crate) u8: u8,
    #[tag(3)]
    pub(crate) i8: i8,
    #[tag(4)]
    pub(crate) u16: u16,
    #[tag(5)]
    pub(crate) i16: i16,
    #[tag(6)]
    pub(crate) u32: u32,
    #[tag(7)]
    pub(crate) i32: i32,
    #[tag(8)]
    pub(crate) u64: u64,
    #[tag(9)]
    pub(crate) i64: i64,
    #[tag(10)]
    pub(crate) u128: u128,
    #[tag(11)]
    pub(crate) i128: i128,
    #[tag(12)]
    pub(crate) f32: f32,
    #[tag(13)]
    pub(crate) f64: f64,
}

/// Text and bytes: of a length of their own, and of a fixed one.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Bytes {
    #[tag(1)]
    pub(crate) text: String,
    #[tag(2)]
    pub(crate) bytes: Vec<u8>,
    #[tag(3)]
    pub(crate) one: [u8; 1],
    #[tag(4)]
    pub(crate) four: [u8; 4],
    #[tag(5)]
    pub(crate) eight: [u8; 8],
    #[tag(6)]
    pub(crate) sixteen: [u8; 16],
    #[tag(7)]
    pub(crate) three: [u8; 3],
}

/// Lists and arrays.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Lists {
    #[tag(1)]
    pub(crate) bools: Vec<bool>,
    #[tag(2)]
    pub(crate) shorts: Vec<i16>,
    #[tag(3)]
    pub(crate) longs: Vec<u64>,
    #[tag(4)]
    pub(crate) pair: [u16; 2],
    #[tag(5)]
    pub(crate) texts: Vec<String>,
    #[tag(6)]
    pub(crate) lists: Vec<Vec<u32>>,
    #[tag(7)]
    pub(crate) numbers: Vec<Serial>,
}

/// What may be missing.
#[derive(Clone, Debug, Default, PartialEq, Message)]
pub(crate) struct Optional {
    #[tag(1)]
    pub(crate) number: Option<u32>,
    #[tag(2)]
    pub(crate) text: Option<String>,
    #[tag(3)]
    pub(crate) list: Option<Vec<u8>>,
    #[tag(4)]
    pub(crate) message: Option<Point>,
    #[tag(5, default)]
    pub(crate) default: i16,
    #[tag(6)]
    pub(crate) color: Option<Color>,
}

/// What holds other values.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Nested {
    #[tag(1)]
    pub(crate) point: Point,
    #[tag(2)]
    pub(crate) tuple: (String, u8, Option<bool>),
    #[tag(3)]
    pub(crate) serial: Serial,
    #[tag(4)]
    pub(crate) empty: Empty,
    #[tag(5)]
    pub(crate) boxed: Box<u32>,
    #[tag(6)]
    pub(crate) nothing: (),
}

/// Numbers that don't fit the tag byte, written in another order than they stand here.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Far {
    #[tag(65_535)]
    pub(crate) last: u8,
    #[tag(31)]
    pub(crate) text: String,
    #[tag(30)]
    pub(crate) near: u8,
    #[tag(256)]
    pub(crate) number: u32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Maps {
    #[tag(1)]
    pub(crate) names: BTreeMap<u16, String>,
    #[tag(2)]
    pub(crate) lists: HashMap<String, Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Message)]
pub(crate) struct Point {
    #[tag(1)]
    pub(crate) x: i32,
    #[tag(2)]
    pub(crate) y: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Empty;

/// A newtype, as the `u64` that it wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
pub(crate) struct Serial(pub(crate) u64);

/// A newtype of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
pub(crate) struct Level(pub(crate) u8);

/// A newtype of bytes that are newtypes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Message)]
pub(crate) struct Levels(pub(crate) Vec<Level>);

#[derive(Clone, Copy, Debug, PartialEq, Message)]
pub(crate) enum Color {
    #[tag(1)]
    Red,
    #[tag(2)]
    Green,
    #[unknown]
    Other(u32),
}

/// An enum of which some variants have data.
#[derive(Clone, Debug, PartialEq, AppError)]
pub(crate) enum Failure {
    #[tag(1)]
    Plain,
    #[tag(2)]
    Named {
        #[tag(1)]
        reason: String,
        #[tag(2)]
        row: u32,
    },
    #[tag(3)]
    Unnamed(u8, Option<String>),
    #[unknown]
    Other(u32),
}

/// A type that contains itself in both ways.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Tree {
    #[tag(1)]
    pub(crate) name: String,
    #[tag(2)]
    pub(crate) children: Vec<Self>,
    #[tag(3)]
    pub(crate) next: Option<Box<Self>>,
}

/// Every kind of column that `Numbers` and `Bytes` do not have.
#[derive(Clone, Debug, PartialEq, Message)]
pub(crate) struct Row {
    #[tag(1)]
    pub(crate) lists: Lists,
    #[tag(2)]
    pub(crate) optional: Optional,
    #[tag(3)]
    pub(crate) nested: Nested,
    #[tag(4)]
    pub(crate) maps: Maps,
    #[tag(5)]
    pub(crate) color: Color,
    #[tag(6)]
    pub(crate) failure: Failure,
    #[tag(7)]
    pub(crate) failures: Vec<Failure>,
    #[tag(8)]
    pub(crate) points: Vec<Point>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Failure {}
