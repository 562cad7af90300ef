//! What expansions of the attribute call. Unstable: the attribute and this module change together, nothing else uses it.
#![allow(missing_docs)]

use crate::{
    Authorize, Call, CallOptions, Channel, Error, Outcome, Output, Pending, Refusal, Request, Retry, Service, Shape,
    Status,
    channel::call,
    tlv::{Encode, Reader, Writer, encode_value, give_value},
};

mod argument;
pub use argument::{Argument, NoWireForm, argument, has_wire_form, is_secret};

pub use crate::tlv::message; // what expansions of the derives call

/// What a generated client holds: a channel and the options of its calls.
#[derive(Clone, Debug)]
pub struct Stub {
    channel: Channel,
    options: CallOptions,
}

impl Stub {
    pub fn new(channel: Channel) -> Self {
        Self { channel, options: CallOptions::new() }
    }

    pub fn with(&self, options: CallOptions) -> Self {
        Self { channel: self.channel.clone(), options: options.or(&self.options) }
    }

    pub fn call<'a, Q: Request<'a>>(&self, body: impl Fn(&mut Writer<'_>)) -> Q::Output {
        Q::Output::from_result(call(&self.channel, Q::METHOD, &self.options, body))
    }

    pub fn start<'a, Q: Request<'a>>(&self, body: impl FnOnce(&mut Writer<'_>)) -> Pending<Q::Reply, Q::Error> {
        Pending::start(&self.channel, Q::METHOD, &self.options, body)
    }
}

/// The structure of a request's reply. Asked for by request, so that a type without one is found wrong in one place only.
pub fn reply_shape<'a, Q: Request<'a>>() -> Shape {
    Q::Reply::shape()
}

/// The structure of the error of a request's method.
pub fn error_shape<'a, Q: Request<'a>>() -> Shape {
    Q::Error::shape()
}

/// Ends a program whose service keeps fingerprints of secrets: a request key is stored with one of the request. The
/// attribute finds secrets that are arguments themselves; those inside of messages show in the descriptor only.
pub fn refuse_keyed_secrets(service: &'static Service) {
    for method in service.methods.iter().filter(|method| method.retry == Retry::Keyed) {
        let secret = method.arguments.iter().find(|argument| (argument.shape)().holds_secret());
        if let Some(argument) = secret {
            let (service, method, argument) = (service.name, method.name, argument.name);
            panic!("{service}.{method} is keyed, and its argument {argument} holds a secret: remove `keyed`");
        }
    }
}

/// Runs the rule of a method; without a rule there is no such method.
pub fn authorize<A, Z: Authorize<A>>(authorizer: &Z, call: &mut Call, access: Option<A>) -> Result<(), Refusal> {
    let access = access.ok_or(Refusal::new(Status::UNKNOWN_OPCODE))?;
    let caller = authorizer.authorize(call, access)?;
    call.set_caller(caller);
    Ok(())
}

/// Whether the rule of a method lets in callers without a session.
pub fn is_public<A, Z: Authorize<A>>(authorizer: &Z, access: Option<A>) -> bool {
    access.is_some_and(|access| authorizer.is_public(&access))
}

/// What a dispatch table answers where no opcode matches.
pub fn unknown_opcode() -> Result<Status, Refusal> {
    Err(Refusal::new(Status::UNKNOWN_OPCODE))
}

/// One arm of a dispatch table: decode, run, encode.
///
/// The reply may have grown over its limit; whoever finishes the writer finds out.
pub fn answer<'a, Q: Request<'a>>(
    mut body: Reader<'a>,
    reply: &mut Writer<'_>,
    run: impl FnOnce(Q) -> Q::Output,
) -> Result<Status, Refusal> {
    let string_bytes_max = body.string_bytes_max();
    let request = Q::decode_body(&mut body).and_then(|request| body.finish().map(|()| request));
    let request = request.map_err(|error| Refusal::bad_body(&error, string_bytes_max))?;
    match run(request).into_result() {
        Ok(value) => {
            give_value(reply, value);
            Ok(Status::OK)
        }
        Err(Error::App(error)) => {
            encode_value(reply, &error);
            Ok(Status::APP)
        }
        Err(Error::Refused(refusal)) => Err(own_claim(refusal)),
        Err(Error::Transport(_) | Error::BadReply(_) | Error::RequestTooLarge { .. }) => {
            Err(Refusal::new(Status::INTERNAL))
        }
    }
}

/// What a handler may claim of its own execution: that it did not begin, or that it can't tell. Everything else is the
/// framework's to say, and what a nested call was told is never told as one's own.
fn own_claim(refusal: Refusal) -> Refusal {
    let may_claim = refusal.status.outcome() == Outcome::Rejected || refusal.status == Status::OUTCOME_UNKNOWN;
    if may_claim && !refusal.from_peer {
        Refusal { retry_after: refusal.retry_after, ..Refusal::new(refusal.status) }
    } else {
        Refusal::new(Status::INTERNAL)
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt, time::Duration};

    use super::*;
    use crate::{
        AppError, Method, MockTransport, Opcode, ServiceId, TransportError, TransportErrorKind,
        tlv::{Buffer, Decode, DecodeBody, DecodeError, DecodeErrorKind},
    };

    #[derive(Debug)]
    struct Add(u64);

    impl<'a> Request<'a> for Add {
        const METHOD: &'static Method = &Method {
            service: ServiceId(1),
            opcode: Opcode(1),
            name: "add",
            retry: Retry::NotSent,
            slow: false,
            deadline: None,
            access: "",
            arguments: &[],
            reply: u64::shape,
            error: Odd::shape,
        };
        type Reply = u64;
        type Error = Odd;
        type Output = crate::Result<u64, Odd>;
    }

    impl<'a> DecodeBody<'a> for Add {
        fn decode_body(input: &mut Reader<'a>) -> Result<Self, DecodeError> {
            match input.tag()? {
                Some(tag) => Decode::decode(tag.kind, input).map(Self).map_err(|error| error.in_field(tag.number)),
                None => Err(input.error(DecodeErrorKind::MissingField).in_field(1)),
            }
        }
    }

    #[derive(Debug, PartialEq, crate::Message)]
    struct Odd(u64);

    impl fmt::Display for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    impl std::error::Error for Odd {}

    impl AppError for Odd {}

    const BODY: &[u8] = &[0x0a, 7, 0, 0, 0, 0, 0, 0, 0];

    fn check(
        body: &[u8],
        run: impl FnOnce(Add) -> crate::Result<u64, Odd>,
        status: Result<Status, Refusal>,
        reply: &[u8],
    ) {
        let mut out = Buffer::new();
        let mut writer = Writer::new(&mut out, 64);
        let ended = answer(Reader::new(body, crate::Limits::new().decode()), &mut writer, run);
        writer.finish().unwrap();
        assert_eq!((ended, &out[..]), (status, reply));
    }

    #[test]
    fn a_value_and_an_own_error_are_field_1() {
        let reply = [0x0a, 8, 0, 0, 0, 0, 0, 0, 0];
        check(BODY, |request| Ok(request.0 + 1), Ok(Status::OK), &reply);
        check(BODY, |request| Err(Odd(request.0 + 1).into()), Ok(Status::APP), &reply);
    }

    #[test]
    fn a_body_that_does_not_decode_never_reaches_the_handler() {
        let never = |_: Add| -> crate::Result<u64, Odd> { panic!("the handler ran") };
        let bad = |field| Err(Refusal { field, ..Refusal::new(Status::BAD_BODY) });
        check(&BODY[..8], never, bad(Some(1)), &[]);
        check(&[], never, bad(Some(1)), &[]);
        check(&[BODY, &[0]].concat(), never, bad(None), &[]);
    }

    #[test]
    fn a_handler_may_reject_and_everything_else_is_internal() {
        let wait = Some(Duration::from_secs(1));
        let told = |error: Error<Odd>, status, retry_after| {
            check(BODY, |_| Err(error), Err(Refusal { retry_after, ..Refusal::new(status) }), &[]);
        };
        told(Error::rejected(Status::OVERLOADED, wait), Status::OVERLOADED, wait);
        told(Error::rejected(Status::OUTCOME_UNKNOWN, None), Status::OUTCOME_UNKNOWN, None);
        told(Error::rejected(Status::OK, wait), Status::INTERNAL, None);
        told(Error::rejected(Status::DEADLINE_EXCEEDED, wait), Status::INTERNAL, None);
        told(Error::rejected(Status::REPLY_TOO_LARGE, wait), Status::INTERNAL, None);
        told(Error::RequestTooLarge { bytes_max: 1 }, Status::INTERNAL, None);
        let lost = TransportError { kind: TransportErrorKind::Closed, outcome: Outcome::NotSent };
        told(lost.into(), Status::INTERNAL, None);
    }

    #[test]
    fn what_a_nested_call_was_told_is_internal_and_never_passed_on_as_ones_own() {
        for status in [Status::FORBIDDEN, Status::OVERLOADED, Status::BAD_BODY, Status::OUTCOME_UNKNOWN] {
            let nested = MockTransport::new().on(move |_: Add| Err(Error::rejected(status, None)));
            let stub = Stub::new(nested.channel());
            let refused = stub.call::<Add>(|body| 7_u64.encode(1, body));
            assert_eq!(refused, Err(Error::rejected(status, None)), "for a caller the two are equal");
            check(BODY, |_| refused, Err(Refusal::new(Status::INTERNAL)), &[]);
        }
    }

    #[test]
    fn what_an_own_refusal_says_of_a_request_is_left_out() {
        let own = Refusal { field: Some(3), limit: Some(9), ..Refusal::new(Status::BAD_BODY) };
        check(BODY, |_| Err(Error::Refused(own)), Err(Refusal::new(Status::BAD_BODY)), &[]);
    }
}
