//! The trait alone, for after a mistake: code that names it then adds no errors of its own to ours.

use quote::ToTokens;
use syn::{FnArg, ItemTrait, Pat, TraitItem, parse_quote};

/// The trait without what the compiler would refuse or warn of a second time.
pub(crate) fn item(mut item: ItemTrait) -> impl ToTokens {
    item.attrs.push(parse_quote!(#[allow(warnings)]));
    for member in &mut item.items {
        let TraitItem::Fn(function) = member else { continue };
        if function.default.is_some() {
            continue;
        }
        for input in &mut function.sig.inputs {
            if let FnArg::Typed(argument) = input
                && !is_name(&argument.pat)
            {
                *argument.pat = parse_quote!(_);
            }
        }
    }
    item
}

/// Whether the compiler takes the pattern in a function without a body.
fn is_name(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Ident(name) if name.mutability.is_none() && name.by_ref.is_none() && name.subpat.is_none())
}
