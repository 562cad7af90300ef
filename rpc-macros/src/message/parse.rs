//! From the type to the model, with every rule that a type can break.

mod fields;
mod generics;

use syn::{Attribute, Data, DataEnum, DataStruct, DeriveInput, Fields, Variant as SynVariant, spanned::Spanned};

use crate::errors::Errors;

use super::{
    attr,
    model::{Content, Enum, Message, Variant},
};
use fields::Numbers;

/// The model of a type; `None`, and mistakes in `errors`, if there is none.
pub(super) fn message<'i>(input: &'i DeriveInput, errors: &mut Errors) -> Option<Message<'i>> {
    let options = attr::options(&input.attrs, errors);
    stray_attributes(&input.attrs, "a type", errors);
    let lifetime = generics::lifetime(&input.generics, errors);
    let content = match &input.data {
        Data::Struct(data) => structure(data, &options, errors),
        Data::Enum(data) => Some(Content::Enum(enumeration(input, data, &options, errors))),
        Data::Union(data) => {
            errors.at(data.union_token, "a union can't say which of its fields it holds: write an enum");
            None
        }
    }?;
    let generics = &input.generics;
    let secret = options.secret.is_some();
    Some(Message { name: &input.ident, generics, lifetime, secret, check: options.check, content })
}

fn structure<'i>(data: &'i DataStruct, options: &attr::Options, errors: &mut Errors) -> Option<Content<'i>> {
    if let Fields::Unnamed(fields) = &data.fields
        && let Some(field) = fields.unnamed.first()
        && fields.unnamed.len() == 1
    {
        for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("tag")) {
            errors.at(attr, "a struct of one unnamed field is written as what it wraps: remove the tag");
        }
        if let Some(number) = options.retired.first() {
            errors.at(number, "a struct of one unnamed field has no numbers: remove `retired`");
        }
        stray_attributes(&field.attrs, "a field", errors);
        fields::nested_options(&field.ty, errors);
        return Some(Content::Newtype(&field.ty));
    }
    Some(Content::Struct(fields::all(&data.fields, options, errors)))
}

fn enumeration<'i>(
    input: &'i DeriveInput,
    data: &'i DataEnum,
    options: &attr::Options,
    errors: &mut Errors,
) -> Enum<'i> {
    if data.variants.is_empty() {
        errors.at(&input.ident, "an enum without variants has no value that could cross the wire: write a variant");
    }
    let mut numbers = Numbers::new("variant", u32::MAX, options, errors);
    for variant in &data.variants {
        numbers.reserve(&variant.attrs);
    }
    let mut known = Vec::new();
    let mut unknown = None;
    for variant in &data.variants {
        if let Some(attr) = attr::unknown(&variant.attrs, errors) {
            if unknown.is_some() {
                errors.at(attr, "one variant keeps all unknown numbers: remove this `#[unknown]`");
            }
            unknown_shape(variant, errors);
            unknown = Some(&variant.ident);
            continue;
        }
        let own = attr::options(&variant.attrs, errors);
        for word in own.secret.iter() {
            errors.at(word, "a variant can't be secret alone: write `#[message(secret)]` on the enum or on its type");
        }
        for path in own.check.iter() {
            errors.at(path, "a variant can't be checked alone: write `#[message(check = …)]` on the enum");
        }
        let number = numbers.variant(variant, errors);
        let fields = fields::all(&variant.fields, &own, errors);
        known.push(Variant { name: &variant.ident, number, fields });
    }
    known.sort_by_key(|variant| variant.number);
    Enum { variants: known, unknown }
}

/// `#[unknown]` stands on a variant of exactly one form.
fn unknown_shape(variant: &SynVariant, errors: &mut Errors) {
    let is_u32 = match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            fields.unnamed.iter().all(|field| matches!(&field.ty, syn::Type::Path(path) if path.path.is_ident("u32")))
        }
        _ => false,
    };
    if !is_u32 {
        let name = &variant.ident;
        errors.at(variant_place(variant), format!("an unknown variant keeps its number: write `{name}(u32)`"));
    }
    for attr in variant.attrs.iter().filter(|attr| attr.path().is_ident("tag")) {
        errors.at(attr, "the unknown variant stands for every other number: remove the tag");
    }
}

/// Where a variant of the wrong form is underlined: its fields, if it has any.
fn variant_place(variant: &SynVariant) -> proc_macro2::TokenStream {
    use quote::ToTokens;
    if variant.fields.is_empty() { variant.ident.to_token_stream() } else { variant.fields.to_token_stream() }
}

/// Attributes of ours where they mean nothing.
fn stray_attributes(attrs: &[Attribute], place: &str, errors: &mut Errors) {
    for attr in attrs {
        let name = if attr.path().is_ident("unknown") {
            "unknown"
        } else if attr.path().is_ident("tag") && place == "a type" {
            "tag"
        } else if attr.path().is_ident("message") && place == "a field" {
            "message"
        } else {
            continue;
        };
        let error = format!("`#[{name}]` means nothing on {place}: remove it");
        errors.push(syn::Error::new(attr.path().span(), error));
    }
}
