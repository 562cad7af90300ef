//! The request of a method as a value: what a dispatch table decodes, and what a mock can match on.

use std::fmt;

use crate::{
    AppError, Error, Method, Result,
    tlv::{DecodeBody, DecodeOwned},
};

/// The arguments of a method, as they are decoded from the buffer `'a`. Written by the attribute, never by hand.
pub trait Request<'a>: DecodeBody<'a> + fmt::Debug {
    /// The method that they are for.
    const METHOD: &'static Method;

    /// The type of the method's value.
    type Reply: DecodeOwned + 'static;

    /// The type of the method's own error.
    type Error: AppError;

    /// What the method returns: `rpc_core::Result` of the two types above, as the trait writes it.
    type Output: Output<Self::Reply, Self::Error>;
}

/// What a method may return: the framework's errors must fit in. Implemented by `rpc_core::Result<T, E>` alone.
#[diagnostic::on_unimplemented(
    message = "a remote method returns `rpc_core::Result<T, E>`",
    label = "this `Result` can't hold the errors of the network",
    note = "add `use rpc_core::Result;` to the module, or write `rpc_core::Result`"
)]
pub trait Output<T, E> {
    /// The value, or why there is none.
    #[doc(hidden)]
    fn from_result(result: Result<T, E>) -> Self;

    /// The value, or why there is none.
    ///
    /// # Errors
    /// There is none.
    #[doc(hidden)]
    fn into_result(self) -> Result<T, E>;
}

impl<T, E> Output<T, E> for std::result::Result<T, Error<E>> {
    fn from_result(result: Self) -> Self {
        result
    }

    fn into_result(self) -> Self {
        self
    }
}
