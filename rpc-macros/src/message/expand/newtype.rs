//! A tuple struct of one field: as what it wraps, in every place.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::{super::model::Message, buffer, impl_borrowing, impl_plain};

pub(super) fn impls(message: &Message<'_>, inner: &Type) -> TokenStream {
    let encode = impl_plain(message, &quote!(tlv::Encode), &encode(message, inner));
    let decode = impl_borrowing(message, &quote!(tlv::Decode), &decode(message, inner));
    quote!(#encode #decode)
}

fn encode(message: &Message<'_>, inner: &Type) -> TokenStream {
    let inner = quote!(<#inner as ::rpc_core::tlv::Encode>);
    let secret = message.secret;
    let shape = if secret { quote!(::rpc_core::Shape::Secret) } else { quote!(#inner::shape()) };
    quote! {
        const KIND: ::core::option::Option<::rpc_core::tlv::Kind> = #inner::KIND;
        const SECRET: bool = #secret || #inner::SECRET;
        const TEXT: bool = #inner::TEXT;
        const LIST: ::rpc_core::tlv::ListForm = #inner::LIST;

        fn shape() -> ::rpc_core::Shape {
            #shape
        }

        #[inline]
        fn is_absent(&self) -> bool {
            self.0.is_absent()
        }

        #[inline]
        fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
            self.0.encode(number, out);
        }

        #[inline]
        fn put(&self, place: &mut [u8]) {
            self.0.put(place);
        }

        #[inline]
        fn text(&self) -> &str {
            self.0.text()
        }

        fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut ::rpc_core::tlv::Writer<'_>)
        where
            P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
            Self: 'r,
        {
            #inner::encode_column(number, rows, move |row| &project(row).0, out);
        }

        fn encode_rows<'r, R, P>(rows: &'r [R], project: P, out: &mut ::rpc_core::tlv::Writer<'_>)
        where
            P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
            Self: 'r,
        {
            #inner::encode_rows(rows, move |row| &project(row).0, out);
        }
    }
}

fn decode(message: &Message<'_>, inner: &Type) -> TokenStream {
    let buffer = buffer(message);
    let inner = quote!(<#inner as ::rpc_core::tlv::Decode<#buffer>>);
    let checked = |value: TokenStream| match &message.check {
        None => quote!(#value.map(Self)),
        Some(check) => quote! {
            let value = #value?;
            ::rpc_core::private::message::checked(Self(value), #check, input)
        },
    };
    let decode = checked(quote!(#inner::decode(kind, input)));
    let next = checked(quote!(#inner::next(column, input)));
    let absent = match &message.check {
        None => quote!(#inner::absent().map(Self)),
        Some(check) => quote!(#inner::absent().map(Self).filter(#check)),
    };
    quote! {
        type Column = #inner::Column;

        const OPTIONAL: bool = #inner::OPTIONAL;

        #[inline]
        fn absent() -> ::core::option::Option<Self> {
            #absent
        }

        #[inline]
        fn decode(
            kind: ::rpc_core::tlv::Kind,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            #decode
        }

        fn open(
            tag: ::rpc_core::tlv::Tag,
            rows: usize,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
            #inner::open(tag, rows, input)
        }

        #[inline]
        fn next(
            column: &mut Self::Column,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            #next
        }

        fn open_rows(
            rows: usize,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<::core::option::Option<Self::Column>, ::rpc_core::tlv::DecodeError> {
            #inner::open_rows(rows, input)
        }
    }
}
