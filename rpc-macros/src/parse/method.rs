//! One method: who may call it, how often it may be sent, what goes in and what comes out.

use quote::{ToTokens, format_ident};
use syn::{Attribute, FnArg, Ident, Pat, PatType, Receiver, ReceiverKind, Safety, Signature, TraitItemFn};

use super::{FreeOpcodes, argument, reply};
use crate::{
    attr::{self, RpcAttr},
    errors::Errors,
    model::{Argument, Method, Number, Retry},
};

/// Reads a method whose `#[rpc(…)]` has been taken off.
pub(crate) fn method(
    function: TraitItemFn,
    rpc: Option<RpcAttr>,
    free: &mut FreeOpcodes,
    errors: &mut Errors,
) -> Method {
    let ident = function.sig.ident.clone();
    let has_rpc = rpc.is_some();
    let has_words = rpc.as_ref().is_some_and(|rpc| !rpc.unreadable);
    let rpc = rpc.unwrap_or_default();
    let opcode = opcode(&rpc, has_rpc, &ident, free, errors);
    let retry = retry(&rpc, errors);
    modifiers(&function, errors);
    receiver(&function.sig, errors);
    // The uses of a lifetime are the same mistake as its declaration, which is noted by now.
    let names_lifetimes = function.sig.generics.lifetimes().next().is_some();
    let errors = if names_lifetimes { &mut Errors::default() } else { errors };
    let (reply, error) = reply::result(&function.sig, errors);
    Method {
        cfgs: attributes(&function.attrs, &["cfg"]),
        docs: attributes(&function.attrs, &["doc", "deprecated"]),
        opcode,
        retry,
        access: rpc.access,
        slow: rpc.slow.is_some(),
        deadline: rpc.deadline,
        arguments: arguments(&function.sig, errors),
        output: reply::written(&function.sig),
        reply,
        error,
        has_words,
        ident,
    }
}

/// Takes the attributes off a method's arguments: the trait that is emitted has none of ours.
pub(crate) fn clean(function: &mut TraitItemFn) {
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(argument) = input {
            argument.attrs.clear();
        }
    }
}

fn opcode(rpc: &RpcAttr, has_rpc: bool, ident: &Ident, free: &mut FreeOpcodes, errors: &mut Errors) -> Number {
    if let Some(opcode) = &rpc.opcode {
        return opcode.clone();
    }
    let value = free.take();
    match value {
        Some(value) if has_rpc => {
            errors.at(ident, format_args!("`{ident}` has no opcode: write `opcode = {value}`, the next free number"));
        }
        Some(value) => errors.at(
            ident,
            format_args!("`{ident}` has no number on the wire: write `#[rpc(opcode = {value}, …)]` above it"),
        ),
        None => errors.at(ident, "no opcode above those in use is free; begin another service"),
    }
    Number { value: value.unwrap_or(0), tokens: ident.to_token_stream() }
}

fn retry(rpc: &RpcAttr, errors: &mut Errors) -> Retry {
    match (&rpc.idempotent, &rpc.keyed) {
        (None, None) => Retry::NotSent,
        (Some(_), None) => Retry::Idempotent,
        (None, Some(_)) => Retry::Keyed,
        (Some(_), Some(keyed)) => {
            errors.at(
                keyed,
                "`idempotent` and `keyed` exclude each other: keep `idempotent` if running it twice is the same as \
                 once, else `keyed`",
            );
            Retry::Idempotent
        }
    }
}

fn modifiers(function: &TraitItemFn, errors: &mut Errors) {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        errors.at(token, "a remote method blocks until its reply is there: remove `async`");
    }
    if let Some(token) = &signature.constness {
        errors.at(token, "a remote method can't be `const`; remove it");
    }
    if let Safety::Safe(_) | Safety::Unsafe(_) = &signature.safety {
        errors.at(
            &signature.safety,
            "a remote method can't be `unsafe`, nor `safe`: a peer can't keep a promise of memory safety; remove it",
        );
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a remote method is called over the wire, not by an ABI; remove `extern`");
    }
    if let Some(token) = &function.modifiers.defaultness {
        errors.at(token, "a remote method can't be `default`; remove it");
    }
    if !signature.generics.params.is_empty() {
        errors.at(
            &signature.generics,
            "a remote method can't be generic, nor name lifetimes: write concrete types; `&str`, `&T` and `Row<'_>` \
             need no name for their lifetime",
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.at(clause, "a remote method has no `where` clause; remove it");
    }
    if let Some(body) = &function.default {
        errors.at(body, "a remote method has no default body: each side has its own; write `;`");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "a remote method has a fixed number of arguments; write `&[T]`");
    }
}

fn receiver(signature: &Signature, errors: &mut Errors) {
    let Some(receiver) = signature.receiver() else {
        errors.at(&signature.ident, format_args!("`{0}` has no receiver: write `fn {0}(&self, …)`", signature.ident));
        return;
    };
    let why = match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => return,
        ReceiverKind::Reference(_, _, Some(_)) => {
            "calls come in on many threads at once: write `&self`, and keep what changes behind a `Mutex`"
        }
        ReceiverKind::Reference(_, Some(_), None) => "write `&self`: what is lent ends with the call",
        _ => "a call must not use up the client or the handler: write `&self`",
    };
    errors.at(receiver_tokens(receiver), why);
}

fn receiver_tokens(receiver: &Receiver) -> impl ToTokens {
    Receiver { attrs: Vec::new(), ..receiver.clone() }
}

fn arguments(signature: &Signature, errors: &mut Errors) -> Vec<Argument> {
    let typed = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed.clone()),
        FnArg::Receiver(_) => None,
    });
    (1..=u16::MAX).zip(typed).map(|(position, typed)| one_argument(position, typed, errors)).collect()
}

fn one_argument(position: u16, mut typed: PatType, errors: &mut Errors) -> Argument {
    let tag = attr::take_tag(&mut typed.attrs, errors);
    let ident = match &*typed.pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none() => {
            name.ident.clone()
        }
        Pat::Ident(name) => {
            errors.at(name, format_args!("an argument is a plain name here: write `{}`", name.ident));
            name.ident.clone()
        }
        other => {
            errors.at(other, "an argument needs a name, which its field takes: write one instead of the pattern");
            format_ident!("argument_{position}")
        }
    };
    Argument {
        tag: tag.unwrap_or_else(|| Number { value: position, tokens: ident.to_token_stream() }),
        shape: argument::shape(&typed.ty, errors),
        ty: *typed.ty,
        ident,
    }
}

fn attributes(all: &[Attribute], kinds: &[&str]) -> Vec<Attribute> {
    all.iter().filter(|attribute| kinds.iter().any(|kind| attribute.path().is_ident(kind))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_but_a_shared_borrow_of_self_is_refused() {
        fn check(signature: &str, mistakes: usize) {
            let mut errors = Errors::default();
            receiver(&syn::parse_str(signature).unwrap(), &mut errors);
            assert_eq!(errors.texts().len(), mistakes, "{signature}");
        }
        check("fn f(&self)", 0);
        check("fn f()", 1);
        check("fn f(self)", 1);
        check("fn f(mut self)", 1);
        check("fn f(&mut self)", 1);
        check("fn f(&'static self)", 1);
        check("fn f(self: Box<Self>)", 1);
    }
}
