//! The type of an argument: what it is decoded into, and how the server lends that to the handler. A borrow may stand at
//! the front of the type or right inside an `Option`, nowhere deeper: there the server would have nothing to lend.

use syn::{Type, TypeReference, parse_quote};

use super::wire_type;
use crate::{
    errors::Errors,
    model::{Lend, Shape},
};

/// The shape of an argument of this type.
pub(crate) fn shape(ty: &Type, errors: &mut Errors) -> Shape {
    let ty = wire_type::bare(ty);
    if let Type::Reference(reference) = ty {
        return borrowed(reference, errors);
    }
    match wire_type::inside_option(ty) {
        Some(inner) => optional(ty, inner, errors),
        None => {
            wire_type::sendable(ty, errors);
            Shape { decoded: ty.clone(), lend: Lend::AsIs }
        }
    }
}

/// `&str`, `&[u8]`, `&[T]`, `&T`.
fn borrowed(reference: &TypeReference, errors: &mut Errors) -> Shape {
    wire_type::shared_and_unnamed(reference, errors);
    let decoded = |decoded, lend| Shape { decoded, lend };
    match wire_type::bare(&reference.elem) {
        inner if wire_type::is_lendable_bytes(inner) => decoded(parse_quote!(& #inner), Lend::AsIs),
        Type::Slice(slice) => {
            wire_type::sendable(&slice.elem, errors);
            let element = &slice.elem;
            decoded(parse_quote!(::std::vec::Vec<#element>), Lend::Reference)
        }
        inner => {
            wire_type::sendable(inner, errors);
            decoded(inner.clone(), Lend::Reference)
        }
    }
}

/// `Option<&str>`, `Option<&[T]>`, `Option<&T>`, `Option<T>`.
fn optional(ty: &Type, inner: &Type, errors: &mut Errors) -> Shape {
    let Type::Reference(reference) = wire_type::bare(inner) else {
        wire_type::sendable(ty, errors);
        return Shape { decoded: ty.clone(), lend: Lend::AsIs };
    };
    wire_type::shared_and_unnamed(reference, errors);
    let target = wire_type::bare(&reference.elem);
    if wire_type::inside_option(target).is_some() {
        wire_type::refuse_nested_option(ty, errors);
    }
    match target {
        target if wire_type::is_lendable_bytes(target) => Shape { decoded: ty.clone(), lend: Lend::AsIs },
        Type::Slice(slice) => {
            wire_type::sendable(&slice.elem, errors);
            let element = &slice.elem;
            let list = parse_quote!(::std::vec::Vec<#element>);
            Shape { decoded: wire_type::with_inside_option(ty, list), lend: Lend::AsDeref }
        }
        target => {
            wire_type::sendable(target, errors);
            Shape { decoded: wire_type::with_inside_option(ty, target.clone()), lend: Lend::AsRef }
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn a_borrow_is_decoded_into_what_can_be_lent() {
        fn check(ty: &str, decoded: &str, lend: Lend) {
            let mut errors = Errors::default();
            let shape = shape(&syn::parse_str(ty).unwrap(), &mut errors);
            let expected: Type = syn::parse_str(decoded).unwrap();
            assert_eq!(shape.decoded.to_token_stream().to_string(), expected.to_token_stream().to_string(), "{ty}");
            assert_eq!((shape.lend, errors.texts()), (lend, Vec::new()), "{ty}");
        }
        check("u8", "u8", Lend::AsIs);
        check("Mark", "Mark", Lend::AsIs);
        check("Row<'_>", "Row<'_>", Lend::AsIs);
        check("Cow<'_, str>", "Cow<'_, str>", Lend::AsIs);
        check("Option<std::borrow::Cow<'_, str>>", "Option<std::borrow::Cow<'_, str> >", Lend::AsIs);
        check("&str", "&str", Lend::AsIs);
        check("&[u8]", "&[u8]", Lend::AsIs);
        check("&[Mark]", "::std::vec::Vec<Mark>", Lend::Reference);
        check("&Mark", "Mark", Lend::Reference);
        check("&Row<'_>", "Row<'_>", Lend::Reference);
        check("Option<Mark>", "Option<Mark>", Lend::AsIs);
        check("Option<&str>", "Option<&str>", Lend::AsIs);
        check("Option<&[u8]>", "Option<&[u8]>", Lend::AsIs);
        check("Option<&[Mark]>", "Option<::std::vec::Vec<Mark> >", Lend::AsDeref);
        check("core::option::Option<&Mark>", "core::option::Option<Mark>", Lend::AsRef);
        check("(u8, String)", "(u8, String)", Lend::AsIs);
        check("[u64; 4]", "[u64; 4]", Lend::AsIs);
    }

    #[test]
    fn a_type_that_no_peer_can_have_gives_one_error() {
        fn check(ty: &str) {
            let mut errors = Errors::default();
            shape(&syn::parse_str(ty).unwrap(), &mut errors);
            assert_eq!(errors.texts().len(), 1, "{ty}");
        }
        check("&mut u8");
        check("&'a str");
        check("&'static str");
        check("Row<'static>");
        check("&&str");
        check("Vec<&str>");
        check("&[&str]");
        check("(&str, u8)");
        check("Option<&&str>");
        check("Option<Vec<&str>>");
        check("Option<Option<u8>>");
        check("Option<&Option<u8>>");
        check("&Option<Option<u8>>");
        check("Vec<Option<Option<u8>>>");
        check("impl Into<String>");
        check("&dyn Debug");
        check("Box<dyn Debug>");
        check("fn(u8) -> u8");
        check("*const u8");
        check("!");
        check("_");
        check("Self");
        check("Self::Item");
        check("str");
        check("[u8]");
        check("usize");
        check("&[isize]");
        check("some_macro!()");
        check("Option<impl Debug>");
        check("Vec<str>");
    }
}
