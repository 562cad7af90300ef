//! The TLV format (Wire §4 to §6): a message is a run of tagged fields, a repeated message a table of tagged columns.
//! Pure functions between values and bytes; nothing here knows frames or sockets.
//!
//! ```text
//!   1  2  3  4  5  6  7  8
//! +--------------+--------+  then, if number is 31: u16 number
//! | number 1..31 |  kind  |  then what the kind says: fixed bytes, or a length and bytes
//! +--------------+--------+
//!   (high bits)   (low 3)
//! ```
//!
//! What is absent: no module of this folder allocates from a length that it has not checked against the bytes that are
//! there, and none of them indexes a slice.

mod kind;
pub use kind::{ExtKind, Kind, Tag};

mod error;
pub use error::{DecodeError, DecodeErrorKind, EncodeError};

mod run;
use run::Run;

mod reader;
pub use reader::{DecodeLimits, Reader};

mod few;

mod aside;
pub(crate) use aside::{Aside, Gap, Given};

mod buffer;
pub use buffer::Buffer;

mod writer;
pub use writer::{Patch, Writer};

mod encode;
pub use encode::{Encode, EncodeBody, ListForm, encode_value, give_value};

mod decode;
pub use decode::{Decode, DecodeBody, DecodeOwned, decode_value};

mod table;

mod scalar;

mod text;

mod list;

mod map;

mod tuple;

mod variant;

mod never;

#[doc(hidden)]
pub mod message;
