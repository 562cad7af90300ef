//! What the attribute writes down about a service besides code: its numbers, its methods, the names of its fields. The
//! server looks a method up here before it reads a body; dumps, documents and tests read the rest.

use std::time::Duration;

use crate::{Opcode, ServiceId};

/// A service as its trait declares it.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The number on the wire.
    pub id: ServiceId,
    /// The name in messages and documents.
    pub name: &'static str,
    /// Whether the service asks for no access rule at all.
    pub open: bool,
    /// The methods, ascending by opcode.
    pub methods: &'static [Method],
    /// Opcodes that were used once and never will be again.
    pub retired: &'static [Opcode],
}

/// A method as its trait declares it.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// The number of the service it belongs to.
    pub service: ServiceId,
    /// The number on the wire.
    pub opcode: Opcode,
    /// The name in the trait.
    pub name: &'static str,
    /// When a call may be sent again by itself.
    pub retry: Retry,
    /// Whether the call runs on the bounded pool and may be answered out of order.
    pub slow: bool,
    /// The deadline where the caller names none.
    pub deadline: Option<Duration>,
    /// The access rule as it stands in the source; empty for an open service.
    pub access: &'static str,
    /// The arguments, ascending by tag.
    pub arguments: &'static [Field],
    /// The type of the value.
    pub reply: fn() -> Shape,
    /// The type of the method's own error.
    pub error: fn() -> Shape,
}

/// When a call may be sent again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Only if no byte of it reached a server that acts on it ([`Outcome::NotSent`](crate::Outcome::NotSent)).
    NotSent,
    /// Always: executing it twice is the same as once.
    Idempotent,
    /// Always, with its request key: the handler promises to execute a key once.
    Keyed,
}

/// A field of a message, or an argument of a method.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The tag's number.
    pub number: u16,
    /// The name in the source.
    pub name: &'static str,
    /// The type. A function, so that a type may contain itself.
    pub shape: fn() -> Shape,
}

/// The structure of a type, as far as the wire shows it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Shape {
    /// A value without inner fields: the name of its Rust type.
    Value(&'static str),
    /// A value that no dump may show.
    Secret,
    /// A message: the name of its type, and its fields ascending by number.
    Message(&'static str, &'static [Field]),
    /// An enum: the name of its type, and per variant its number, name and fields.
    Enum(&'static str, &'static [(u32, &'static str, &'static [Field])]),
    /// Any number of values of one type.
    List(fn() -> Self),
    /// Pairs of a key and a value, in any order.
    Map(fn() -> Self, fn() -> Self),
    /// A value that may be missing.
    Optional(fn() -> Self),
}

impl Service {
    /// The method with this opcode, if the service has one.
    #[must_use]
    pub fn method(&self, opcode: Opcode) -> Option<&'static Method> {
        let index = self.methods.binary_search_by_key(&opcode, |method| method.opcode).ok()?;
        self.methods.get(index)
    }

    /// Ends a build in which two services share a number: a server could not tell their calls apart.
    ///
    /// ```
    /// # use rpc_core::{Service, ServiceId};
    /// # const A: Service = Service { id: ServiceId(1), name: "a", open: true, methods: &[], retired: &[] };
    /// # const B: Service = Service { id: ServiceId(2), name: "b", open: true, methods: &[], retired: &[] };
    /// const _: () = Service::assert_distinct(&[A, B]);
    /// ```
    ///
    /// # Panics
    /// Two services have the same id.
    pub const fn assert_distinct(services: &[Self]) {
        let mut rest = services;
        while let [first, others @ ..] = rest {
            let mut left = others;
            while let [other, more @ ..] = left {
                assert!(first.id.0 != other.id.0, "two services have the same id");
                left = more;
            }
            rest = others;
        }
    }
}

impl Shape {
    /// Whether a value of this structure may hold a secret, at any depth.
    pub(crate) fn holds_secret(self) -> bool {
        self.finds_secret(&mut Vec::new())
    }

    /// `seen` are the field lists that are being looked at further up: a message may contain itself.
    fn finds_secret(self, seen: &mut Vec<*const Field>) -> bool {
        let mut any = |fields: &'static [Field]| {
            let new = !seen.contains(&fields.as_ptr());
            seen.push(fields.as_ptr());
            new && fields.iter().any(|field| (field.shape)().finds_secret(seen))
        };
        match self {
            Self::Value(_) => false,
            Self::Secret => true,
            Self::Message(_, fields) => any(fields),
            Self::Enum(_, variants) => variants.iter().any(|(_, _, fields)| any(fields)),
            Self::List(inner) | Self::Optional(inner) => inner().finds_secret(seen),
            Self::Map(key, value) => key().finds_secret(seen) || value().finds_secret(seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic = "two services have the same id"]
    fn two_services_with_one_id_are_refused() {
        const NONE: Service = Service { id: ServiceId(1), name: "a", open: true, methods: &[], retired: &[] };
        Service::assert_distinct(&[Service { id: ServiceId(2), ..NONE }, NONE, Service { name: "b", ..NONE }]);
    }

    #[test]
    fn a_secret_is_found_at_any_depth_and_in_types_that_contain_themselves() {
        fn number() -> Shape {
            Shape::Value("u8")
        }
        fn secret() -> Shape {
            Shape::Secret
        }
        fn tree() -> Shape {
            Shape::Message("Tree", &[Field { number: 1, name: "children", shape: trees }])
        }
        fn trees() -> Shape {
            Shape::List(tree)
        }
        fn ring() -> Shape {
            const FIELDS: &[Field] = &[
                Field { number: 1, name: "next", shape: ring },
                Field { number: 2, name: "key", shape: || Shape::Optional(secret) },
            ];
            Shape::Enum("Ring", &[(1, "None", &[]), (2, "Some", FIELDS)])
        }
        fn check(shape: Shape, expected: bool) {
            assert_eq!(shape.holds_secret(), expected, "{shape:?}");
        }
        check(number(), false);
        check(secret(), true);
        check(tree(), false);
        check(ring(), true);
        check(Shape::Map(number, ring), true);
        check(Shape::Map(number, trees), false);
    }
}
