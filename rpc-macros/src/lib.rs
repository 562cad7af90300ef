//! The attribute and the derives of rpc-core.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use quote::ToTokens;
use syn::parse_macro_input;

mod errors;

mod message;

/// Turns a trait into a typed remote interface.
#[proc_macro_attribute]
pub fn service(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item = parse_macro_input!(item as syn::ItemTrait);
    for member in &mut item.items {
        if let syn::TraitItem::Fn(method) = member {
            method.attrs.retain(|attr| !attr.path().is_ident("rpc"));
        }
    }
    item.into_token_stream().into()
}

/// Makes a struct or an enum a message.
#[proc_macro_derive(Message, attributes(tag, message, unknown))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::derive_message(&parse_macro_input!(item)).into()
}

/// Makes an enum the error type of methods.
#[proc_macro_derive(AppError, attributes(tag, message, unknown))]
pub fn derive_app_error(item: TokenStream) -> TokenStream {
    message::derive_app_error(&parse_macro_input!(item)).into()
}
