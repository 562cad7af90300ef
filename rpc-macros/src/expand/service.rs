//! Descriptors: what the trait declares, as constants.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use super::request;
use crate::{
    model::{Argument, Method, Retry, Service},
    names,
};

/// The value of `SERVICE`.
pub(crate) fn service(service: &Service) -> TokenStream {
    let (id, name) = (&service.id.tokens, &service.name);
    let open = service.access.is_none();
    let mut methods: Vec<&Method> = service.methods.iter().collect();
    methods.sort_by_key(|method| method.opcode.value);
    let methods = methods.into_iter().map(|method| {
        let cfgs = &method.cfgs;
        let request = names::request(&service.item.ident, &method.ident);
        let elided = request::borrows(method).then(|| quote!(<'_>));
        quote!(#(#cfgs)* *<#request #elided as ::rpc_core::Request<'_>>::METHOD)
    });
    let mut retired: Vec<_> = service.retired.iter().collect();
    retired.sort_by_key(|number| number.value);
    let retired = retired.into_iter().map(|number| &number.tokens);
    quote! {
        ::rpc_core::Service {
            id: ::rpc_core::ServiceId(#id),
            name: #name,
            open: #open,
            methods: &[#(#methods),*],
            retired: &[#(::rpc_core::Opcode(#retired)),*],
        }
    }
}

/// The value of a request's `METHOD`.
pub(crate) fn method(service: &Service, method: &Method) -> TokenStream {
    let (id, opcode) = (&service.id.tokens, &method.opcode.tokens);
    let name = method.ident.unraw().to_string();
    let retry = match method.retry {
        Retry::NotSent => quote!(NotSent),
        Retry::Idempotent => quote!(Idempotent),
        Retry::Keyed => quote!(Keyed),
    };
    let slow = method.slow;
    let deadline = match method.deadline.map(|deadline| deadline.as_millis()) {
        Some(millis) => {
            let millis = Literal::u128_unsuffixed(millis);
            quote!(::core::option::Option::Some(::core::time::Duration::from_millis(#millis)))
        }
        None => quote!(::core::option::Option::None),
    };
    let access = method.access.as_ref().map(super::text).unwrap_or_default();
    let mut arguments: Vec<&Argument> = method.arguments.iter().collect();
    arguments.sort_by_key(|argument| argument.tag.value);
    let arguments = arguments.into_iter().map(field);
    quote! {
        ::rpc_core::Method {
            service: ::rpc_core::ServiceId(#id),
            opcode: ::rpc_core::Opcode(#opcode),
            name: #name,
            retry: ::rpc_core::Retry::#retry,
            slow: #slow,
            deadline: #deadline,
            access: #access,
            arguments: &[#(#arguments),*],
            reply: ::rpc_core::private::reply_shape::<Self>,
            error: ::rpc_core::private::error_shape::<Self>,
        }
    }
}

fn field(argument: &Argument) -> TokenStream {
    let number = argument.tag.literal();
    let name = argument.ident.unraw().to_string();
    let ty = &argument.shape.decoded;
    quote! {
        ::rpc_core::Field { number: #number, name: #name, shape: || ::rpc_core::private::argument::<#ty>().shape() }
    }
}
