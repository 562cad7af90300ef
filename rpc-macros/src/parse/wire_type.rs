//! Which types may stand in a signature, as far as their text shows it. Whether a named type has a wire form is the
//! compiler's to find out.

use syn::{GenericArgument, Lifetime, PathArguments, PathSegment, Type, TypePath, TypeReference, spanned::Spanned};

use crate::errors::Errors;

/// The type without parentheses and the invisible groups of macros.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => bare(&paren.elem),
        Type::Group(group) => bare(&group.elem),
        other => other,
    }
}

/// `str` and `[u8]`: what is lent out of the receive buffer itself.
pub(crate) fn is_lendable_bytes(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.is_ident("str"),
        Type::Slice(slice) => matches!(bare(&slice.elem), Type::Path(path) if path.path.is_ident("u8")),
        _ => false,
    }
}

/// `T` of `Option<T>`.
pub(crate) fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = bare(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => match arguments.args.first()? {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

/// `Option<T>` with another `T`; the path stays as it is written.
pub(crate) fn with_inside_option(ty: &Type, inner: Type) -> Type {
    let mut ty = bare(ty).clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        arguments.args = [GenericArgument::Type(inner)].into_iter().collect();
    }
    ty
}

/// Refuses `&mut T` and `&'a T`.
pub(crate) fn shared_and_unnamed(reference: &TypeReference, errors: &mut Errors) {
    if let Some(token) = &reference.mutability {
        errors.at(token, "a peer can't change the caller's value: write `&`, and return what is new");
    } else if let Some(lifetime) = &reference.lifetime {
        errors.at(lifetime, "an argument is lent for the call only: remove the lifetime");
    }
}

pub(crate) fn refuse_nested_option(ty: &Type, errors: &mut Errors) {
    errors.at(
        ty,
        "on the wire `None` and `Some(None)` are the same; write one `Option`, or an enum with a variant for each case",
    );
}

/// Refuses `std::result::Result`, which can't hold the framework's errors.
pub(crate) fn refuse_foreign_result(output: &Type, errors: &mut Errors) {
    if let Type::Path(path) = bare(output)
        && let Some(first) = path.path.segments.first()
        && (first.ident == "std" || first.ident == "core")
    {
        errors.at(&path.path, "this `Result` can't hold the errors of the network: write `rpc_core::Result<T, E>`");
    }
}

/// Refuses a value that a peer can't have; borrows are gone already where they may stand.
pub(crate) fn sendable(ty: &Type, errors: &mut Errors) {
    check(ty, Place::Argument, errors);
}

/// Refuses a value that a peer can't answer with: like [`sendable`], and nothing borrowed at all.
pub(crate) fn owned(ty: &Type, errors: &mut Errors) {
    check(ty, Place::Reply, errors);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Argument,
    Reply,
}

fn check(ty: &Type, place: Place, errors: &mut Errors) {
    match bare(ty) {
        Type::Path(path) => check_path(path, place, errors),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| check(element, place, errors)),
        Type::Array(array) => check(&array.elem, place, errors),
        Type::Reference(_) if place == Place::Argument => errors.at(
            ty,
            "a borrow may stand at the front of an argument or right inside its `Option`, nowhere deeper: write the \
             owned type here, such as `String`",
        ),
        Type::Reference(_) => {
            errors.at(ty, "a reply is made on the other side, so nothing in it can be borrowed: write the owned type");
        }
        Type::Slice(_) => errors.at(ty, "a list has no size of its own: write `&[T]` or `Vec<T>`"),
        Type::ImplTrait(_) | Type::TraitObject(_) => {
            errors.at(ty, "the peer must know the type from the trait alone: write a concrete type");
        }
        _ => errors.at(ty, "this can't cross the wire: write a type that holds its value"),
    }
}

