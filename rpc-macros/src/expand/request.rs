//! One message per method: its arguments as the server decodes them and as a mock may match on them; and how the client
//! writes them without making one.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type, ext::IdentExt, spanned::Spanned};

use super::{cfgs, doc, service as descriptor};
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
        let (ident, number) = (&argument.ident, argument.tag.literal());
        let about = doc(&format!("The argument `{}`.", ident.unraw()));
        let (ty, _) = named(&argument.shape.decoded, &lifetime);
        quote!(#about #[tag(#number)] #vis #ident: #ty)
    });
    let constant = descriptor::method(service, method);
    let (reply, error) = (&method.reply, &method.error);
    let secrets = refuse_secrets(&quote!(#(#cfgs)*), method);
    let write = write(&quote!(#(#cfgs)*), &name, method);
    quote! {
        #(#cfgs)*
        #about
        #[derive(::core::fmt::Debug, ::rpc_core::Message)]
        #vis struct #name #generics { #(#fields),* }

        #(#cfgs)*
        impl<#lifetime> ::rpc_core::Request<#lifetime> for #name #generics {
            const METHOD: &'static ::rpc_core::Method = &#constant;
            type Reply = #reply;
            type Error = #error;
        }

        #secrets
        #write
    }
}

/// A request key is kept with a fingerprint of the request, so a request with a key must hold no secret. Secrets inside of
/// messages are found when the dispatch table is made.
fn refuse_secrets(cfgs: &TokenStream, method: &Method) -> TokenStream {
    if !matches!(method.retry, Retry::Keyed) {
        return TokenStream::new();
    }
    let checks = method.arguments.iter().filter(|argument| !is_plain(&argument.shape.decoded)).map(|argument| {
        let ty = &argument.shape.decoded;
        let message = format!(
            "`{}` is keyed, so a fingerprint of its arguments is kept, and `{}` is a secret: remove `keyed`",
            method.ident, argument.ident
        );
        quote_spanned! { argument.ty.span()=>
            #cfgs
            const _: () = if <#ty as ::rpc_core::tlv::Encode>::SECRET {
                ::core::panic!(#message);
            };
        }
    });
    checks.collect()
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

/// Whether the request borrows from the buffer it is decoded from.
pub(crate) fn borrows(method: &Method) -> bool {
    method.arguments.iter().any(|argument| named(&argument.shape.decoded, &names::lifetime()).1)
}

/// The two passes over the arguments (Wire §4.3): those of fixed size, then the others, each in ascending order.
fn write(cfgs: &TokenStream, name: &Ident, method: &Method) -> Option<TokenStream> {
    if method.arguments.is_empty() {
        return None;
    }
    let elided = borrows(method).then(|| quote!(<'_>));
    let mut ascending: Vec<&Argument> = method.arguments.iter().collect();
    ascending.sort_by_key(|argument| argument.tag.value);
    let pass = |function: &str| {
        let function = Ident::new(function, Span::call_site());
        let lines = ascending.iter().map(|argument| {
            let (number, ident) = (argument.tag.literal(), &argument.ident);
            // Why mixed_site: `out` is not an argument of the user's of the same name.
            quote_spanned!(Span::mixed_site()=> ::rpc_core::private::#function(out, #number, &#ident);)
        });
        lines.collect::<TokenStream>()
    };
    let (fixed, sized) = (pass("write_fixed"), pass("write_sized"));
    let parameters = method.arguments.iter().map(|Argument { ident, ty, .. }| quote!(#ident: #ty));
    let parameters = quote!(#(#parameters),*);
    Some(quote_spanned! { Span::mixed_site()=>
        #cfgs
        impl #name #elided {
            fn write(out: &mut ::rpc_core::tlv::Writer<'_>, #parameters) {
                #fixed
                #sized
            }
        }
    })
}
