//! The server's half: one `match` from opcode to handler, behind the access rules.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use super::{allow_deprecated, cfgs, doc, request};
use crate::{
    model::{Argument, Lend, Method, Service},
    names,
};

/// The dispatch table, what makes it, and its rules.
pub(crate) fn items(service: &Service) -> TokenStream {
    let cfgs: Vec<_> = cfgs(service).collect();
    let (vis, ident) = (&service.item.vis, &service.item.ident);
    let (client, dispatch) = (names::client(ident), names::dispatch(ident));
    let about = doc(&format!("The server's half of [`{ident}`]: a table of its methods in front of a handler."));
    let name = dispatch.to_string();
    let Rules { parameters, bounds, authorizer, access, functions } = Rules::of(service);
    let kept = authorizer.iter().map(|(name, ty)| quote!(#name: #ty));
    let parameter = kept.clone();
    let value = authorizer.iter().map(|(name, _)| name);
    let arms = service.methods.iter().map(|method| arm(service, method));
    let allow = allow_deprecated(service);
    let handler = names::handler(service);
    // Why mixed_site: `request`, `reply` and the others are no names of the user's.
    quote_spanned! { Span::mixed_site()=>
        #(#cfgs)*
        #about
        #vis struct #dispatch #parameters {
            handler: #handler,
            #(#kept,)*
        }

        #(#cfgs)*
        impl #parameters #dispatch #parameters {
            /// Calls go to `handler` once they are allowed.
            #[must_use]
            #vis fn new(handler: #handler #(, #parameter)*) -> Self {
                ::rpc_core::private::refuse_keyed_secrets(&#client::SERVICE);
                Self { handler #(, #value)* }
            }

            #access
        }

        #(#cfgs)*
        impl #parameters ::core::fmt::Debug for #dispatch #parameters {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name).finish_non_exhaustive()
            }
        }

        #(#cfgs)*
        #allow
        impl #bounds ::rpc_core::Dispatch for #dispatch #parameters {
            fn service(&self) -> &'static ::rpc_core::Service {
                &#client::SERVICE
            }

            #functions

            fn dispatch(
                &self,
                method: &'static ::rpc_core::Method,
                body: ::rpc_core::tlv::Reader<'_>,
                reply: &mut ::rpc_core::tlv::Writer<'_>,
            ) -> ::core::result::Result<::rpc_core::Status, ::rpc_core::Refusal> {
                match method.opcode.0 {
                    #(#arms)*
                    _ => ::rpc_core::private::unknown_opcode(),
                }
            }
        }
    }
}

/// The parts that differ between a service with access rules and an open one.
struct Rules {
    /// `<H, Z>`
    parameters: TokenStream,
    /// `<H: Grades + Send + Sync + 'static, Z: Authorize<Access>>`
    bounds: TokenStream,
    /// What decides, and its type.
    authorizer: Option<(Ident, Ident)>,
    /// The table of rules.
    access: TokenStream,
    /// `is_public` and `authorize`.
    functions: TokenStream,
}

impl Rules {
    fn of(service: &Service) -> Self {
        let (ident, h) = (&service.item.ident, names::handler(service));
        let handler = quote!(#h: #ident + ::core::marker::Send + ::core::marker::Sync + 'static);
        let Some(access) = &service.access else {
            return Self {
                parameters: quote!(<#h>),
                bounds: quote!(<#handler>),
                authorizer: None,
                access: TokenStream::new(),
                functions: open(),
            };
        };
        let z = names::authorizer(service);
        Self {
            parameters: quote!(<#h, #z>),
            bounds: quote!(<#handler, #z: ::rpc_core::Authorize<#access>>),
            authorizer: Some((Ident::new("authorizer", Span::mixed_site()), z)),
            access: table(service, access),
            functions: restricted(),
        }
    }
}

/// The access rule of each method, by the opcode that also finds its handler.
fn table(service: &Service, access: &Type) -> TokenStream {
    let arms = service.methods.iter().map(|Method { cfgs, opcode, access, .. }| {
        let opcode = &opcode.tokens;
        quote!(#(#cfgs)* #opcode => #access,)
    });
    quote_spanned! { Span::mixed_site()=>
        fn access(method: &'static ::rpc_core::Method) -> ::core::option::Option<#access> {
            ::core::option::Option::Some(match method.opcode.0 {
                #(#arms)*
                _ => return ::core::option::Option::None,
            })
        }
    }
}

fn restricted() -> TokenStream {
    quote_spanned! { Span::mixed_site()=>
        fn is_public(&self, method: &'static ::rpc_core::Method) -> bool {
            ::rpc_core::private::is_public(&self.authorizer, Self::access(method))
        }

        fn authorize(
            &self,
            method: &'static ::rpc_core::Method,
            call: &mut ::rpc_core::Call,
        ) -> ::core::result::Result<(), ::rpc_core::Refusal> {
            ::rpc_core::private::authorize(&self.authorizer, call, Self::access(method))
        }
    }
}

fn open() -> TokenStream {
    quote_spanned! { Span::mixed_site()=>
        fn is_public(&self, _method: &'static ::rpc_core::Method) -> bool {
            true
        }

        fn authorize(
            &self,
            _method: &'static ::rpc_core::Method,
            _call: &mut ::rpc_core::Call,
        ) -> ::core::result::Result<(), ::rpc_core::Refusal> {
            ::core::result::Result::Ok(())
        }
    }
}

fn arm(service: &Service, method: &Method) -> TokenStream {
    let Method { cfgs, ident, .. } = method;
    let opcode = &method.opcode.tokens;
    let (name, request) = (&service.item.ident, names::request(&service.item.ident, ident));
    let arguments = method.arguments.iter().map(|argument| {
        let Argument { ident, .. } = argument;
        let lent = match argument.shape.lend {
            Lend::AsIs => quote_spanned!(Span::mixed_site()=> request.#ident),
            Lend::Reference => quote_spanned!(Span::mixed_site()=> &request.#ident),
            Lend::AsRef => quote_spanned!(Span::mixed_site()=> request.#ident.as_ref()),
            Lend::AsDeref => quote_spanned!(Span::mixed_site()=> request.#ident.as_deref()),
        };
        quote!(, #lent)
    });
    let binding = if method.arguments.is_empty() { "_request" } else { "request" };
    let binding = Ident::new(binding, Span::mixed_site());
    let elided = request::borrows(method).then(|| quote!(<'_>));
    quote_spanned! { Span::mixed_site()=>
        #(#cfgs)*
        #opcode => ::rpc_core::private::answer(body, reply, |#binding: #request #elided| {
            #name::#ident(&self.handler #(#arguments)*)
        }),
    }
}
