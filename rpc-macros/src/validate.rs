//! Rules between the parts of a trait: numbers that must differ, names that must not meet.

use std::collections::HashMap;

use quote::ToTokens;
use syn::ext::IdentExt;

use crate::{
    errors::Errors,
    model::{Method, Number, Service},
    names,
};

/// Notes every broken rule.
pub(crate) fn service(service: &Service, errors: &mut Errors) {
    name(service, errors);
    retired(service, errors);
    opcodes(service, errors);
    access(service, errors);
    method_names(service, errors);
    generated_names(service, errors);
    service.methods.iter().for_each(|method| tags(method, errors));
}

/// A name that can stand in a message, a file name and a command line.
fn name(service: &Service, errors: &mut Errors) {
    let name = service.name.value();
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-.".contains(letter);
    if !name.is_empty() && !name.chars().all(fits) {
        errors.at(
            &service.name,
            format_args!(
                "a service's name is of small letters, digits, `_`, `-` and `.`: write `name = \"{}\"`",
                names::snake_case(&service.item.ident.unraw().to_string())
            ),
        );
    }
}

fn retired(service: &Service, errors: &mut Errors) {
    for (first, second) in twice(service.retired.iter()) {
        errors.at(&second.tokens, format_args!("{} stands here twice; remove one", first.value));
    }
}

/// Each opcode names one method, for ever.
fn opcodes(service: &Service, errors: &mut Errors) {
    for (first, second) in twice(service.methods.iter().map(|method| &method.opcode)) {
        let free = next_free(service);
        errors.at(&second.tokens, format_args!("opcode {} is used twice: write {free}", second.value));
        errors.at(&first.tokens, format_args!("opcode {} is used here first", first.value));
    }
    for method in &service.methods {
        let opcode = &method.opcode;
        if opcode.value != 0 && service.retired.iter().any(|retired| retired.value == opcode.value) {
            let free = next_free(service);
            errors.at(
                &opcode.tokens,
                format_args!(
                    "opcode {} is retired: old peers still mean another method by it; write {free}",
                    opcode.value
                ),
            );
        }
    }
}

fn next_free(service: &Service) -> String {
    let used = service.methods.iter().map(|method| &method.opcode).chain(&service.retired);
    let highest = used.map(|number| number.value).max().unwrap_or(0);
    highest.checked_add(1).map_or_else(|| "a number that is not in use".to_owned(), |free| free.to_string())
}

/// A method that does not say who may call it does not compile.
fn access(service: &Service, errors: &mut Errors) {
    for method in service.methods.iter().filter(|method| method.has_words) {
        match (&service.access, &method.access) {
            (Some(access), None) => {
                let access = source_text(access);
                errors.at(
                    &method.ident,
                    format_args!("`{}` does not say who may call it: write `access = {access}::…`", method.ident),
                );
            }
            (None, Some(rule)) => errors.at(
                rule,
                "the service has no access rules: remove this, or name their type with `access = …` on the trait",
            ),
            _ => {}
        }
    }
}

fn method_names(service: &Service, errors: &mut Errors) {
    let client = names::client(&service.item.ident);
    for method in &service.methods {
        let name = method.ident.unraw().to_string();
        if names::CLIENT_FUNCTIONS.contains(&name.as_str()) {
            errors.at(&method.ident, format_args!("`{client}::{name}` is generated; give the method another name"));
        }
        let started = service.methods.iter().find(|other| names::start(&other.ident) == name);
        if let Some(other) = started {
            errors.at(
                &method.ident,
                format_args!(
                    "`{client}::{name}` is generated to start `{}`; give one of the two another name",
                    other.ident
                ),
            );
        }
    }
}

/// The types beside the trait must differ from each other.
fn generated_names(service: &Service, errors: &mut Errors) {
    let mut taken = HashMap::from([
        (names::client(&service.item.ident).to_string(), "the client".to_owned()),
        (names::dispatch(&service.item.ident).to_string(), "the dispatch table".to_owned()),
    ]);
    for method in &service.methods {
        let name = names::request(&service.item.ident, &method.ident).to_string();
        if let Some(other) = taken.get(&name) {
            errors.at(
                &method.ident,
                format_args!("the request would be called `{name}`, as {other} is; give the method another name"),
            );
        }
        taken.entry(name).or_insert_with(|| format!("the request of `{}`", method.ident));
    }
}