fn check_path(path: &TypePath, place: Place, errors: &mut Errors) {
    if let Some(why) = refused_name(path) {
        errors.at(path, why);
        return;
    }
    if path.qself.is_some() {
        errors.at(path, "write the type that this stands for");
        return;
    }
    let inner = inside_option(&Type::Path(path.clone())).cloned();
    if inner.as_ref().is_some_and(|inner| inside_option(inner).is_some()) {
        refuse_nested_option(&Type::Path(path.clone()), errors);
        return;
    }
    path.path.segments.iter().for_each(|segment| check_segment(segment, place, errors));
}

fn check_segment(segment: &PathSegment, place: Place, errors: &mut Errors) {
    match &segment.arguments {
        PathArguments::None => {}
        PathArguments::Parenthesized(_) => errors.at(segment, "a function can't cross the wire; send what it needs"),
        PathArguments::AngleBracketed(arguments) => {
            for argument in &arguments.args {
                match argument {
                    // The one type that text without a size of its own may stand in.
                    GenericArgument::Type(ty) if segment.ident == "Cow" && is_lendable_bytes(bare(ty)) => {}
                    GenericArgument::Type(ty) => check(ty, place, errors),
                    GenericArgument::Lifetime(lifetime) => check_lifetime(lifetime, place, errors),
                    _ => {}
                }
            }
        }
    }
}

fn check_lifetime(lifetime: &Lifetime, place: Place, errors: &mut Errors) {
    if place == Place::Reply {
        errors.at(lifetime, "a reply is made on the other side, so nothing in it can be borrowed: write an owned type");
    } else if lifetime.ident != "_" {
        errors.at(lifetime, "an argument is lent for the call only: write `'_`");
    }
}

fn refused_name(path: &TypePath) -> Option<&'static str> {
    if path.path.segments.first().is_some_and(|first| first.ident == "Self") {
        return Some("`Self` is another type on each side: write a type that both know");
    }
    match path.path.get_ident()?.to_string().as_str() {
        "str" => Some("text has no size of its own: write `&str` or `String`"),
        "usize" => Some("`usize` has another width on each machine: write `u32` or `u64`"),
        "isize" => Some("`isize` has another width on each machine: write `i32` or `i64`"),
        _ => None,
    }
}

/// The type with every elided lifetime named: what a field of a request needs. Also whether there was one.
pub(crate) fn named(ty: &Type, lifetime: &Lifetime) -> (Type, bool) {
    let mut ty = ty.clone();
    let borrows = name(&mut ty, lifetime);
    (ty, borrows)
}

fn name(ty: &mut Type, lifetime: &Lifetime) -> bool {
    match ty {
        Type::Reference(reference) => {
            reference.lifetime = Some(at(lifetime, reference.and_token.span()));
            name(&mut reference.elem, lifetime);
            true
        }
        Type::Paren(paren) => name(&mut paren.elem, lifetime),
        Type::Group(group) => name(&mut group.elem, lifetime),
        Type::Array(array) => name(&mut array.elem, lifetime),
        Type::Slice(slice) => name(&mut slice.elem, lifetime),
        Type::Tuple(tuple) => tuple.elems.iter_mut().fold(false, |found, element| name(element, lifetime) | found),
        Type::Path(path) => {
            path.path.segments.iter_mut().fold(false, |found, segment| name_segment(segment, lifetime) | found)
        }
        _ => false,
    }
}

fn name_segment(segment: &mut PathSegment, lifetime: &Lifetime) -> bool {
    let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { return false };
    arguments.args.iter_mut().fold(false, |found, argument| {
        found
            | match argument {
                GenericArgument::Type(ty) => name(ty, lifetime),
                GenericArgument::Lifetime(elided) => {
                    *elided = at(lifetime, elided.span());
                    true
                }
                _ => false,
            }
    })
}

/// The lifetime, shown at the place of the one it stands for.
fn at(lifetime: &Lifetime, place: proc_macro2::Span) -> Lifetime {
    Lifetime::new(&lifetime.to_string(), place.resolved_at(lifetime.span()))
}
