//! From the model to the impls. The generated code names the fields in order and calls `rpc_core::private::message` for
//! every step; one file for each kind of type.

mod enumeration;
mod fields;
mod newtype;
mod structure;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, Ident, Lifetime};

use super::model::{Content, Message};

/// The impls of a message.
pub(super) fn message(message: &Message<'_>) -> TokenStream {
    match &message.content {
        Content::Newtype(inner) => newtype::impls(message, inner),
        Content::Struct(fields) => structure::impls(message, fields),
        Content::Enum(variants) => enumeration::impls(message, variants),
    }
}

/// The names of the parameters in the generated functions. Fields may have the same ones, so ours are out of their sight.
struct Names {
    input: Ident,
    out: Ident,
    number: Ident,
    tag: Ident,
}

impl Names {
    fn new() -> Self {
        let name = |name| Ident::new(name, Span::mixed_site());
        Self { input: name("input"), out: name("out"), number: name("number"), tag: name("tag") }
    }
}

/// An impl of a trait that does not name the buffer.
fn impl_plain(message: &Message<'_>, what: &TokenStream, items: &TokenStream) -> TokenStream {
    let name = message.name;
    let (generics, arguments, bounds) = message.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::rpc_core::#what for #name #arguments #bounds {
            #items
        }
    }
}

/// An impl of a trait of the buffer's lifetime, which is that of the message or, if it borrows nothing, any.
fn impl_borrowing(message: &Message<'_>, what: &TokenStream, items: &TokenStream) -> TokenStream {
    let name = message.name;
    let buffer = buffer(message);
    let (_, arguments, bounds) = message.generics.split_for_impl();
    let mut generics: Generics = message.generics.clone();
    if message.lifetime.is_none() {
        generics.params.insert(0, syn::parse_quote!(#buffer));
    }
    let (generics, ..) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::rpc_core::#what<#buffer> for #name #arguments #bounds {
            #items
        }
    }
}

fn buffer(message: &Message<'_>) -> Lifetime {
    message.lifetime.cloned().unwrap_or_else(|| Lifetime::new("'buffer", Span::call_site()))
}

/// A type as it may stand in a constant, where neither a lifetime parameter nor `Self` may.
fn in_constant(tokens: impl ToTokens, message: &Message<'_>) -> TokenStream {
    let name = message.name;
    let own = match message.lifetime {
        Some(_) => quote!(#name<'static>),
        None => quote!(#name),
    };
    let lifetime = message.lifetime.map(|lifetime| &lifetime.ident);
    replace(tokens.to_token_stream(), lifetime, &own)
}

fn replace(tokens: TokenStream, lifetime: Option<&Ident>, own: &TokenStream) -> TokenStream {
    let mut after_tick = false;
    let replaced = tokens.into_iter().map(|token| {
        let is_lifetime = after_tick;
        after_tick = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        match token {
            TokenTree::Ident(ident) if is_lifetime && Some(&ident) == lifetime => {
                Ident::new("static", ident.span()).into_token_stream()
            }
            TokenTree::Ident(ident) if ident == "Self" => own.clone(),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace(group.stream(), lifetime, own));
                inner.set_span(group.span());
                inner.into_token_stream()
            }
            other => other.into_token_stream(),
        }
    });
    replaced.collect()
}
