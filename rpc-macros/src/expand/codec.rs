//! Arguments ↔ bytes (Wire §6). The client writes them from where they are, without making a request of them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use super::{allow_many, request};
use crate::{
    model::{Argument, Lend, Method},
    names,
    parse::bare,
};

/// How a request is written and read.
pub(crate) fn impls(cfgs: &TokenStream, name: &Ident, method: &Method) -> TokenStream {
    let borrows = request::borrows(method);
    let lifetime = names::lifetime();
    let generics = borrows.then(|| quote!(<#lifetime>));
    let elided = borrows.then(|| quote!(<'_>));
    let (write, encode, decode) = if method.arguments.is_empty() {
        (TokenStream::new(), quote!(_out), decode_nothing())
    } else {
        (write(cfgs, name, elided.as_ref(), method), quote_spanned!(Span::mixed_site()=> out), decode(method))
    };
    let lent = method.arguments.iter().map(lent);
    let body =
        (!method.arguments.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> Self::write(out #(, #lent)*);));
    // Why mixed_site: `out` and `input` are no names of the user's.
    quote_spanned! { Span::mixed_site()=>
        #write

        #cfgs
        impl ::rpc_core::tlv::EncodeBody for #name #elided {
            fn encode_body(&self, #encode: &mut ::rpc_core::tlv::Writer<'_>) {
                #body
            }
        }

        #cfgs
        impl<#lifetime> ::rpc_core::tlv::DecodeBody<#lifetime> for #name #generics {
            fn decode_body(
                input: &mut ::rpc_core::tlv::Reader<#lifetime>,
            ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
                #decode
            }
        }
    }
}

/// What a stub passes to `write`.
pub(crate) fn passed(argument: &Argument) -> TokenStream {
    let ident = &argument.ident;
    if is_passed_on(argument) { quote!(#ident) } else { quote!(&#ident) }
}

/// What a request passes to `write`.
fn lent(argument: &Argument) -> TokenStream {
    let ident = &argument.ident;
    let whole = quote_spanned!(Span::mixed_site()=> self.#ident);
    match argument.shape.lend {
        Lend::AsRef => quote!(#whole.as_ref()),
        Lend::AsDeref => quote!(#whole.as_deref()),
        Lend::AsIs if is_passed_on(argument) => whole,
        Lend::AsIs | Lend::Reference => quote!(&#whole),
    }
}

/// Whether the argument is a borrow already, so that `write` takes it as it is.
fn is_passed_on(argument: &Argument) -> bool {
    matches!(bare(&argument.ty), Type::Reference(_)) || matches!(argument.shape.lend, Lend::AsRef | Lend::AsDeref)
}

/// The two passes over the arguments (Wire §4.3): those of fixed size, then the others, each in ascending order.
fn write(cfgs: &TokenStream, name: &Ident, elided: Option<&TokenStream>, method: &Method) -> TokenStream {
    let parameters = method.arguments.iter().map(|argument| {
        let Argument { ident, ty, .. } = argument;
        if is_passed_on(argument) { quote!(#ident: #ty) } else { quote!(#ident: &#ty) }
    });
    let ascending = ascending(method);
    let pass = |step: &str| {
        let step = Ident::new(step, Span::call_site());
        let lines = ascending.iter().map(|argument| {
            let (number, ident) = (argument.tag.literal(), &argument.ident);
            let (ty, value) = match bare(&argument.ty) {
                Type::Reference(reference) => (&*reference.elem, quote!(#ident)),
                ty if is_passed_on(argument) => (ty, quote!(&#ident)),
                ty => (ty, quote!(#ident)),
            };
            quote_spanned! { Span::mixed_site()=>
                ::rpc_core::private::argument::<#ty>().#step(out, #number, #value);
            }
        });
        lines.collect::<TokenStream>()
    };
    let (fixed, sized) = (pass("write_fixed"), pass("write_sized"));
    let allow = allow_many(method);
    quote_spanned! { Span::mixed_site()=>
        #cfgs
        impl #name #elided {
            #allow
            fn write(out: &mut ::rpc_core::tlv::Writer<'_> #(, #parameters)*) {
                #fixed
                #sized
            }
        }
    }
}

/// Takes the arguments first where an encoder puts them, then whatever comes in another order.
fn decode(method: &Method) -> TokenStream {
    let ascending = ascending(method);
    let steps = |step: &str| {
        let step = Ident::new(step, Span::call_site());
        let lines = ascending.iter().map(|argument| {
            let (number, ident, ty) = (argument.tag.literal(), &argument.ident, &argument.shape.decoded);
            quote_spanned! { Span::mixed_site()=>
                ::rpc_core::private::argument::<#ty>().#step(input, #number, &mut #ident)?;
            }
        });
        lines.collect::<TokenStream>()
    };
    let (fixed, sized) = (steps("guess_fixed"), steps("guess_sized"));
    let idents = ascending.iter().map(|argument| &argument.ident);
    let arms = ascending.iter().map(|argument| {
        let (number, ident, ty) = (argument.tag.literal(), &argument.ident, &argument.shape.decoded);
        quote_spanned! { Span::mixed_site()=>
            #number => #ident = ::rpc_core::private::argument::<#ty>().read(input, tag)?,
        }
    });
    let values = method.arguments.iter().map(|argument| {
        let (number, ident, ty) = (argument.tag.literal(), &argument.ident, &argument.shape.decoded);
        quote_spanned! { Span::mixed_site()=>
            #ident: ::rpc_core::private::argument::<#ty>().required(input, #number, #ident)?
        }
    });
    quote_spanned! { Span::mixed_site()=>
        #(let mut #idents = ::core::option::Option::None;)*
        #fixed
        #sized
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                #(#arms)*
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self { #(#values),* })
    }
}

fn decode_nothing() -> TokenStream {
    quote_spanned! { Span::mixed_site()=>
        ::rpc_core::private::message::skip_fields(input)?;
        ::core::result::Result::Ok(Self {})
    }
}

fn ascending(method: &Method) -> Vec<&Argument> {
    let mut arguments: Vec<&Argument> = method.arguments.iter().collect();
    arguments.sort_by_key(|argument| argument.tag.value);
    arguments
}
