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

mod decode;
mod encode;
mod error;
mod kind;
mod reader;
mod writer;

pub use decode::{Decode, DecodeBody, DecodeOwned};
pub use encode::{Encode, EncodeBody};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use kind::{Kind, Tag};
pub use reader::{DecodeLimits, Reader};
pub use writer::{Patch, Writer};
