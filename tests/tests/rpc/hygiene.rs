//! The attribute where every name it could mean is taken: no prelude, modules called as the crates are, types called as
//! its own, and arguments called as its variables. That this compiles, without a warning, is the test.

mod taken {
    #![no_implicit_prelude]
    #![allow(dead_code, unused_macros, reason = "the names are here to be in the way")]
    #![deny(warnings)]

    // The names of what expansions use.
    mod core {}
    mod std {}
    mod rpc_core {}
    mod private {}
    struct Vec;
    struct String;
    struct Box;
    enum Result {}
    enum Error {}
    struct Request;
    struct Method;
    struct Channel;
    struct Field;
    struct Self_;
    trait Clone {}
    trait Debug {}
    trait Send {}
    trait Dispatch {}
    fn argument() {}
    macro_rules! panic {
        () => {};
    }

    use ::std::{convert::Infallible, option::Option, primitive::str};

    /// The names of the type parameters that a dispatch table would take.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub(super) enum H {
        /// A rule.
        Z,
    }

    pub(super) use H::Z;

    /// A message.
    #[derive(::core::fmt::Debug, ::rpc_core::Message)]
    pub(super) struct Thing {
        /// A field.
        #[tag(1)]
        pub(super) number: u32,
    }

    /// A service.
    #[::rpc_core::service(id = 0x48, name = "taken", access = H)]
    pub(super) trait Taken {
        /// Arguments called as variables of the expansion.
        #[rpc(opcode = 1, access = Z, keyed)]
        #[allow(clippy::too_many_arguments, reason = "one for each name")]
        fn method(
            &self,
            out: &str,
            input: &Thing,
            tag: Option<&Thing>,
            request: &[Thing],
            reply: &[u8],
            body: Option<&str>,
            call: u8,
            handler: u16,
            authorizer: u32,
            method: u64,
        ) -> ::rpc_core::Result<Thing, Infallible>;

        /// Names that are keywords.
        #[rpc(opcode = 2, access = Z, idempotent)]
        fn r#match(&self, r#type: Thing, number: bool, kind: Option<&[Thing]>) -> ::rpc_core::Result<(), Infallible>;

        /// A method that nobody should call any more.
        #[deprecated = "call another"]
        #[rpc(opcode = 3, access = Z)]
        fn call(&self, f: i64) -> ::rpc_core::Result<Option<Thing>, Infallible>;
    }
}

/// A service whose name, methods and types come out of another macro.
macro_rules! service {
    ($name:ident, $method:ident, $argument:ident: $ty:ty, $opcode:literal) => {
        #[rpc_core::service(id = 0x49, name = "made", open)]
        trait $name {
            #[rpc(opcode = $opcode, idempotent)]
            fn $method(&self, $argument: $ty, out: u8) -> rpc_core::Result<$ty, std::convert::Infallible>;
        }
    };
}

service!(Made, twice, out_: Option<u32>, 7);

#[test]
fn a_service_from_another_macro_has_its_names() {
    use rpc_core::{MockTransport, Request};

    let mock = MockTransport::new().on(|request: MadeTwice| Ok(request.out_));
    assert_eq!(MadeClient::new(mock.channel()).twice(Some(2), 3).unwrap(), Some(2));
    assert_eq!(<MadeTwice as Request<'_>>::METHOD.opcode.0, 7);
}

#[test]
fn arguments_with_the_names_of_variables_arrive_as_themselves() {
    use rpc_core::MockTransport;
    use taken::{Taken, TakenClient, TakenMatch, TakenMethod, Thing};

    let mock = MockTransport::new()
        .on(|request: TakenMethod<'_>| {
            let sizes = [request.out.len(), request.request.len(), request.reply.len()];
            let numbers = [request.call.into(), request.handler.into(), request.authorizer];
            assert_eq!((sizes, numbers, request.method), ([3, 2, 1], [1, 2, 3], 4));
            assert_eq!((request.tag.is_some(), request.body), (true, Some("body")));
            Ok(request.input)
        })
        .on(|request: TakenMatch| {
            assert_eq!((request.r#type.number, request.number, request.kind.unwrap().len()), (6, true, 1));
            Ok(())
        });
    let client = TakenClient::new(mock.channel());
    let thing = |number| Thing { number };
    let things = [thing(1), thing(2)];
    let reply = client.method("out", &thing(5), Some(&things[0]), &things, &[0], Some("body"), 1, 2, 3, 4);
    assert_eq!(reply.unwrap().number, 5);
    client.r#match(thing(6), true, Some(&things[..1])).unwrap();
}
