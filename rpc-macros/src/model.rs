//! A service as the macro understands it. Each part keeps the tokens it was read from, so that an error can point at them.
//! After a mistake, a stand-in takes the place of what was wrong: such a model is checked further, but never expanded.

use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use syn::{Attribute, Expr, Ident, ItemTrait, LitStr, Type};

/// A number as it stands in the source.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) value: u16,
    /// What an error about the number underlines.
    pub(crate) tokens: TokenStream,
}

impl Number {
    /// What takes the place of a number that is wrong; it is no number that could be used twice.
    pub(crate) fn stand_in() -> Self {
        Self { value: 0, tokens: TokenStream::new() }
    }

    /// The number as a literal without a suffix.
    pub(crate) fn literal(&self) -> Literal {
        Literal::u16_unsuffixed(self.value)
    }
}

/// A trait with the attribute.
#[derive(Debug)]
pub(crate) struct Service {
    /// The trait without our attributes.
    pub(crate) item: ItemTrait,
    pub(crate) id: Number,
    pub(crate) name: LitStr,
    /// The type of the access rules; none for an open service.
    pub(crate) access: Option<Type>,
    pub(crate) retired: Vec<Number>,
    pub(crate) methods: Vec<Method>,
}

/// A method of the trait.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) ident: Ident,
    /// `cfg` attributes: they go to every item that is generated for the method.
    pub(crate) cfgs: Vec<Attribute>,
    /// Documentation and `deprecated`: they go to the stub.
    pub(crate) docs: Vec<Attribute>,
    pub(crate) opcode: Number,
    /// The rule; there is one exactly if the service is not open.
    pub(crate) access: Option<Expr>,
    pub(crate) retry: Retry,
    pub(crate) slow: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) arguments: Vec<Argument>,
    /// Whether it has an `#[rpc(…)]` that can be read; if not, that is its only mistake about words.
    pub(crate) has_words: bool,
    /// The return type as it is written.
    pub(crate) output: Type,
    /// `T` of `Result<T, E>`.
    pub(crate) reply: Type,
    /// `E` of `Result<T, E>`.
    pub(crate) error: Type,
}

/// When a call may be sent again by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Retry {
    NotSent,
    Idempotent,
    Keyed,
}

/// An argument of a method.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    /// The type as it is written.
    pub(crate) ty: Type,
    pub(crate) tag: Number,
    pub(crate) shape: Shape,
}

/// How an argument is kept between decoding and the handler.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// The type it is decoded into, with lifetimes still elided.
    pub(crate) decoded: Type,
    pub(crate) lend: Lend,
}

/// How the server hands a decoded value to the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lend {
    /// `request.x`
    AsIs,
    /// `&request.x`
    Reference,
    /// `request.x.as_ref()`
    AsRef,
    /// `request.x.as_deref()`
    AsDeref,
}
