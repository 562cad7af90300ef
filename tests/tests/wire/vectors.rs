//! Golden vectors: `tests/vectors/*.hex` are the contract. Each is checked both ways, from the value to the exact bytes and
//! from the bytes to the value. A byte that changes makes another protocol.

use std::{fs, path::PathBuf};

use rpc_core::{
    Field,
    tlv::{DecodeError, DecodeOwned, Encode},
};
use tests::hex;

use crate::{
    codec::{decode, encode},
    messages::{Color, Empty, Level, Levels},
    values::{bytes, failure, far, lists, maps, nested, numbers, optional, row, tree},
};

/// A named value, and what can be done with the bytes of its type.
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    /// The value as a body.
    pub(crate) bytes: Vec<u8>,
    /// Whether these bytes decode, and to this value.
    pub(crate) decodes: Decodes,
    /// The type, as field 1.
    fields: &'static [Field],
}

/// Every type and every kind of column of `docs/protocol.md` §4 and §5.
pub(crate) fn all() -> Vec<Vector> {
    vec![
        vector("numbers", numbers(0)),
        vector("numbers_table", (0..3).map(numbers).collect::<Vec<_>>()),
        vector("bytes", bytes(0)),
        vector("bytes_table", vec![bytes(0), bytes(1)]),
        vector("bytes_long", "é".repeat(128)),
        vector("bytes_long_table", vec!["x".repeat(256), String::new(), "é".to_owned()]),
        vector("lists", lists(0)),
        vector("lists_empty", lists(2)),
        vector("optional", optional(0)),
        vector("optional_missing", optional(1)),
        vector("optional_table", (0..9).map(optional).collect::<Vec<_>>()),
        vector("optional_table_missing", vec![optional(1); 3]),
        vector("nested", nested(0)),
        vector("nested_table", (0..2).map(nested).collect::<Vec<_>>()),
        vector("numbers_above_30", far()),
        vector("maps", maps(2)),
        vector("enum_without_data", Color::Green),
        vector("enum_without_data_unknown", Color::Other(7)),
        vector("enum_without_data_table", vec![Color::Red, Color::Other(7)]),
        vector("enum_with_data", failure(1)),
        vector("enum_with_data_unnamed", failure(2)),
        vector("enum_with_data_plain", failure(0)),
        vector("enum_with_data_table", (0..4).map(failure).collect::<Vec<_>>()),
        vector("tree", tree(2)),
        vector("tree_table", vec![tree(1), tree(0)]),
        vector("row_table", (0..3).map(row).collect::<Vec<_>>()),
        vector("padding", vec![Empty; 3]),
        vector("padding_inner", vec![vec![Empty, Empty], Vec::new()]),
        vector("list_of_options", vec![Some(1_u8), None]),
        vector("list_of_tuples", vec![(1_u64, "a".to_owned()), (2, "b".to_owned())]),
        vector("list_of_bytes", vec![vec![1_u8, 2], Vec::new()]),
        vector("list_of_newtypes", vec![Levels(vec![Level(1), Level(2)]), Levels(Vec::new())]),
        vector("list_of_arrays", vec![[1_u8; 16], [2; 16]]),
        vector("list_empty", Vec::<u64>::new()),
        vector("nothing", ()),
    ]
}

type Decodes = Box<dyn Fn(&[u8]) -> Result<bool, DecodeError>>;

impl Vector {
    /// The annotation of these bytes as a value of the same type.
    pub(crate) fn dump(&self, bytes: &[u8]) -> String {
        let title = format!("{}: a body whose field 1 is the value.", self.name.replace('_', " "));
        rpc_core::dump::body(&title, bytes, self.fields).to_string()
    }
}

fn vector<T: Encode + DecodeOwned + PartialEq + 'static>(name: &'static str, value: T) -> Vector {
    let fields = vec![Field { number: 1, name: "value", shape: T::shape }].leak();
    let bytes = encode(&value);
    Vector { name, bytes, decodes: Box::new(move |bytes| Ok(decode::<T>(bytes)? == value)), fields }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name).with_extension("hex")
}

/// With `UPDATE=1` a vector that is missing is written, annotated; one that is there is never touched.
#[test]
fn every_value_is_the_bytes_of_its_vector_and_back() {
    for vector in all() {
        let path = path(vector.name);
        if std::env::var_os("UPDATE").is_some() && !path.exists() {
            fs::write(&path, vector.dump(&vector.bytes)).unwrap();
        }
        let golden = hex(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        assert_eq!(vector.bytes, golden, "{} is encoded in other bytes", vector.name);
        assert_eq!((vector.decodes)(&golden), Ok(true), "{} is decoded to another value", vector.name);
    }
}

/// People read vectors to understand dumps, and the other way round.
#[test]
fn every_vector_is_annotated_as_a_dump_annotates_it() {
    for vector in all() {
        assert_eq!(vector.dump(&vector.bytes), fs::read_to_string(path(vector.name)).unwrap());
    }
}
