//! `Decode`: how a field becomes a value. Mirrors `encode`.

use super::{DecodeError, DecodeErrorKind, Kind, Reader};

/// A value that can be read out of a message; `'a` is the buffer it may borrow from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the wire",
    label = "this type has no wire form",
    note = "add `#[derive(rpc_core::Message)]` to it"
)]
pub trait Decode<'a>: Sized {
    /// What a missing field stands for, if it may be missing.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// Reads the value of a field whose tag had this `kind`.
    ///
    /// # Errors
    /// The bytes are not such a value.
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// A message that can be the whole body of a frame. Derived.
pub trait DecodeBody<'a>: Sized {
    /// Reads fields to the end of `input`.
    ///
    /// # Errors
    /// The bytes are not such a message.
    fn decode_body(input: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// A value that borrows nothing from the buffer it was read from.
pub trait DecodeOwned: for<'a> Decode<'a> {}

impl<T: for<'a> Decode<'a>> DecodeOwned for T {}

impl<'a> Decode<'a> for u64 {
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match kind {
            Kind::F8 => Ok(Self::from_le_bytes(input.array()?)),
            _ => Err(input.error(DecodeErrorKind::WrongKind)),
        }
    }
}

impl<'a> Decode<'a> for &'a str {
    fn decode(kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = input.bytes(kind)?;
        str::from_utf8(bytes).map_err(|_| input.error(DecodeErrorKind::NotUtf8))
    }
}
