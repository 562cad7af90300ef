//! Fields and their numbers: there, unique, in range, not retired.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::{Attribute, Fields, GenericArgument, LitInt, Member, PathArguments, Type};

use crate::errors::Errors;

use super::{
    super::{attr, model::Field},
    stray_attributes,
};

/// The fields of a struct or a variant, ascending by number.
pub(super) fn all<'i>(fields: &'i Fields, options: &attr::Options, errors: &mut Errors) -> Vec<Field<'i>> {
    let mut numbers = Numbers::new("field", u16::MAX.into(), options, errors);
    for field in fields {
        numbers.reserve(&field.attrs);
    }
    let mut found = Vec::new();
    for (member, field) in fields.members().zip(fields) {
        stray_attributes(&field.attrs, "a field", errors);
        nested_options(&field.ty, errors);
        let tag = attr::tag(&field.attrs, errors);
        let default = tag.as_ref().and_then(|tag| tag.default.as_ref());
        if let (Some(word), Some(outer)) = (default, absent_when(&field.ty)) {
            errors.at(word, format!("{outer} when it is missing anyway: remove `default`"));
        }
        let default = default.is_some();
        let number = numbers.field(&member, tag, &field.attrs, errors);
        found.push(Field { member, number, ty: &field.ty, default });
    }
    found.sort_by_key(|field| field.number);
    found
}

/// The numbers of one struct, variant or enum.
pub(super) struct Numbers {
    noun: &'static str,
    largest: u32,
    /// Each number in use, and the name that uses it.
    used: BTreeMap<u32, String>,
    /// Numbers that are written anywhere, so that the next free one is free indeed.
    taken: Vec<u32>,
    retired: Vec<u32>,
}

impl Numbers {
    pub(super) fn new(noun: &'static str, largest: u32, options: &attr::Options, errors: &mut Errors) -> Self {
        let mut retired = Vec::new();
        for literal in &options.retired {
            match literal.base10_parse() {
                Ok(number) if retired.contains(&number) => errors.at(literal, "this number stands here twice"),
                Ok(number) => retired.push(number),
                Err(error) => errors.push(error),
            }
        }
        Self { noun, largest, used: BTreeMap::new(), taken: Vec::new(), retired }
    }

    /// Notes a number that is written in the source, whether it is right or not.
    pub(super) fn reserve(&mut self, attrs: &[Attribute]) {
        if let Some(number) = attr::tag(attrs, &mut Errors::default()).and_then(|tag| tag.number.base10_parse().ok()) {
            self.taken.push(number);
        }
    }

    /// The number of a field: its tag, or its position where it has no name.
    fn field(&mut self, member: &Member, tag: Option<attr::Tag>, attrs: &[Attribute], errors: &mut Errors) -> u16 {
        let name = member.to_token_stream().to_string();
        let number = match (tag, member) {
            (Some(tag), _) => self.check(&tag.number, &name, errors),
            (None, Member::Unnamed(index)) if !attr::has_tag(attrs) => {
                let number = index.index.saturating_add(1);
                self.claim(number, index.span, &name, errors);
                number
            }
            (None, _) if attr::has_tag(attrs) => 0,
            (None, _) => self.missing(member, &name, errors),
        };
        u16::try_from(number).unwrap_or(0)
    }

    /// The number of a variant: its tag.
    pub(super) fn variant(&mut self, variant: &syn::Variant, errors: &mut Errors) -> u32 {
        let name = variant.ident.to_string();
        match attr::tag(&variant.attrs, errors) {
            Some(tag) => {
                if let Some(word) = &tag.default {
                    errors.at(word, "a variant has no default: write `#[tag(n)]`");
                }
                self.check(&tag.number, &name, errors)
            }
            None if attr::has_tag(&variant.attrs) => 0,
            None => self.missing(&variant.ident, &name, errors),
        }
    }

    fn missing(&mut self, place: impl ToTokens, name: &str, errors: &mut Errors) -> u32 {
        let free = self.next_free();
        errors.at(place, format!("`{name}` has no number on the wire: write `#[tag({free})]` in front of it"));
        self.taken.push(free);
        0
    }

    fn check(&mut self, literal: &LitInt, name: &str, errors: &mut Errors) -> u32 {
        let Self { noun, largest, .. } = *self;
        match literal.base10_parse::<u32>() {
            Ok(number) if number > 0 && number <= largest => {
                self.claim(number, literal.span(), name, errors);
                number
            }
            _ => {
                let free = self.next_free();
                let text = format!("the number of a {noun} is between 1 and {largest}: write `{free}`");
                errors.at(literal, text);
                self.taken.push(free);
                0
            }
        }
    }

    fn claim(&mut self, number: u32, place: proc_macro2::Span, name: &str, errors: &mut Errors) {
        let noun = self.noun;
        let free = self.next_free();
        if self.retired.contains(&number) {
            let text = format!("{number} is retired: old peers would read another {noun} into it; write `{free}`");
            errors.push(syn::Error::new(place, text));
        } else if let Some(other) = self.used.get(&number) {
            errors.push(syn::Error::new(place, format!("{number} is the number of `{other}`: write `{free}`")));
        } else {
            self.used.insert(number, name.to_owned());
            return;
        }
        self.taken.push(free);
    }

    /// The number after the largest in use: a hole may be a number that was used once.
    fn next_free(&self) -> u32 {
        let known = self.used.keys().chain(&self.taken).chain(&self.retired);
        known.filter(|number| **number < self.largest).max().map_or(1, |number| number.saturating_add(1))
    }
}

/// Finds an option in an option: there is one way to leave a value out.
pub(super) fn nested_options(ty: &Type, errors: &mut Errors) {
    for inner in arguments(ty) {
        if name(ty) == Some("Option") && name(inner) == Some("Option") {
            errors.at(inner, "an option in an option can't cross the wire: write `Option<…>` once, or an enum");
        }
        nested_options(inner, errors);
    }
}

/// What a type is when its field is missing, if the wire says that already.
fn absent_when(ty: &Type) -> Option<&'static str> {
    match name(ty)? {
        "Option" => Some("an option is `None`"),
        "Vec" => Some("a list is empty"),
        "BTreeMap" | "HashMap" => Some("a map is empty"),
        _ => None,
    }
}

fn name(ty: &Type) -> Option<&'static str> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    ["Option", "Vec", "BTreeMap", "HashMap"].into_iter().find(|name| last.ident == name)
}

/// The types that a type is made of.
fn arguments(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Path(path) => path.path.segments.iter().flat_map(|segment| generic_types(&segment.arguments)).collect(),
        Type::Reference(reference) => vec![&reference.elem],
        Type::Slice(slice) => vec![&slice.elem],
        Type::Array(array) => vec![&array.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Paren(inner) => vec![&inner.elem],
        Type::Group(inner) => vec![&inner.elem],
        _ => Vec::new(),
    }
}

fn generic_types(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let list = match arguments {
        PathArguments::AngleBracketed(list) => Some(&list.args),
        _ => None,
    };
    list.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
