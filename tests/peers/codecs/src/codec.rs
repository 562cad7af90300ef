//! How each codec is used: encoding into a buffer that stays, decoding with every check that the codec has.

pub(crate) mod bincode;
pub(crate) mod bitcode;
pub(crate) mod minicbor;
pub(crate) mod ours;
pub(crate) mod plain;
pub(crate) mod postcard;
pub(crate) mod prost;
pub(crate) mod rkyv;
