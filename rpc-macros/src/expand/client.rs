//! The client: implements the very trait, and starts calls without waiting for them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Attribute;

use super::{allow_deprecated, allow_many, cfgs, codec, doc, request, service as descriptor};
use crate::{
    model::{Argument, Method, Service},
    names,
};

/// The client, its functions, and its implementation of the trait.
pub(crate) fn items(service: &Service) -> TokenStream {
    let cfgs: Vec<_> = cfgs(service).collect();
    let (vis, ident) = (&service.item.vis, &service.item.ident);
    let client = names::client(ident);
    let about = doc(&format!("The client of [`{ident}`]: each method is a call over a channel."));
    let about_service = doc(&format!("What [`{ident}`] declares: its numbers and names."));
    let descriptor = descriptor::service(service);
    let starts = service.methods.iter().map(|method| start(service, method));
    let calls = service.methods.iter().map(|method| call(service, method));
    let allow = allow_deprecated(service);
    quote! {
        #(#cfgs)*
        #about
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #vis struct #client {
            stub: ::rpc_core::private::Stub,
        }

        #(#cfgs)*
        impl #client {
            #about_service
            #vis const SERVICE: ::rpc_core::Service = #descriptor;

            /// A client that calls over `channel`.
            #[must_use]
            #vis fn new(channel: ::rpc_core::Channel) -> Self {
                Self { stub: ::rpc_core::private::Stub::new(channel) }
            }

            /// A client of the server at `host:port`, or of the first that answers of several, separated by commas.
            ///
            /// # Errors
            /// None of them can be reached.
            #vis fn connect(
                addresses: &str,
            ) -> ::core::result::Result<Self, ::rpc_core::TransportError> {
                ::core::result::Result::Ok(Self::new(::rpc_core::Channel::connect(addresses)?))
            }

            /// The same client, whose calls have these options, and its own where these say nothing.
            #[must_use]
            #vis fn with(&self, options: ::rpc_core::CallOptions) -> Self {
                Self { stub: self.stub.with(options) }
            }

            #(#starts)*
        }

        #(#cfgs)*
        #allow
        impl #ident for #client {
            #(#calls)*
        }
    }
}

fn start(service: &Service, method: &Method) -> TokenStream {
    let Method { cfgs, docs, ident, reply, error, .. } = method;
    let vis = &service.item.vis;
    let name = names::start(ident);
    let about = doc(&format!("Starts [`{}::{ident}`] and does not wait for its reply.", service.item.ident));
    let blank = docs.iter().any(is_doc).then(|| doc(""));
    let parameters = parameters(method);
    let body = stub(service, method, quote!(start));
    let allow = allow_many(method);
    quote! {
        #(#cfgs)*
        #about
        #blank
        #(#docs)*
        #allow
        #vis fn #name(&self, #parameters) -> ::rpc_core::Pending<#reply, #error> {
            #body
        }
    }
}

fn call(service: &Service, method: &Method) -> TokenStream {
    let Method { cfgs, ident, output, .. } = method;
    let parameters = parameters(method);
    let body = stub(service, method, quote!(call));
    quote! {
        #(#cfgs)*
        fn #ident(&self, #parameters) -> #output {
            #body
        }
    }
}

fn parameters(method: &Method) -> TokenStream {
    let parameters = method.arguments.iter().map(|Argument { ident, ty, .. }| quote!(#ident: #ty));
    quote!(#(#parameters),*)
}

/// Hands the arguments to the channel.
fn stub(service: &Service, method: &Method, function: TokenStream) -> TokenStream {
    let request = names::request(&service.item.ident, &method.ident);
    let elided = request::borrows(method).then(|| quote!(<'_>));
    let arguments = method.arguments.iter().map(codec::passed);
    // Why mixed_site: `out` is not an argument of the user's of the same name.
    let body = if method.arguments.is_empty() {
        quote!(|_| {})
    } else {
        quote_spanned!(Span::mixed_site()=> |out| #request::write(out, #(#arguments),*))
    };
    quote!(self.stub.#function::<#request #elided>(#body))
}

fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}
