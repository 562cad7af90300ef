//! Every generated identifier, so that they can be read, and checked for collisions, in one place.

use proc_macro2::Span;
use quote::{format_ident, quote};
use syn::{Ident, Lifetime, ext::IdentExt};

use crate::model::Service;

/// Functions of the client that a method of the same name would hide or be hidden by.
pub(crate) const CLIENT_FUNCTIONS: [&str; 3] = ["new", "connect", "with"];

/// `Grades` gives `GradesClient`.
pub(crate) fn client(service: &Ident) -> Ident {
    format_ident!("{}Client", service.unraw(), span = service.span())
}

/// `Grades` gives `GradesDispatch`.
pub(crate) fn dispatch(service: &Ident) -> Ident {
    format_ident!("{}Dispatch", service.unraw(), span = service.span())
}

/// `Grades` and `add_student` give `GradesAddStudent`.
pub(crate) fn request(service: &Ident, method: &Ident) -> Ident {
    format_ident!("{}{}", service.unraw(), camel_case(&method.unraw().to_string()), span = method.span())
}

/// `add_student` gives `start_add_student`.
pub(crate) fn start(method: &Ident) -> Ident {
    format_ident!("start_{}", method.unraw(), span = method.span())
}

/// The lifetime of what a request borrows from the buffer it was read from.
pub(crate) fn lifetime() -> Lifetime {
    Lifetime::new("'a", Span::mixed_site())
}

/// The type parameter for the handler.
pub(crate) fn handler(service: &Service) -> Ident {
    parameter("H", service)
}

/// The type parameter for what decides who may call.
pub(crate) fn authorizer(service: &Service) -> Ident {
    parameter("Z", service)
}

/// A type parameter that hides neither the trait nor anything that the access rules name.
fn parameter(name: &str, service: &Service) -> Ident {
    let (ident, access) = (&service.item.ident, &service.access);
    let rules = service.methods.iter().map(|method| &method.access);
    let named = quote!(#ident #access #(#rules)*).to_string();
    let mut name = name.to_owned();
    while named.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

/// `GradesBook` gives `grades_book`: what a service is called where its trait gives no name.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_a_person_would_choose() {
        fn check(service: &str, method: &str, request_name: &str, start_name: &str) {
            let (service, method) = (syn::parse_str(service).unwrap(), syn::parse_str(method).unwrap());
            assert_eq!(request(&service, &method), request_name);
            assert_eq!(start(&method), start_name);
        }
        check("Grades", "add_student", "GradesAddStudent", "start_add_student");
        check("Grades", "r#type", "GradesType", "start_type");
        check("Grades", "addMark2", "GradesAddMark2", "start_addMark2");
    }
}
