//! Maps: tables of two columns, 1 the key and 2 the value. Written in the order of the keys, so that equal maps have
//! equal bytes: request keys are checked against a fingerprint of the body.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hash},
};

use super::{
    Decode, DecodeError, DecodeErrorKind, Encode, Kind, Reader, Tag, Writer,
    list::ListColumn,
    table::{self, Rows},
    tuple::Pair,
};
use crate::Shape;

/// The entries of a map, in the order in which they are written.
trait Entries<'r, K: 'r, V: 'r> {
    fn entries(&'r self) -> Vec<Pair<'r, K, V>>;
}

impl<'r, K: 'r, V: 'r> Entries<'r, K, V> for BTreeMap<K, V> {
    fn entries(&'r self) -> Vec<Pair<'r, K, V>> {
        self.iter().map(|(key, value)| Pair(key, value)).collect()
    }
}

impl<'r, K: Ord + 'r, V: 'r, S> Entries<'r, K, V> for HashMap<K, V, S> {
    fn entries(&'r self) -> Vec<Pair<'r, K, V>> {
        let mut entries: Vec<_> = self.iter().map(|(key, value)| Pair(key, value)).collect();
        entries.sort_unstable_by_key(|Pair(key, _)| *key);
        entries
    }
}

/// A map made from rows.
trait Collect<'a, K, V>: Sized
where
    K: Decode<'a>,
    V: Decode<'a>,
{
    fn collect(rows: &mut Rows<'a, (K, V)>, count: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

macro_rules! map {
    ($map:ty, [$($generics:tt)*], [$($decode_bounds:tt)*]) => {
        impl<K: Encode + Ord, V: Encode, $($generics)*> Encode for $map {
            fn shape() -> Shape {
                Shape::Map(K::shape, V::shape)
            }

            fn is_absent(&self) -> bool {
                self.is_empty()
            }

            fn encode(&self, number: u16, out: &mut Writer<'_>) {
                table::encode_table::<Pair<'_, K, V>, _, _>(number, &self.entries(), |entry| entry, out);
            }

            fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut Writer<'_>)
            where
                P: Fn(&'r R) -> &'r Self + Copy,
                Self: 'r,
            {
                let lengths = rows.iter().map(move |row| project(row).len());
                let entries: Vec<_> = rows.iter().flat_map(move |row| project(row).entries()).collect();
                table::encode_inner::<Pair<'_, K, V>, _, _>(number, lengths, &entries, |entry| entry, out);
            }
        }

        impl<'a, K, V, $($generics)*> Decode<'a> for $map
        where
            K: Decode<'a> + Ord + $($decode_bounds)*,
            V: Decode<'a>,
        {
            type Column = ListColumn<'a, (K, V)>;

            fn absent() -> Option<Self> {
                Some(Self::default())
            }

            fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
                table::decode_table(kind, input, |mut rows, count, input| Self::collect(&mut rows, count, input))
            }

            fn open(tag: Tag, rows: usize, input: &mut Reader<'a>) -> Result<Self::Column, DecodeError> {
                ListColumn::open(tag, rows, input)
            }

            fn next(column: &mut Self::Column, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
                let count = column.next_length()?;
                Self::collect(column.rows(), count, input)
            }
        }

        impl<'a, K, V, $($generics)*> Collect<'a, K, V> for $map
        where
            K: Decode<'a> + Ord + $($decode_bounds)*,
            V: Decode<'a>,
        {
            fn collect(
                rows: &mut Rows<'a, (K, V)>,
                count: usize,
                input: &mut Reader<'a>,
            ) -> Result<Self, DecodeError> {
                charge::<(K, V)>(count, input)?;
                let mut map = Self::default();
                for _ in 0..count {
                    let (key, value) = rows.next(input)?;
                    if map.insert(key, value).is_some() {
                        return Err(input.error(DecodeErrorKind::DuplicateKey));
                    }
                }
                Ok(map)
            }
        }
    };
}

map!(BTreeMap<K, V>, [], []);
map!(HashMap<K, V, S>, [S: BuildHasher + Default], [Hash]);

/// Takes memory from the budget for what a map of `count` entries of the type `E` takes beside the entries.
fn charge<E>(count: usize, input: &mut Reader<'_>) -> Result<(), DecodeError> {
    let entries = if count == 0 { 0 } else { count.saturating_mul(SPARE_ENTRIES).saturating_add(FIRST_ENTRIES) };
    input.charge(entries.saturating_mul(size_of::<E>().saturating_add(1)))
}

/// Room for as many entries comes with the first: a node of a `BTreeMap` has 11.
const FIRST_ENTRIES: usize = 11;

/// Room for as many entries more may come with each: a `HashMap` that has just grown is less than half full, and held its
/// old table while it moved.
const SPARE_ENTRIES: usize = 2;
