//! The attribute and the derives of rpc-core.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use syn::parse_macro_input;

mod errors;

mod model;

mod names;

mod attr;

mod parse;

mod validate;

mod expand;

mod message;

#[cfg(test)]
mod snapshot;

#[expect(
    missing_docs,
    reason = "they stand where users find them, at `rpc_core::service`, and their example runs there"
)]
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(arguments.into(), item.into()).into()
}

#[expect(
    missing_docs,
    reason = "they stand where users find them, at `rpc_core::Message`, and their example runs there"
)]
#[proc_macro_derive(Message, attributes(tag, message, unknown))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::derive_message(&parse_macro_input!(item)).into()
}

/// Makes an enum the error type of methods: a message, as `Message` does with the same attributes, that is also an
/// `rpc_core::AppError`. It asks for [`std::error::Error`], so that a failed call has a text; that and `Display` are yours to write.
#[proc_macro_derive(AppError, attributes(tag, message, unknown))]
pub fn derive_app_error(item: TokenStream) -> TokenStream {
    message::derive_app_error(&parse_macro_input!(item)).into()
}