/// Each tag names one argument of its method.
fn tags(method: &Method, errors: &mut Errors) {
    for (first, second) in twice(method.arguments.iter().map(|argument| &argument.tag)) {
        let message = format!("tag {} is used twice in `{}`", first.value, method.ident);
        errors.at(&second.tokens, format_args!("{message}: write `#[tag({})]`", next_tag(method)));
        errors.at(&first.tokens, format_args!("tag {} is used here first", first.value));
    }
}

fn next_tag(method: &Method) -> u32 {
    let highest = method.arguments.iter().map(|argument| argument.tag.value).max().unwrap_or(0);
    u32::from(highest).saturating_add(1)
}

/// Numbers that stood before, each with its first place. 0 stands in for a number that was wrong, and is never one.
fn twice<'n>(numbers: impl Iterator<Item = &'n Number>) -> Vec<(&'n Number, &'n Number)> {
    let mut first: HashMap<u16, &Number> = HashMap::new();
    let mut found = Vec::new();
    for number in numbers.filter(|number| number.value != 0) {
        match first.get(&number.value) {
            Some(earlier) => found.push((*earlier, number)),
            None => {
                first.insert(number.value, number);
            }
        }
    }
    found
}

/// Tokens as a person writes them, for paths.
pub(crate) fn source_text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(" :: ", "::").replace(":: ", "::")
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;
    use crate::parse;

    fn check(arguments: TokenStream, item: TokenStream, mistakes: usize) {
        let mut errors = Errors::default();
        let model = parse::service(arguments, syn::parse2(item.clone()).unwrap(), &mut errors);
        assert!(errors.is_empty(), "{item}: {:?}", errors.texts());
        service(&model, &mut errors);
        assert_eq!(errors.texts().len(), mistakes, "{item}");
    }

    /// An open service of these methods.
    fn check_methods(methods: TokenStream, mistakes: usize) {
        check(quote!(id = 1, name = "desk", open, retired(7)), quote!(trait Desk { #methods }), mistakes);
    }

    #[test]
    fn opcodes_are_compared_as_numbers_over_all_methods() {
        let method = |opcode: &str, name: &str| -> TokenStream {
            format!("#[rpc(opcode = {opcode})] fn {name}(&self) -> Result<(), E>;").parse().unwrap()
        };
        let check = |opcodes: &[&str], mistakes| {
            let methods = opcodes.iter().zip(["a", "b", "c"]).map(|(opcode, name)| method(opcode, name));
            check_methods(methods.collect(), mistakes);
        };
        check(&[], 0);
        check(&["1", "2", "65535"], 0);
        check(&["1", "0x1"], 2); // one error at each of the two places
        check(&["1", "2", "1u16"], 2);
        check(&["3", "3", "3"], 4);
        check(&["7"], 1);
        check(&["7", "7"], 4);
    }

    #[test]
    fn generated_names_may_not_meet() {
        let check = |names: &[&str], mistakes| {
            let methods = (1_u16..).zip(names).map(|(opcode, name)| -> TokenStream {
                format!("#[rpc(opcode = {opcode})] fn {name}(&self) -> Result<(), E>;").parse().unwrap()
            });
            check_methods(methods.collect(), mistakes);
        };
        check(&["ring", "start", "starting"], 0);
        check(&["new"], 1);
        check(&["with", "connect"], 2);
        check(&["start_ring", "ring"], 1);
        check(&["r#type", "start_type"], 1);
        check(&["start_ring"], 0);
        check(&["ring_bell", "ringBell", "ring__bell"], 2);
        check(&["client", "dispatch"], 2);
    }

    #[test]
    fn tags_are_compared_within_their_method() {
        let check = |arguments: &str, mistakes| {
            let method: TokenStream =
                format!("#[rpc(opcode = 1)] fn f(&self, {arguments}) -> Result<(), E>;").parse().unwrap();
            check_methods(method, mistakes);
        };
        check("a: u8, b: u8", 0);
        check("#[tag(2)] a: u8, #[tag(1)] b: u8", 0);
        check("#[tag(2)] a: u8, b: u8", 2);
        check("#[tag(9)] a: u8, #[tag(9)] b: u8, #[tag(9)] c: u8", 4);
    }

    #[test]
    fn every_method_of_a_service_with_rules_has_one() {
        let item = quote! {
            trait Desk {
                #[rpc(opcode = 1, access = A::Public)]
                fn a(&self) -> Result<(), E>;
                #[rpc(opcode = 2)]
                fn b(&self) -> Result<(), E>;
            }
        };
        check(quote!(id = 1, name = "desk", access = A), item.clone(), 1);
        check(quote!(id = 1, name = "desk", open), item, 1);
    }
}
