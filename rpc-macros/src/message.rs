//! `#[derive(Message)]` and `#[derive(AppError)]`: from a struct or an enum to its `Encode` and `Decode`.
//!
//! The same stages as the attribute, in files: `attr` → `parse` → `model` → `expand`. All mistakes of a type are
//! reported together; after one the type still gets impls, so that its users add no noise.

mod attr;
mod expand;
mod fallback;
mod model;
mod parse;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;

/// The impls of a message.
pub(crate) fn derive_message(input: &DeriveInput) -> TokenStream {
    derive(input, |_| {})
}

/// The impls of a message that is the error type of methods.
pub(crate) fn derive_app_error(input: &DeriveInput) -> TokenStream {
    let impls = derive(input, |errors| {
        if !matches!(input.data, syn::Data::Enum(_)) {
            errors.at(&input.ident, "an error type is an enum: write one numbered variant for each way to fail");
        }
    });
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #impls

        #[automatically_derived]
        impl #generics ::rpc_core::AppError for #name #arguments #bounds {}
    }
}

fn derive(input: &DeriveInput, more_rules: impl FnOnce(&mut Errors)) -> TokenStream {
    let mut errors = Errors::default();
    more_rules(&mut errors);
    let message = parse::message(input, &mut errors);
    match message {
        Some(message) if errors.is_empty() => expand::message(&message),
        _ => {
            let errors = errors.into_compile_errors();
            let fallback = fallback::impls(input);
            quote! { #errors #fallback }
        }
    }
}
