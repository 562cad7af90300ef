//! One message per method: its arguments as the server decodes them and as a mock may match on them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Type, ext::IdentExt, spanned::Spanned};

use super::{cfgs, codec, doc, service as descriptor};
use crate::{
    model::{Argument, Method, Retry, Service},
    names,
    parse::{inside_option, named},
};

/// The requests of all methods, in the trait's order.
pub(crate) fn items(service: &Service) -> TokenStream {
    service.methods.iter().map(|method| item(service, method)).collect()
}

fn item(service: &Service, method: &Method) -> TokenStream {
    let cfgs: Vec<_> = cfgs(service).chain(&method.cfgs).collect();
    let vis = &service.item.vis;
    let name = names::request(&service.item.ident, &method.ident);
    let about = doc(&format!("The arguments of [`{}::{}`].", service.item.ident, method.ident));
    let lifetime = names::lifetime();
    let generics = borrows(method).then(|| quote!(<#lifetime>));
    let fields = method.arguments.iter().map(|argument| {
        let ident = &argument.ident;
        let about = doc(&format!("The argument `{}`.", ident.unraw()));
        let (ty, _) = named(&argument.shape.decoded, &lifetime);
        // An error of the derive about the field then underlines the argument alone.
        let vis = shown_at(ident.span(), vis.to_token_stream());
        quote!(#about #vis #ident: #ty)
    });
    let constant = descriptor::method(service, method);
    let Method { reply, error, output, .. } = method;
    let cfgs = quote!(#(#cfgs)*);
    let checks = method.arguments.iter().filter_map(|argument| check(&cfgs, method, argument));
    let codec = codec::impls(&cfgs, &name, method);
    quote! {
        #cfgs
        #about
        #[derive(::core::fmt::Debug)]
        #vis struct #name #generics { #(#fields),* }

        #(#checks)*

        #cfgs
        impl<#lifetime> ::rpc_core::Request<#lifetime> for #name #generics {
            const METHOD: &'static ::rpc_core::Method = &#constant;
            type Reply = #reply;
            type Error = #error;
            type Output = #output;
        }

        #codec
    }
}

/// Checks that an argument can cross the wire, and that no secret has a request key: a key is kept with a fingerprint of
/// the request. Secrets inside of messages are found when the dispatch table is made.
fn check(cfgs: &TokenStream, method: &Method, argument: &Argument) -> Option<TokenStream> {
    let ty = &argument.shape.decoded;
    if is_plain(ty) {
        return None;
    }
    if !matches!(method.retry, Retry::Keyed) {
        return Some(quote_spanned! { argument.ty.span()=>
            #cfgs
            const _: () = ::rpc_core::private::has_wire_form::<#ty>();
        });
    }
    let message = format!(
        "`{}` is keyed, so a fingerprint of its arguments is kept, and `{}` is a secret: remove `keyed`",
        method.ident,
        argument.ident.unraw()
    );
    Some(quote_spanned! { argument.ty.span()=>
        #cfgs
        const _: () = if ::rpc_core::private::is_secret::<#ty>() {
            ::core::panic!(#message);
        };
    })
}

/// Whether the type is one of the language's own, which are no secrets.
fn is_plain(ty: &Type) -> bool {
    match inside_option(ty).unwrap_or(ty) {
        Type::Reference(reference) => is_plain(&reference.elem),
        Type::Slice(slice) => is_plain(&slice.elem),
        Type::Path(path) => {
            const PLAIN: [&str; 16] = [
                "bool", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "f32", "f64", "str",
                "String", "char",
            ];
            path.path.get_ident().is_some_and(|ident| PLAIN.iter().any(|plain| ident == plain))
        }
        _ => false,
    }
}

/// The tokens, shown at another place; what they mean stays the same.
fn shown_at(place: Span, tokens: TokenStream) -> TokenStream {
    let shown = tokens.into_iter().map(|mut token| {
        token.set_span(place.resolved_at(token.span()));
        token
    });
    shown.collect()
}

/// Whether the request borrows from the buffer it is decoded from.
pub(crate) fn borrows(method: &Method) -> bool {
    method.arguments.iter().any(|argument| named(&argument.shape.decoded, &names::lifetime()).1)
}
