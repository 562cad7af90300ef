//! `Encode`: how a value becomes a field.

use super::{Kind, Writer};
use crate::Shape;

/// A value that can stand in a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the wire",
    label = "this type has no wire form",
    note = "add `#[derive(rpc_core::Message)]` to it"
)]
pub trait Encode {
    /// Whether each value takes the same bytes and is always written: such fields come first in a message.
    const FIXED: bool = false;

    /// Whether the value is a secret, or holds nothing but one. A message that has a secret among its fields says so in
    /// its shape only: it may contain itself, and a constant can't be computed in circles.
    const SECRET: bool = false;

    /// The structure of the type, for dumps and documents.
    fn shape() -> Shape;

    /// Whether the value is left out of a message: `None` and empty collections are.
    fn is_absent(&self) -> bool {
        false
    }

    /// Appends the value as the field `number`.
    fn encode(&self, number: u16, out: &mut Writer<'_>);
}

/// A message that can be the whole body of a frame. Derived.
pub trait EncodeBody {
    /// Appends the fields: those of fixed size first, then the others, each group ascending.
    fn encode_body(&self, out: &mut Writer<'_>);
}

impl Encode for u64 {
    const FIXED: bool = true;

    fn shape() -> Shape {
        Shape::Value("u64")
    }

    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        out.tag(number, Kind::F8);
        out.bytes(&self.to_le_bytes());
    }
}

impl Encode for str {
    fn shape() -> Shape {
        Shape::Value("str")
    }

    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        out.bytes_field(number, self.as_bytes());
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    const FIXED: bool = T::FIXED;
    const SECRET: bool = T::SECRET;

    fn shape() -> Shape {
        T::shape()
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }

    fn encode(&self, number: u16, out: &mut Writer<'_>) {
        (**self).encode(number, out);
    }
}
