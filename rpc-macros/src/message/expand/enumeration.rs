//! An enum: the number of its variant; with the variant's fields, if it has any.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    super::model::{Enum, Field, Message, Variant},
    Names, buffer, fields, impl_borrowing, impl_plain,
};

pub(super) fn impls(message: &Message<'_>, variants: &Enum<'_>) -> TokenStream {
    let names = Names::new();
    let body = if variants.is_number() { encode_number(variants) } else { encode_data(message, variants, &names) };
    let shape = shape(message, variants);
    let encode = impl_plain(message, &quote!(tlv::Encode), &quote!(#shape #body));
    let read = impl_borrowing(message, &quote!(private::message::Variants), &read(message, variants, &names));
    let decode = impl_borrowing(message, &quote!(tlv::Decode), &decode(message));
    quote!(#encode #read #decode)
}

fn shape(message: &Message<'_>, variants: &Enum<'_>) -> TokenStream {
    let secret = message.secret;
    let name = message.name.to_string();
    let rows = variants.variants.iter().map(|variant| {
        let number = variant.literal();
        let name = variant.name.to_string();
        let fields = fields::descriptors(message, &variant.fields);
        quote!((#number, #name, #fields))
    });
    let shape = if secret {
        quote!(::rpc_core::Shape::Secret)
    } else {
        quote! {
            const VARIANTS: &[(u32, &str, &[::rpc_core::Field])] = &[#(#rows,)*];
            ::rpc_core::Shape::Enum(#name, VARIANTS)
        }
    };
    quote! {
        const SECRET: bool = #secret;

        fn shape() -> ::rpc_core::Shape {
            #shape
        }
    }
}

/// No variant has data: the enum is written as a u32 is.
fn encode_number(variants: &Enum<'_>) -> TokenStream {
    let names = variants.variants.iter().map(|variant| variant.name);
    let numbers = variants.variants.iter().map(Variant::literal);
    let unknown = variants.unknown.map(|name| quote!(Self::#name(number) => number,));
    quote! {
        const KIND: ::core::option::Option<::rpc_core::tlv::Kind> = <u32 as ::rpc_core::tlv::Encode>::KIND;

        #[inline]
        fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
            ::rpc_core::private::message::encode_put(number, self, out);
        }

        #[inline]
        fn put(&self, place: &mut [u8]) {
            let number: u32 = match *self {
                #(Self::#names { .. } => #numbers,)*
                #unknown
            };
            ::rpc_core::tlv::Encode::put(&number, place);
        }

        fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut ::rpc_core::tlv::Writer<'_>)
        where
            P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
            Self: 'r,
        {
            ::rpc_core::private::message::encode_put_column(number, rows, project, out);
        }
    }
}

/// Some variants have data: a number alone, or a number and fields.
fn encode_data(message: &Message<'_>, variants: &Enum<'_>, names: &Names) -> TokenStream {
    let Names { number, out, .. } = names;
    let arms = variants.variants.iter().map(|variant| encode_variant(message, variant, names));
    let unknown = variants.unknown.map(|name| {
        quote! {
            Self::#name(unknown) => ::rpc_core::tlv::Encode::encode(unknown, #number, #out),
        }
    });
    quote! {
        fn encode(&self, #number: u16, #out: &mut ::rpc_core::tlv::Writer<'_>) {
            match self {
                #(#arms)*
                #unknown
            }
        }
    }
}

fn encode_variant(message: &Message<'_>, variant: &Variant<'_>, names: &Names) -> TokenStream {
    let Names { number, out, .. } = names;
    let Variant { name, fields: list, .. } = variant;
    let own = variant.literal();
    if list.is_empty() {
        return quote! {
            Self::#name { .. } => <u32 as ::rpc_core::tlv::Encode>::encode(&#own, #number, #out),
        };
    }
    let bindings = list.iter().map(fields::binding);
    let place = |field: &Field<'_>| {
        let local = fields::local(field);
        quote!(#local)
    };
    let write = fields::write(message, list, place, names);
    quote! {
        Self::#name { #(#bindings,)* } => #out.message(#number, |#out| {
            #out.bytes(&u32::to_le_bytes(#own));
            #write
        }),
    }
}

/// From a number, and what follows it, to a value.
fn read(message: &Message<'_>, variants: &Enum<'_>, names: &Names) -> TokenStream {
    let Names { number, input, .. } = names;
    let buffer = buffer(message);
    let arms = variants.variants.iter().map(|variant| {
        let Variant { name, fields: list, .. } = variant;
        let number = variant.literal();
        let read = fields::read(list, &quote!(Self::#name), names);
        quote!(#number => { #read })
    });
    let unknown = match variants.unknown {
        Some(name) => quote! {
            unknown => {
                ::rpc_core::private::message::skip_fields(#input)?;
                ::core::result::Result::Ok(Self::#name(unknown))
            }
        },
        None => quote! {
            _ => ::core::result::Result::Err(::rpc_core::private::message::unknown_variant(#input)),
        },
    };
    let checked = message.check.as_ref().map(|check| {
        quote! {
            let value = read(#input)?;
            ::rpc_core::private::message::checked(value, #check, #input)
        }
    });
    let read = quote!(match #number { #(#arms)* #unknown });
    let body = match checked {
        None => read,
        Some(checked) => quote! {
            let read = |#input: &mut ::rpc_core::tlv::Reader<#buffer>| #read;
            #checked
        },
    };
    quote! {
        fn decode_fields(
            #number: u32,
            #input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            #body
        }
    }
}

fn decode(message: &Message<'_>) -> TokenStream {
    let buffer = buffer(message);
    quote! {
        type Column = ::rpc_core::private::message::EnumColumn<#buffer>;

        #[inline]
        fn decode(
            kind: ::rpc_core::tlv::Kind,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            ::rpc_core::private::message::decode_variant(kind, input)
        }

        fn open(
            tag: ::rpc_core::tlv::Tag,
            rows: usize,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
            ::rpc_core::private::message::open_variant(tag, rows, input)
        }

        #[inline]
        fn next(
            column: &mut Self::Column,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            ::rpc_core::private::message::next_variant(column, input)
        }
    }
}
