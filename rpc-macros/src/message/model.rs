//! What the derives know of a type: numbers are checked, and fields stand in the order of their numbers.

use proc_macro2::Literal;
use syn::{Generics, Ident, Index, Lifetime, Member, Path, Type};

/// A type that becomes a message.
pub(super) struct Message<'i> {
    pub(super) name: &'i Ident,
    pub(super) generics: &'i Generics,
    /// The lifetime of the buffer that the message borrows from, if it does.
    pub(super) lifetime: Option<&'i Lifetime>,
    /// Whether no dump may show it.
    pub(super) secret: bool,
    /// What must hold of a decoded value.
    pub(super) check: Option<Path>,
    pub(super) content: Content<'i>,
}

pub(super) enum Content<'i> {
    /// A tuple struct of one field: the field.
    Newtype(&'i Type),
    Struct(Vec<Field<'i>>),
    Enum(Enum<'i>),
}

pub(super) struct Field<'i> {
    pub(super) member: Member,
    pub(super) number: u16,
    pub(super) ty: &'i Type,
    /// Whether a missing field is the type's default.
    pub(super) default: bool,
}

pub(super) struct Enum<'i> {
    pub(super) variants: Vec<Variant<'i>>,
    /// The variant that keeps the numbers that are not known.
    pub(super) unknown: Option<&'i Ident>,
}

pub(super) struct Variant<'i> {
    pub(super) name: &'i Ident,
    pub(super) number: u32,
    pub(super) fields: Vec<Field<'i>>,
}

impl Enum<'_> {
    /// Whether no variant has data: then the enum is a number.
    pub(super) fn is_number(&self) -> bool {
        self.variants.iter().all(|variant| variant.fields.is_empty())
    }
}

impl Variant<'_> {
    /// The number as a person writes it.
    pub(super) fn literal(&self) -> Literal {
        Literal::u32_unsuffixed(self.number)
    }
}

impl Field<'_> {
    /// The number as a person writes it.
    pub(super) fn literal(&self) -> Literal {
        Literal::u16_unsuffixed(self.number)
    }

    /// The name in descriptors; positions count from 0, as in Rust.
    pub(super) fn name(&self) -> String {
        match &self.member {
            Member::Named(name) => name.to_string().trim_start_matches("r#").to_owned(),
            Member::Unnamed(Index { index, .. }) => index.to_string(),
        }
    }
}
