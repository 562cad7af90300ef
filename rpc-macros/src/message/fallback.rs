//! Impls without content for a type with mistakes: whoever uses the type gets no further errors for them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(super) fn impls(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let mut borrowing = input.generics.clone();
    let buffer = match input.generics.lifetimes().next() {
        Some(parameter) => parameter.lifetime.clone(),
        None => {
            let buffer = syn::Lifetime::new("'buffer", proc_macro2::Span::call_site());
            borrowing.params.insert(0, syn::parse_quote!(#buffer));
            buffer
        }
    };
    let (borrowing, ..) = borrowing.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::rpc_core::tlv::Encode for #name #arguments #bounds {
            fn shape() -> ::rpc_core::Shape {
                ::core::unreachable!("the type does not compile")
            }

            fn encode(&self, _: u16, _: &mut ::rpc_core::tlv::Writer<'_>) {}
        }

        #[automatically_derived]
        impl #generics ::rpc_core::tlv::EncodeBody for #name #arguments #bounds {
            fn encode_body(&self, _: &mut ::rpc_core::tlv::Writer<'_>) {}
        }

        #[automatically_derived]
        impl #borrowing ::rpc_core::tlv::Decode<#buffer> for #name #arguments #bounds {
            type Column = ();

            fn decode(
                _: ::rpc_core::tlv::Kind,
                _: &mut ::rpc_core::tlv::Reader<#buffer>,
            ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
                ::core::unreachable!("the type does not compile")
            }

            fn open(
                _: ::rpc_core::tlv::Tag,
                _: usize,
                _: &mut ::rpc_core::tlv::Reader<#buffer>,
            ) -> ::core::result::Result<(), ::rpc_core::tlv::DecodeError> {
                ::core::unreachable!("the type does not compile")
            }

            fn next(
                _: &mut (),
                _: &mut ::rpc_core::tlv::Reader<#buffer>,
            ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
                ::core::unreachable!("the type does not compile")
            }
        }

        #[automatically_derived]
        impl #borrowing ::rpc_core::tlv::DecodeBody<#buffer> for #name #arguments #bounds {
            fn decode_body(
                _: &mut ::rpc_core::tlv::Reader<#buffer>,
            ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
                ::core::unreachable!("the type does not compile")
            }
        }
    }
}
