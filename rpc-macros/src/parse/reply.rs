//! What a method returns: `Result<T, E>` with exactly two types, which own what they hold.

use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, parse_quote};

use super::wire_type;
use crate::errors::Errors;

const EXPECTED: &str =
    "a call over a network can always fail: write `-> rpc_core::Result<T, E>`, with `E` the method's own error";

/// `T` and `E` of `Result<T, E>`.
pub(crate) fn result(signature: &Signature, errors: &mut Errors) -> (Type, Type) {
    let stand_in = || (parse_quote!(()), parse_quote!(()));
    let ReturnType::Type(_, output) = &signature.output else {
        errors.at(&signature.ident, format_args!("`{}` returns nothing: {EXPECTED}", signature.ident));
        return stand_in();
    };
    let Some((reply, error)) = two_types(wire_type::bare(output)) else {
        errors.at(output, EXPECTED);
        return stand_in();
    };
    wire_type::refuse_foreign_result(output, errors);
    wire_type::owned(reply, errors);
    wire_type::owned(error, errors);
    (reply.clone(), error.clone())
}

/// The return type as it is written.
pub(crate) fn written(signature: &Signature) -> Type {
    match &signature.output {
        ReturnType::Type(_, output) => (**output).clone(),
        ReturnType::Default => parse_quote!(()),
    }
}

fn two_types(output: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = output else { return None };
    let last = path.path.segments.last().filter(|last| path.qself.is_none() && last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut arguments = arguments.args.iter();
    match (arguments.next()?, arguments.next()?, arguments.next()) {
        (GenericArgument::Type(reply), GenericArgument::Type(error), None) => Some((reply, error)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn only_a_result_of_two_owned_types_is_taken() {
        fn check(output: &str, expected: Option<(&str, &str)>) {
            let mut errors = Errors::default();
            let signature: Signature = syn::parse_str(&format!("fn f(&self) {output}")).unwrap();
            let (reply, error) = result(&signature, &mut errors);
            let found = (reply.to_token_stream().to_string(), error.to_token_stream().to_string());
            assert_eq!(errors.is_empty(), expected.is_some(), "{output}");
            if let Some((reply, error)) = expected {
                assert_eq!(found, (reply.to_owned(), error.to_owned()), "{output}");
            }
        }
        check("-> Result<u8, E>", Some(("u8", "E")));
        check("-> rpc_core::Result<(), E>", Some(("()", "E")));
        check("-> ::rpc_core::Result<Vec<T>, crate::E>", Some(("Vec < T >", "crate :: E")));
        check("", None);
        check("-> u8", None);
        check("-> Result<u8>", None);
        check("-> Result<u8, E, F>", None);
        check("-> Option<u8>", None);
        check("-> std::result::Result<u8, E>", None);
        check("-> Result<&str, E>", None);
        check("-> Result<Row<'_>, E>", None);
        check("-> Result<impl Iterator, E>", None);
    }
}
