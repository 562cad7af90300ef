//! From the trait's tokens to the model. Each part that is wrong is noted and replaced by a stand-in, so that what
//! follows is still looked at.

mod argument;
mod method;
mod reply;
mod wire_type;

pub(crate) use wire_type::{bare, inside_option, named};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Ident, ItemTrait, LitStr, TraitItem, TraitItemFn, TypeParamBound, ext::IdentExt};

use crate::{
    attr::{RpcAttr, ServiceAttr},
    errors::Errors,
    model::{Number, Service},
    names,
};

/// Reads the trait, with the attribute's arguments.
pub(crate) fn service(arguments: TokenStream, mut item: ItemTrait, errors: &mut Errors) -> Service {
    let attr = ServiceAttr::parse(arguments, errors);
    head(&item, errors);
    let (id, name) = identity(&attr, &item.ident, errors);
    access(&attr, &item.ident, errors);

    let functions = functions(&mut item, errors);
    let mut free = FreeOpcodes::above(functions.iter().filter_map(|(_, rpc)| rpc.as_ref()), &attr.retired);
    let methods = functions.into_iter().map(|(item, rpc)| method::method(item, rpc, &mut free, errors)).collect();
    Service { item, id, name, access: attr.access, retired: attr.retired, methods }
}

/// Opcodes that an error may offer: above all that are or were used, so that none is ever taken twice.
pub(crate) struct FreeOpcodes {
    next: Option<u16>,
}

impl FreeOpcodes {
    fn above<'m>(methods: impl Iterator<Item = &'m RpcAttr>, retired: &[Number]) -> Self {
        let used = methods.filter_map(|rpc| rpc.opcode.as_ref()).chain(retired).map(|number| number.value).max();
        Self { next: used.unwrap_or(0).checked_add(1) }
    }

    /// The next one; each is offered once.
    pub(crate) fn take(&mut self) -> Option<u16> {
        let next = self.next;
        self.next = next.and_then(|number| number.checked_add(1));
        next
    }
}

/// What stands before the braces of the trait.
fn head(item: &ItemTrait, errors: &mut Errors) {
    if let Some(token) = &item.unsafety {
        errors.at(token, "a remote trait can't be `unsafe`: a peer can't keep a promise of memory safety; remove it");
    }
    if let Some(token) = &item.modifiers.auto_token {
        errors.at(token, "a remote trait can't be `auto`; remove it");
    }
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics,
            "a remote trait can't be generic: its types are fixed on the wire; remove the parameters",
        );
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.at(clause, "a remote trait has no `where` clause; remove it");
    }
    for bound in &item.supertraits {
        let allowed = match bound {
            TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().is_some_and(|last| last.ident == "Send" || last.ident == "Sync")
            }
            _ => false,
        };
        if !allowed {
            errors.at(
                bound,
                "the client can't implement this supertrait: only `Send`, `Sync` and `'static` may stand here",
            );
        }
    }
}

/// The number and the name on the wire and in messages.
fn identity(attr: &ServiceAttr, ident: &Ident, errors: &mut Errors) -> (Number, LitStr) {
    let id = attr.id.clone().unwrap_or_else(|| {
        errors.at(ident, "the service has no id: write `id = 0x47`, a number that no other service of a server has");
        Number { value: 0, tokens: ident.to_token_stream() }
    });
    let name = attr.name.clone().unwrap_or_else(|| {
        let name = names::snake_case(&ident.unraw().to_string());
        errors.at(ident, format_args!("the service has no name: write `name = \"{name}\"`"));
        LitStr::new(&name, ident.span())
    });
    (id, name)
}

/// Whether there are access rules: a service says it either way, so that leaving them out can't open it.
fn access(attr: &ServiceAttr, ident: &Ident, errors: &mut Errors) {
    match (&attr.access, &attr.open) {
        (None, None) => errors.at(
            ident,
            "the service does not say who may call it: write `access = Access`, the type of its rules, or `open` if \
             everyone may call everything",
        ),
        (Some(_), Some(open)) => {
            errors.at(open, "`open` and `access` exclude each other; remove `open` to keep the rules");
        }
        _ => {}
    }
}

/// The methods, with their `#[rpc(…)]` taken off; everything else in the braces is refused.
fn functions(item: &mut ItemTrait, errors: &mut Errors) -> Vec<(TraitItemFn, Option<RpcAttr>)> {
    let mut functions = Vec::new();
    for member in &mut item.items {
        match member {
            TraitItem::Fn(function) => {
                let rpc = RpcAttr::take(&mut function.attrs, errors);
                let before = function.clone();
                method::clean(function);
                functions.push((before, rpc));
            }
            TraitItem::Const(constant) => {
                errors.at(constant, "a remote trait holds only methods; move this constant out of it");
            }
            TraitItem::Type(alias) => errors.at(
                alias,
                "a remote trait holds only methods; name the type itself in them instead of an associated type",
            ),
            other => errors.at(other, "a remote trait holds only methods, written out; remove this"),
        }
    }
    functions
}
