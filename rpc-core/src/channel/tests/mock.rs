//! The scripted server.

use std::time::Duration;

use super::played::{Error, IDEMPOTENT, KEYED, Odd, PLAIN, start, start_with};
use crate::{
    CallOptions, Channel, Method, MockTransport, Outcome, Refusal, Request, Result, Status,
    tlv::{Decode, DecodeBody, DecodeError, DecodeErrorKind, Reader},
};

/// Defines the request of one of the test's methods, as the attribute would.
macro_rules! request {
    ($name:ident, $method:ident) => {
        #[derive(Debug, PartialEq, Eq)]
        struct $name(u64);

        impl<'a> Request<'a> for $name {
            const METHOD: &'static Method = &$method;
            type Reply = u64;
            type Error = Odd;
            type Output = Result<u64, Odd>;
        }

        impl<'a> DecodeBody<'a> for $name {
            fn decode_body(input: &mut Reader<'a>) -> std::result::Result<Self, DecodeError> {
                match input.tag()? {
                    Some(tag) => Decode::decode(tag.kind, input).map(Self),
                    None => Err(input.error(DecodeErrorKind::MissingField).in_field(1)),
                }
            }
        }
    };
}

request!(Plain, PLAIN);
request!(Idempotent, IDEMPOTENT);
request!(Keyed, KEYED);

fn channel(mock: &MockTransport) -> Channel {
    mock.channel_with(Channel::builder().pause(|_| {}))
}

#[test]
fn scripts_answer_values_own_errors_and_refusals() {
    let mock = MockTransport::new().on(|request: Plain| match request.0 {
        0 => Err(Error::rejected(Status::FORBIDDEN, None)),
        n if n % 2 == 1 => Err(Odd(n).into()),
        n => Ok(n * 10),
    });
    let channel = mock.channel();
    assert_eq!(start(&channel, &PLAIN, 2).wait(), Ok(20));
    assert_eq!(start(&channel, &PLAIN, 3).wait(), Err(Error::App(Odd(3))));
    assert_eq!(start(&channel, &PLAIN, 0).wait(), Err(Error::Refused(Refusal::new(Status::FORBIDDEN))));
    assert_eq!(mock.requests::<Plain>(), [Plain(2), Plain(3), Plain(0)]);
}

#[test]
fn a_method_without_a_script_is_unknown() {
    let mock = MockTransport::new().on(|_: Plain| Ok(1));
    let error = start(&mock.channel(), &IDEMPOTENT, 2).wait().unwrap_err();
    assert_eq!(error, Error::Refused(Refusal::new(Status::UNKNOWN_OPCODE)));
    assert!(mock.requests::<Idempotent>() == [Idempotent(2)] && mock.requests::<Plain>().is_empty());
}

#[test]
fn a_body_that_does_not_decode_is_answered_so() {
    let mock = MockTransport::new().on(|_: Plain| Ok(1));
    let channel = mock.channel();
    let empty = crate::Pending::<u64, Odd>::start(&channel, &PLAIN, &CallOptions::new(), |_| {});
    let expected = Refusal { field: Some(1), ..Refusal::new(Status::BAD_BODY) };
    assert_eq!(empty.wait(), Err(Error::Refused(expected)));
    assert_eq!(mock.recorded().len(), 1);
    assert!(mock.requests::<Plain>().is_empty());
}

#[test]
fn a_hang_up_ends_the_connection_and_the_next_call_has_another() {
    let mut calls = 0;
    let mock = MockTransport::new().on(move |request: Plain| {
        calls += 1;
        if calls == 1 { Err(MockTransport::hang_up()) } else { Ok(request.0) }
    });
    let channel = channel(&mock);
    assert_eq!(start(&channel, &PLAIN, 5).wait().unwrap_err().outcome(), Outcome::MaybeExecuted);
    assert_eq!(start(&channel, &PLAIN, 6).wait(), Ok(6));
}

#[test]
fn retries_can_be_tested_with_a_script_that_counts() {
    let mut calls = 0;
    let mock = MockTransport::new().on(move |_: Keyed| {
        calls += 1;
        match calls {
            1 => Err(MockTransport::hang_up()),
            2 => Err(Error::rejected(Status::OVERLOADED, Some(Duration::from_millis(1)))),
            _ => Ok(calls),
        }
    });
    assert_eq!(start(&channel(&mock), &KEYED, 5).wait(), Ok(3));
    let keys: Vec<_> = mock.recorded().into_iter().map(|recorded| recorded.key.unwrap()).collect();
    assert!(keys.len() == 3 && keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn what_a_request_carried_can_be_read_back_and_the_credential_is_not_shown() {
    let mock = MockTransport::new().on(|_: Plain| Ok(1));
    let options = CallOptions::new().credential(b"hush").deadline(Duration::from_secs(3)).trace_id([4; 16]);
    start_with(&mock.channel(), &PLAIN, &options, 1).wait().unwrap();
    let recorded = &mock.recorded()[0];
    assert_eq!(recorded.credential.as_deref(), Some(&b"hush"[..]));
    assert_eq!((recorded.opcode, recorded.trace_id), (PLAIN.opcode, Some([4; 16])));
    assert!(recorded.deadline.unwrap() <= Duration::from_secs(3));
    assert!(!format!("{recorded:?} {mock:?}").contains("104, 117"));
}

#[test]
fn a_later_script_replaces_an_earlier_one() {
    let mock = MockTransport::new().on(|_: Plain| Ok(1)).on(|_: Plain| Ok(2));
    assert_eq!(start(&mock.channel(), &PLAIN, 1).wait(), Ok(2));
}
