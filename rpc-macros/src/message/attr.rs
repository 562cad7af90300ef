//! The derives' own attributes: `#[tag(n)]`, `#[tag(n, default)]`, `#[unknown]` and `#[message(…)]`.

use syn::{Attribute, Ident, LitInt, Meta, Path, Token, parse::ParseStream, punctuated::Punctuated, spanned::Spanned};

use crate::errors::Errors;

/// `#[tag(n)]` or `#[tag(n, default)]`.
pub(super) struct Tag {
    pub(super) number: LitInt,
    pub(super) default: Option<Ident>,
}

/// The options of a type or a variant.
#[derive(Default)]
pub(super) struct Options {
    pub(super) retired: Vec<LitInt>,
    pub(super) secret: Option<Ident>,
    pub(super) check: Option<Path>,
}

/// The tag of a field or a variant.
pub(super) fn tag(attrs: &[Attribute], errors: &mut Errors) -> Option<Tag> {
    let mut found: Option<Tag> = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("tag")) {
        match attr.parse_args_with(parse_tag) {
            Ok(_) if found.is_some() => errors.at(attr, "one tag is enough: remove this one"),
            Ok(tag) => found = Some(tag),
            Err(error) => errors.push(error),
        }
    }
    found
}

/// Whether there is an attribute `#[tag(…)]`, well formed or not.
pub(super) fn has_tag(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("tag"))
}

fn parse_tag(input: ParseStream<'_>) -> syn::Result<Tag> {
    let number =
        input.parse().map_err(|error| syn::Error::new(error.span(), "a tag is a number: write `#[tag(1)]`"))?;
    let mut default = None;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
        let word = input.call(syn::ext::IdentExt::parse_any);
        let word: Ident = word.map_err(|error| syn::Error::new(error.span(), ONLY_DEFAULT))?;
        if word != "default" || !input.is_empty() {
            return Err(syn::Error::new(word.span(), ONLY_DEFAULT));
        }
        default = Some(word);
    }
    Ok(Tag { number, default })
}

/// The attribute `#[unknown]`, if it is there.
pub(super) fn unknown<'i>(attrs: &'i [Attribute], errors: &mut Errors) -> Option<&'i Attribute> {
    let attr = attrs.iter().find(|attr| attr.path().is_ident("unknown"))?;
    if !matches!(attr.meta, Meta::Path(_)) {
        errors.at(attr, "`#[unknown]` takes no arguments: write `#[unknown] Other(u32)`");
    }
    Some(attr)
}

/// The options in all `#[message(…)]` of a type or a variant.
pub(super) fn options(attrs: &[Attribute], errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("message")) {
        let parsed = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("retired") {
                let content;
                syn::parenthesized!(content in meta.input);
                options.retired.extend(Punctuated::<LitInt, Token![,]>::parse_terminated(&content)?);
            } else if meta.path.is_ident("secret") {
                options.secret = meta.path.get_ident().cloned();
            } else if meta.path.is_ident("check") {
                options.check = Some(meta.value()?.parse()?);
            } else {
                let text = "no such option: write `retired(…)`, `secret` or `check = path::to::function`";
                return Err(syn::Error::new(meta.path.span(), text));
            }
            Ok(())
        });
        if let Err(error) = parsed {
            errors.push(error);
        }
    }
    options
}

const ONLY_DEFAULT: &str = "after the number there is room for one word: write `#[tag(1, default)]`";
