//! Collects every mistake of a trait, so that one build shows all of them.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far. Later stages go on after a mistake, with a stand-in for what was wrong.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    found: Option<syn::Error>,
}

impl Errors {
    /// Notes a mistake in `tokens`: what is wrong, and what to write.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Notes a mistake that carries its own place.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// Whether nothing was wrong.
    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_none()
    }

    /// The mistakes as items that make the compiler show them.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.found.map_or_else(TokenStream::new, syn::Error::into_compile_error)
    }

    /// The texts, for tests.
    #[cfg(test)]
    pub(crate) fn texts(self) -> Vec<String> {
        self.found.into_iter().flatten().map(|error| error.to_string()).collect()
    }
}
