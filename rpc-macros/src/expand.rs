//! Puts the generated items together. They are thin, constants, structs and one `match`: all logic is in `rpc-core`.
//! Paths are absolute, so that no name of the user's is taken for ours.

mod client;
mod codec;
mod dispatch;
mod plain;
mod request;
mod service;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, ItemTrait};

use crate::{
    errors::Errors,
    model::{Method, Service},
    parse, validate,
};

/// Expands the attribute: the trait with everything beside it; after a mistake, the trait and the errors.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(declared) = syn::parse2::<ItemTrait>(item.clone()) else {
        let message = "`#[service]` makes a remote interface of a trait: put it on a trait";
        errors.push(syn::Error::new(Span::call_site(), message));
        let errors = errors.into_compile_errors();
        return quote!(#item #errors);
    };
    let service = parse::service(arguments, declared, &mut errors);
    validate::service(&service, &mut errors);
    if errors.is_empty() {
        return everything(&service);
    }
    let plain = plain::item(service.item);
    let errors = errors.into_compile_errors();
    quote!(#plain #errors)
}

fn everything(service: &Service) -> TokenStream {
    let item = &service.item;
    let requests = request::items(service);
    let client = client::items(service);
    let dispatch = dispatch::items(service);
    quote! {
        #item
        #requests
        #client
        #dispatch
    }
}

/// The `cfg` attributes of the trait: where it is not, neither is what belongs to it.
fn cfgs(service: &Service) -> impl Iterator<Item = &Attribute> + Clone {
    service.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// A line of documentation.
fn doc(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote!(#[doc = #text])
}

/// A lint would otherwise fire in what is generated for a deprecated method.
fn allow_deprecated(service: &Service) -> Option<TokenStream> {
    let deprecated = |attribute: &Attribute| attribute.path().is_ident("deprecated");
    let any = service.item.attrs.iter().any(deprecated)
        || service.methods.iter().any(|method| method.docs.iter().any(deprecated));
    any.then(|| quote!(#[allow(deprecated)]))
}

/// The trait's author has been told of a long list of arguments once; that is enough.
fn allow_many(method: &Method) -> Option<TokenStream> {
    (method.arguments.len() > 6).then(|| quote!(#[allow(clippy::too_many_arguments)]))
}

/// A type as text, for documents.
fn text(tokens: &impl ToTokens) -> String {
    validate::source_text(tokens)
}
