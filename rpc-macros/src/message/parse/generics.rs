//! A message has at most one parameter: the lifetime of the buffer that it borrows from.

use syn::{GenericParam, Generics, Lifetime};

use crate::errors::Errors;

/// The lifetime of a message, if it has one.
pub(in crate::message) fn lifetime<'i>(generics: &'i Generics, errors: &mut Errors) -> Option<&'i Lifetime> {
    let mut found = None;
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(parameter) if found.is_none() => found = Some(&parameter.lifetime),
            GenericParam::Lifetime(parameter) => {
                errors.at(parameter, "a message borrows from one buffer: use one lifetime for all its fields");
            }
            GenericParam::Type(parameter) => {
                errors.at(&parameter.ident, "a message has no type parameters: write one message for each type");
            }
            GenericParam::Const(parameter) => {
                errors.at(&parameter.ident, "a message has no const parameters: write one message for each value");
            }
        }
    }
    found
}
