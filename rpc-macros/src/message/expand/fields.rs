//! A run of fields: how it is written, and how it is read. The same for a struct and for a variant with data.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Member};

use super::{
    super::model::{Field, Message},
    Names, in_constant,
};

/// Writes fields: those of fixed size in one piece, then the others. `place` is how a field is reached.
pub(super) fn write(
    message: &Message<'_>,
    fields: &[Field<'_>],
    place: impl Fn(&Field<'_>) -> TokenStream,
    names: &Names,
) -> TokenStream {
    let out = &names.out;
    let numbers: Vec<_> = fields.iter().map(Field::literal).collect();
    let places: Vec<_> = fields.iter().map(place).collect();
    let types = fields.iter().map(|field| in_constant(field.ty, message));
    quote! {
        ::rpc_core::private::message::encode_run::<{
            ::rpc_core::private::message::fixed_bytes(&[
                #((#numbers, <#types as ::rpc_core::tlv::Encode>::KIND),)*
            ])
        }>(#out, |fixed| {
            #(fixed.put(#numbers, #places);)*
        });
        #(::rpc_core::private::message::encode_sized(#out, #numbers, #places);)*
    }
}

/// Reads fields to the end of the message: first as an encoder writes them, then whatever comes in another order.
pub(super) fn read(fields: &[Field<'_>], construct: &TokenStream, names: &Names) -> TokenStream {
    let Names { input, tag, .. } = names;
    if fields.is_empty() {
        return quote! {
            ::rpc_core::private::message::skip_fields(#input)?;
            ::core::result::Result::Ok(#construct {})
        };
    }
    let numbers: Vec<_> = fields.iter().map(Field::literal).collect();
    let members = fields.iter().map(|field| &field.member);
    let locals: Vec<_> = fields.iter().map(local).collect();
    let values = fields.iter().zip(&locals).map(|(field, local)| {
        let number = field.literal();
        if field.default {
            quote!(#local.unwrap_or_default())
        } else {
            quote!(::rpc_core::private::message::required(#local, #number, #input)?)
        }
    });
    quote! {
        #(let mut #locals = ::core::option::Option::None;)*
        #(::rpc_core::private::message::guess_fixed(#numbers, &mut #locals, #input)?;)*
        #(::rpc_core::private::message::guess_sized(#numbers, &mut #locals, #input)?;)*
        while let ::core::option::Option::Some(#tag) = #input.tag()? {
            match #tag.number {
                #(#numbers => {
                    #locals = ::core::option::Option::Some(::rpc_core::private::message::decode_field(#tag, #input)?);
                })*
                _ => #input.skip(#tag.kind)?,
            }
        }
        ::core::result::Result::Ok(#construct { #(#members: #values,)* })
    }
}

/// The descriptors of fields, in a constant.
pub(super) fn descriptors(message: &Message<'_>, fields: &[Field<'_>]) -> TokenStream {
    let numbers = fields.iter().map(Field::literal);
    let names = fields.iter().map(Field::name);
    let types = fields.iter().map(|field| in_constant(field.ty, message));
    quote! {
        &[#(::rpc_core::Field {
            number: #numbers,
            name: #names,
            shape: <#types as ::rpc_core::tlv::Encode>::shape,
        },)*]
    }
}

/// A local variable for a field.
pub(super) fn local(field: &Field<'_>) -> Ident {
    match &field.member {
        Member::Named(name) => name.clone(),
        Member::Unnamed(index) => format_ident!("field{}", index.index),
    }
}

/// A pattern that binds the local variable of a field.
pub(super) fn binding(field: &Field<'_>) -> TokenStream {
    match &field.member {
        Member::Named(name) => quote!(#name),
        Member::Unnamed(index) => {
            let local = local(field);
            quote!(#index: #local)
        }
    }
}
