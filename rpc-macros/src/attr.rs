//! The arguments of our attributes: `#[service(…)]` on the trait, `#[rpc(…)]` on its methods, `#[tag(…)]` on their
//! arguments. A key is known or an error that lists those that are; a value has one form.

use std::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, Ident, LitInt, LitStr, Meta, Token, Type, ext::IdentExt, parse::Parse, parse::ParseStream,
    parse::Parser, parse_quote, punctuated::Punctuated, token,
};

use crate::{errors::Errors, model::Number};

/// What `#[service(…)]` says.
#[derive(Debug, Default)]
pub(crate) struct ServiceAttr {
    pub(crate) id: Option<Number>,
    pub(crate) name: Option<LitStr>,
    pub(crate) access: Option<Type>,
    pub(crate) open: Option<Ident>,
    pub(crate) retired: Vec<Number>,
}

/// What `#[rpc(…)]` says.
#[derive(Debug, Default)]
pub(crate) struct RpcAttr {
    /// It can't be read, so nothing is known to be missing or too much in it.
    pub(crate) unreadable: bool,
    pub(crate) opcode: Option<Number>,
    pub(crate) access: Option<Expr>,
    pub(crate) idempotent: Option<Ident>,
    pub(crate) keyed: Option<Ident>,
    pub(crate) slow: Option<Ident>,
    pub(crate) deadline: Option<Duration>,
}

/// `key`, `key = value` or `key(value, …)`.
struct Entry {
    key: Ident,
    value: Value,
}

enum Value {
    None,
    Is(TokenStream),
    List(TokenStream),
}

impl ServiceAttr {
    /// For an attribute that can't be read: nothing is missing from it.
    fn stand_in() -> Self {
        let name = LitStr::new("", Span::call_site());
        Self { id: Some(Number::stand_in()), name: Some(name), access: Some(parse_quote!(())), ..Self::default() }
    }

    const KEYS: &str = "`id`, `name`, `access` or `open`, `retired`";

    /// Reads the attribute's arguments.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut attr = Self::default();
        let Some(entries) = entries(arguments, errors) else { return Self::stand_in() };
        for entry in entries {
            match entry.key.to_string().as_str() {
                "id" => attr.id = Some(entry.number("a service's id", "id = 0x47", errors)),
                "name" => {
                    let stand_in = || LitStr::new("", entry.key.span());
                    attr.name = Some(entry.value("a text", "name = \"grades\"", stand_in, errors));
                }
                "access" => {
                    let what = "the type of the access rules";
                    attr.access = Some(entry.value(what, "access = Access", || parse_quote!(()), errors));
                }
                "open" => attr.open = Some(entry.word(errors)),
                "retired" => attr.retired = entry.numbers(errors),
                other => unknown_key(&entry.key, other, Self::KEYS, errors),
            }
        }
        attr
    }
}

impl RpcAttr {
    /// For an attribute that can't be read: nothing is missing from it.
    fn stand_in() -> Self {
        Self { opcode: Some(Number::stand_in()), access: Some(parse_quote!(())), unreadable: true, ..Self::default() }
    }

    const KEYS: &str = "`opcode`, `access`, `idempotent` or `keyed`, `slow`, `deadline`";

    /// Reads the one `#[rpc(…)]` among a method's attributes; none if the method has none.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Self> {
        let mut found = None;
        for attribute in attributes.extract_if(.., |attribute| attribute.path().is_ident("rpc")) {
            if found.is_some() {
                errors.at(&attribute, "a second `#[rpc]` on one method; merge it into the first");
                continue;
            }
            found = Some(Self::parse(&attribute, errors));
        }
        found
    }

    fn parse(attribute: &Attribute, errors: &mut Errors) -> Self {
        let mut attr = Self::default();
        let arguments = match &attribute.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(_) => {
                errors.at(attribute, "the words stand in parentheses: write `#[rpc(opcode = 1)]`");
                return Self::stand_in();
            }
        };
        let Some(entries) = entries(arguments, errors) else { return Self::stand_in() };
        for entry in entries {
            match entry.key.to_string().as_str() {
                "opcode" => attr.opcode = Some(entry.number("an opcode", "opcode = 1", errors)),
                "access" => {
                    let what = "an access rule";
                    attr.access = Some(entry.value(what, "access = Access::Public", || parse_quote!(()), errors));
                }
                "idempotent" => attr.idempotent = Some(entry.word(errors)),
                "keyed" => attr.keyed = Some(entry.word(errors)),
                "slow" => attr.slow = Some(entry.word(errors)),
                "deadline" => attr.deadline = entry.deadline(errors),
                other => unknown_key(&entry.key, other, Self::KEYS, errors),
            }
        }
        attr
    }
}

