//! The client side: makes calls by opcode over a transport.

use std::marker::PhantomData;

use crate::Result;

/// A shared connection to a server, or to several addresses of it.
#[derive(Clone, Debug)]
pub struct Channel;

/// The options of a call: what a caller may say beside the arguments.
#[derive(Clone, Debug)]
pub struct CallOptions;

/// A call that was started and not yet waited for.
#[derive(Debug)]
pub struct Pending<T, E> {
    marker: PhantomData<(T, E)>,
}

impl CallOptions {
    /// No option.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<T, E> Pending<T, E> {
    /// Waits for the reply.
    ///
    /// # Errors
    /// The call failed.
    pub fn wait(self) -> Result<T, E> {
        todo!()
    }
}
