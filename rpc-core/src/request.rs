//! The request of a method as a value: what a dispatch table decodes, and what a mock can match on.

use std::fmt;

use crate::{
    AppError, Method,
    tlv::{DecodeBody, DecodeOwned, Encode},
};

/// The arguments of a method, as they are decoded from the buffer `'a`. Written by the attribute, never by hand.
pub trait Request<'a>: DecodeBody<'a> + fmt::Debug {
    /// The method that they are for.
    const METHOD: &'static Method;

    /// The type of the method's value.
    type Reply: Encode + DecodeOwned + 'static;

    /// The type of the method's own error.
    type Error: AppError;
}