/// Reads the one `#[tag(n)]` among an argument's attributes, and refuses every other attribute.
pub(crate) fn take_tag(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Number> {
    let mut found = None;
    for attribute in attributes.drain(..) {
        if !attribute.path().is_ident("tag") {
            errors.at(&attribute, "the only attribute of an argument is `#[tag(n)]`; remove this one");
        } else if found.is_some() {
            errors.at(&attribute, "a second `#[tag]` on one argument; remove one");
        } else {
            let tokens = attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
            found = Some(number(&tokens, &attribute, "a tag", "#[tag(2)]", errors));
        }
    }
    found
}

/// The entries of an attribute, each key at most once; none if they can't be told apart.
fn entries(arguments: TokenStream, errors: &mut Errors) -> Option<Vec<Entry>> {
    let entries = match Punctuated::<Entry, Token![,]>::parse_terminated.parse2(arguments) {
        Ok(entries) => entries,
        Err(error) => {
            let message = "expected words with commas between them: `key`, `key = value` or `key(…)`";
            errors.push(syn::Error::new(error.span(), message));
            return None;
        }
    };
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        if kept.iter().any(|other| other.key == entry.key) {
            errors.at(&entry.key, format_args!("`{}` is given twice; remove one", entry.key));
        } else {
            kept.push(entry);
        }
    }
    Some(kept)
}

fn unknown_key(key: &Ident, name: &str, allowed: &str, errors: &mut Errors) {
    errors.at(key, format_args!("unknown key `{name}`; allowed are {allowed}"));
}

impl Entry {
    fn number(&self, what: &str, example: &str, errors: &mut Errors) -> Number {
        match &self.value {
            Value::Is(tokens) => number(tokens, &self.key, what, example, errors),
            Value::None | Value::List(_) => number(&TokenStream::new(), &self.key, what, example, errors),
        }
    }

    fn numbers(&self, errors: &mut Errors) -> Vec<Number> {
        let Value::List(tokens) = &self.value else {
            errors.at(&self.key, "retired opcodes stand in a list: write `retired(9, 12)`");
            return Vec::new();
        };
        match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(list) => list
                .iter()
                .map(|item| number(&item.to_token_stream(), item, "a retired opcode", "retired(9, 12)", errors))
                .collect(),
            Err(error) => {
                let message = "expected numbers with commas between them: write, say, `retired(9, 12)`";
                errors.push(syn::Error::new(error.span(), message));
                Vec::new()
            }
        }
    }

    fn value<T: Parse>(&self, what: &str, example: &str, stand_in: impl FnOnce() -> T, errors: &mut Errors) -> T {
        let found = match &self.value {
            Value::Is(tokens) => tokens.clone(),
            Value::None | Value::List(_) => TokenStream::new(),
        };
        syn::parse2(found.clone()).unwrap_or_else(|_| {
            misfit(&found, &self.key, what, example, errors);
            stand_in()
        })
    }

    fn word(&self, errors: &mut Errors) -> Ident {
        if let Value::Is(value) | Value::List(value) = &self.value {
            let place = if value.is_empty() { &self.key.to_token_stream() } else { value };
            errors.at(place, format_args!("`{0}` takes no value: write just `{0}`", self.key));
        }
        self.key.clone()
    }

    fn deadline(&self, errors: &mut Errors) -> Option<Duration> {
        let found = match &self.value {
            Value::Is(tokens) => tokens.clone(),
            Value::None | Value::List(_) => TokenStream::new(),
        };
        let duration = syn::parse2::<LitStr>(found.clone()).ok().and_then(|text| duration(&text.value()));
        if duration.is_none() {
            let what = "a whole number above 0 with `ms`, `s` or `m`, in quotes";
            misfit(&found, &self.key, what, "deadline = \"2s\"", errors);
        }
        duration
    }
}

/// A number from 1 to 65535. Otherwise an error at `found`, or at `place` if that is nothing; then 0 stands in.
fn number(found: &TokenStream, place: &impl ToTokens, what: &str, example: &str, errors: &mut Errors) -> Number {
    let value = syn::parse2::<LitInt>(found.clone()).and_then(|literal| literal.base10_parse::<u16>());
    let value = value.unwrap_or(0);
    if value == 0 {
        misfit(found, place, &format!("{what}, a number from 1 to 65535"), example, errors);
    }
    Number { value, tokens: found.clone() }
}

fn misfit(found: &TokenStream, place: &impl ToTokens, what: &str, example: &str, errors: &mut Errors) {
    let message = format!("expected {what}: write, say, `{example}`");
    if found.is_empty() {
        errors.at(place, message);
    } else {
        errors.at(found, message);
    }
}

/// `500ms`, `2s`, `1m`. Wire §2.3: a deadline is a u32 of milliseconds, so longer ones can't be said.
fn duration(text: &str) -> Option<Duration> {
    let unit = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (digits, unit) = text.split_at_checked(unit)?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    let millis = digits.parse::<u32>().ok()?.checked_mul(factor)?;
    (millis > 0).then(|| Duration::from_millis(millis.into()))
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            Value::Is(until_comma(input)?)
        } else if input.peek(token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            Value::List(list.parse()?)
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_a_whole_number_and_a_unit() {
        fn check(text: &str, millis: Option<u64>) {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text}");
        }
        check("500ms", Some(500));
        check("2s", Some(2_000));
        check("1m", Some(60_000));
        check("0s", None);
        check("2", None);
        check("s", None);
        check("", None);
        check("2 s", None);
        check("-2s", None);
        check("1.5s", None);
        check("2h", None);
        check("4294967295ms", Some(4_294_967_295));
        check("4294967296ms", None);
        check("71583m", None);
    }
}
