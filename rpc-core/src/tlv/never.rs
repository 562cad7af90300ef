//! `Infallible`: the own error of methods that have none. On the wire it is an enum without a variant, so that a later
//! build may give the methods an error and an old one refuses it by number.

use std::convert::Infallible;

use super::{Decode, DecodeError, DecodeErrorKind, Encode, Kind, Reader, Tag, Writer};
use crate::Shape;

impl Encode for Infallible {
    fn shape() -> Shape {
        Shape::Enum("Infallible", &[])
    }

    fn encode(&self, _number: u16, _out: &mut Writer<'_>) {
        match *self {}
    }
}

impl<'a> Decode<'a> for Infallible {
    type Column = Self;

    fn decode(_kind: Kind, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Err(input.error(DecodeErrorKind::UnknownVariant))
    }

    fn open(_tag: Tag, _rows: usize, input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Err(input.error(DecodeErrorKind::UnknownVariant))
    }

    fn next(column: &mut Self, _input: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match *column {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlv::DecodeLimits;

    #[test]
    fn an_error_of_a_method_that_had_none_is_an_unknown_variant() {
        let limits = DecodeLimits { depth_max: 1, heap_bytes_max: 0, unknown_fields_max: 0, string_bytes_max: 0 };
        let mut input = Reader::new(&[2, 0, 0, 0], limits);
        let error = Infallible::decode(Kind::F4, &mut input).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::UnknownVariant);
        assert!(Infallible::open(Tag { number: 1, kind: Kind::F4 }, 1, &mut input).is_err());
    }
}
