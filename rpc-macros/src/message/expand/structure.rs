//! A struct: a run of fields as a body, LONG as a field, a group of columns in a table.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Index;

use super::{
    super::model::{Field, Message},
    Names, buffer, fields, impl_borrowing, impl_plain,
};

pub(super) fn impls(message: &Message<'_>, list: &[Field<'_>]) -> TokenStream {
    let names = Names::new();
    let encode = impl_plain(message, &quote!(tlv::Encode), &encode(message, list));
    let encode_body = impl_plain(message, &quote!(tlv::EncodeBody), &encode_body(message, list, &names));
    let decode = impl_borrowing(message, &quote!(tlv::Decode), &decode(message, list));
    let decode_body = impl_borrowing(message, &quote!(tlv::DecodeBody), &decode_body(message, list, &names));
    quote!(#encode #encode_body #decode #decode_body)
}

fn encode(message: &Message<'_>, list: &[Field<'_>]) -> TokenStream {
    let secret = message.secret;
    let shape = if secret {
        quote!(::rpc_core::Shape::Secret)
    } else {
        let name = message.name.to_string();
        let fields = fields::descriptors(message, list);
        quote! {
            const FIELDS: &[::rpc_core::Field] = #fields;
            ::rpc_core::Shape::Message(#name, FIELDS)
        }
    };
    let numbers: Vec<_> = list.iter().map(Field::literal).collect();
    let members: Vec<_> = list.iter().map(|field| &field.member).collect();
    let types: Vec<_> = list.iter().map(|field| field.ty).collect();
    let locals: Vec<_> = (0..list.len()).map(|index| format_ident!("column{index}")).collect();
    let columns = (!list.is_empty()).then(|| {
        quote! {
            let fields = [#((
                #numbers,
                <#types as ::rpc_core::tlv::Encode>::KIND,
                <#types as ::rpc_core::tlv::Encode>::TEXT,
            ),)*];
            let text = ::rpc_core::private::message::encode_walked(&fields, rows.len(), out, |columns| {
                #(let mut #locals = columns.next::<#types>(#numbers);)*
                for (index, row) in ::core::iter::Iterator::enumerate(rows.iter()) {
                    let row = project(row);
                    #(columns.put(&mut #locals, index, &row.#members);)*
                }
            });
            #(::rpc_core::private::message::encode_sized_column(
                #numbers, rows, move |row| &project(row).#members, text, out,
            );)*
        }
    });
    quote! {
        const SECRET: bool = #secret;

        fn shape() -> ::rpc_core::Shape {
            #shape
        }

        fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
            out.message(number, |out| ::rpc_core::tlv::EncodeBody::encode_body(self, out));
        }

        fn encode_column<'r, R, P>(number: u16, rows: &'r [R], project: P, out: &mut ::rpc_core::tlv::Writer<'_>)
        where
            P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
            Self: 'r,
        {
            ::rpc_core::private::message::encode_group(number, rows, project, out);
        }

        #[allow(unused_variables)]
        fn encode_rows<'r, R, P>(rows: &'r [R], project: P, out: &mut ::rpc_core::tlv::Writer<'_>)
        where
            P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
            Self: 'r,
        {
            #columns
        }
    }
}

fn encode_body(message: &Message<'_>, list: &[Field<'_>], names: &Names) -> TokenStream {
    let out = &names.out;
    let place = |field: &Field<'_>| {
        let member = &field.member;
        quote!(&self.#member)
    };
    let write = (!list.is_empty()).then(|| fields::write(message, list, place, names));
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn encode_body(&self, #out: &mut ::rpc_core::tlv::Writer<'_>) {
            #write
        }
    }
}

fn decode(message: &Message<'_>, list: &[Field<'_>]) -> TokenStream {
    let buffer = buffer(message);
    let types: Vec<_> = list.iter().map(|field| field.ty).collect();
    let numbers: Vec<_> = list.iter().map(Field::literal).collect();
    let indexes: Vec<_> = (0..list.len()).map(Index::from).collect();
    let nones = list.iter().map(|_| quote!(::core::option::Option::None));
    let members = list.iter().map(|field| &field.member);
    let next = list.iter().zip(&indexes).map(|(field, index)| {
        let number = field.literal();
        let step = if field.default { quote!(next_or_default) } else { quote!(next_required) };
        quote!(::rpc_core::private::message::#step(&mut columns.#index, #number, input)?)
    });
    let row = checked(message, &quote!(Self { #(#members: #next,)* }));
    quote! {
        type Column = (#(::core::option::Option<<#types as ::rpc_core::tlv::Decode<#buffer>>::Column>,)*);

        fn decode(
            kind: ::rpc_core::tlv::Kind,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            input.message(kind, ::rpc_core::tlv::DecodeBody::decode_body)
        }

        fn open(
            tag: ::rpc_core::tlv::Tag,
            rows: usize,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
            ::rpc_core::private::message::open_group::<Self>(tag, rows, input)
        }

        #[inline]
        #[allow(unused_variables)]
        fn next(
            columns: &mut Self::Column,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            #row
        }

        #[allow(unused_variables)]
        fn next_list(
            columns: &mut Self::Column,
            count: usize,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<::std::vec::Vec<Self>, ::rpc_core::tlv::DecodeError> {
            ::rpc_core::private::message::next_rows(count, || { #row })
        }

        #[allow(unused_mut)]
        fn open_rows(
            rows: usize,
            input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<::core::option::Option<Self::Column>, ::rpc_core::tlv::DecodeError> {
            let mut columns: Self::Column = (#(#nones,)*);
            while let ::core::option::Option::Some(tag) =
                ::rpc_core::private::message::column_tag(rows, input)?
            {
                match tag.number {
                    #(#numbers => {
                        let column = ::rpc_core::private::message::open_column::<#types>(tag, rows, input)?;
                        columns.#indexes = ::core::option::Option::Some(column);
                    })*
                    _ => ::rpc_core::private::message::skip_column(tag, rows, input)?,
                }
            }
            ::core::result::Result::Ok(::core::option::Option::Some(columns))
        }
    }
}

fn decode_body(message: &Message<'_>, list: &[Field<'_>], names: &Names) -> TokenStream {
    let buffer = buffer(message);
    let input = &names.input;
    let read = fields::read(list, &quote!(Self), names);
    let read = match &message.check {
        None => read,
        Some(check) => quote! {
            let read = |#input: &mut ::rpc_core::tlv::Reader<#buffer>| { #read };
            let message = read(#input)?;
            ::rpc_core::private::message::checked(message, #check, #input)
        },
    };
    quote! {
        #[inline]
        fn decode_body(
            #input: &mut ::rpc_core::tlv::Reader<#buffer>,
        ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
            #read
        }
    }
}

/// A value, or the error that it breaks the type's rule.
fn checked(message: &Message<'_>, value: &TokenStream) -> TokenStream {
    match &message.check {
        None => quote!(::core::result::Result::Ok(#value)),
        Some(check) => quote! {
            let row = #value;
            ::rpc_core::private::message::checked(row, #check, input)
        },
    }
}
