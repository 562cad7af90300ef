//! Which calls are made again, how often, and with which bytes.

use std::time::Duration;

use super::played::{Error, HELLO, IDEMPOTENT, KEYED, PLAIN, Server, servers, start, start_with};
use crate::{
    CallOptions, Method, Outcome, Refusal, Status, TransportErrorKind, frame::ServerHello, transport::Transport,
};

#[test]
fn a_plain_call_is_never_made_again_once_a_byte_has_been_written() {
    #[track_caller]
    fn check(server_does: impl Fn(&Server)) {
        let (channel, mut servers) = servers(2);
        let call = start(&channel, &PLAIN, 1);
        server_does(&servers[0]);
        let outcome = call.wait().unwrap_err().outcome();
        assert!(matches!(outcome, Outcome::MaybeExecuted | Outcome::Rejected), "{outcome:?}");
        assert!(servers[1].asked_now().is_none());
        assert!(servers[0].asked_now().is_some());
        assert!(servers[0].asked_now().is_none());
    }
    check(|server| server.transport.shutdown().unwrap());
    for status in [Status::OVERLOADED, Status::DRAINING, Status::UNAVAILABLE] {
        check(|server| {
            server.hello();
            server.refuse(&PLAIN, 1, status);
        });
    }
}

#[test]
fn a_call_outlives_its_channel_and_is_answered_but_not_made_again() {
    let (channel, servers_of_answer) = servers(1);
    let call = start(&channel, &IDEMPOTENT, 21);
    drop(channel);
    servers_of_answer[0].hello();
    servers_of_answer[0].reply(&IDEMPOTENT, 1, 42);
    assert_eq!(call.wait(), Ok(42));

    let (channel, mut servers) = servers(2);
    let call = start(&channel, &IDEMPOTENT, 21);
    drop(channel);
    servers[0].transport.shutdown().unwrap();
    assert_eq!(call.wait().unwrap_err().outcome(), Outcome::MaybeExecuted);
    assert!(servers[0].asked_now().is_some() && servers[1].asked_now().is_none());
}

#[test]
fn idempotent_and_keyed_calls_are_made_again_with_the_same_bytes() {
    #[track_caller]
    fn check(method: &'static Method, server_does: impl Fn(&Server)) {
        let (channel, mut servers) = servers(2);
        let call = start(&channel, method, 21);
        server_does(&servers[0]);
        for server in &servers {
            // The answer to the second attempt, on whichever connection it is made.
            if std::ptr::eq(server, &servers[1]) {
                server.hello();
                server.reply(method, 1, 42);
            }
        }
        assert_eq!(call.wait(), Ok(42));
        let first = servers[0].asked_now().unwrap();
        let second = servers[0].asked_now().or_else(|| servers[1].asked_now()).unwrap();
        assert_eq!((&first.body, first.key), (&second.body, second.key));
        assert_eq!(first.key.is_some(), method.retry == crate::Retry::Keyed);
        assert!(first.deadline.is_none() && second.deadline.is_some(), "what is left is told");
    }
    for method in [&IDEMPOTENT, &KEYED] {
        check(method, |server| server.transport.shutdown().unwrap());
        check(method, |server| {
            server.hello();
            server.send(&[0; 7]);
            server.transport.shutdown().unwrap();
        });
        for status in [Status::OVERLOADED, Status::DRAINING, Status::UNAVAILABLE] {
            check(method, |server| {
                server.hello();
                server.refuse(method, 1, status);
                server.reply(method, 2, 42);
            });
        }
    }
    check(&KEYED, |server| {
        server.hello();
        server.refuse(&KEYED, 1, Status::KEY_IN_PROGRESS);
        server.reply(&KEYED, 2, 42);
    });
}

#[test]
fn five_attempts_are_the_most() {
    let (channel, mut servers) = servers(1);
    servers[0].hello();
    (1..=9).for_each(|id| servers[0].refuse(&IDEMPOTENT, id, Status::OVERLOADED));
    let error = start(&channel, &IDEMPOTENT, 1).wait().unwrap_err();
    assert_eq!(error, Error::Refused(Refusal::new(Status::OVERLOADED)));
    assert_eq!(std::iter::from_fn(|| servers[0].asked_now()).count(), 5);
}

#[test]
fn a_spent_budget_ends_retries() {
    let (channel, mut servers) = servers(1);
    servers[0].hello();
    (1..=99).for_each(|id| servers[0].refuse(&IDEMPOTENT, id, Status::OVERLOADED));
    for _ in 0..5 {
        assert!(start(&channel, &IDEMPOTENT, 1).wait().is_err());
    }
    // Five first attempts, and the ten tokens of the budget.
    assert_eq!(std::iter::from_fn(|| servers[0].asked_now()).count(), 5 + 10);
}

#[test]
fn a_pause_that_the_deadline_does_not_allow_is_not_made() {
    let (channel, mut servers) = servers(1);
    servers[0].hello();
    servers[0].refuse(&IDEMPOTENT, 1, Status::OVERLOADED);
    let options = CallOptions::new().deadline(Duration::from_millis(50)); // the first pause is 80 ms at least
    let error = start_with(&channel, &IDEMPOTENT, &options, 1).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(std::iter::from_fn(|| servers[0].asked_now()).count(), 1);
}

#[test]
fn a_server_that_asks_for_a_longer_pause_gets_it_or_no_further_call() {
    let (channel, mut servers) = servers(1);
    servers[0].hello();
    let refusal = Refusal { retry_after: Some(Duration::from_secs(60)), ..Refusal::new(Status::OVERLOADED) };
    let bytes = super::played::reply(&IDEMPOTENT, 1, Status::OVERLOADED, |out| {
        crate::frame::encode_refusal(&refusal, out);
    });
    servers[0].send(&bytes);
    assert_eq!(start(&channel, &IDEMPOTENT, 1).wait(), Err(Error::Refused(refusal)));
    assert_eq!(std::iter::from_fn(|| servers[0].asked_now()).count(), 1);
}

#[test]
fn a_refused_repetition_does_not_undo_what_the_first_attempt_may_have_done() {
    let (channel, servers) = servers(2);
    let call = start(&channel, &KEYED, 1);
    servers[0].transport.shutdown().unwrap();
    servers[1].hello();
    servers[1].refuse(&KEYED, 1, Status::UNAUTHENTICATED);
    let error = call.wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::MaybeExecuted, "{error:?}");
}

#[test]
fn unreachable_is_not_sent_however_often_it_was_tried() {
    let (channel, _none) = servers(0);
    let error = start(&channel, &KEYED, 1).wait().unwrap_err();
    let Error::Transport(error) = error else { panic!("{error:?}") };
    let refused = TransportErrorKind::Connect(std::io::ErrorKind::ConnectionRefused);
    assert_eq!((error.kind, error.outcome), (refused, Outcome::NotSent));
}

#[test]
fn a_stale_key_is_drawn_anew_once_by_the_servers_clock() {
    let (channel, mut servers) = servers(1);
    let server_ms = 4_000_000_000_000; // decades ahead of us
    servers[0].hello_with(ServerHello { server_time_ms: server_ms, ..HELLO });
    servers[0].refuse(&KEYED, 1, Status::STALE_KEY);
    servers[0].reply(&KEYED, 2, 2);
    assert_eq!(start(&channel, &KEYED, 1).wait(), Ok(2));
    let time_ms = |key: Option<[u8; 16]>| crate::RequestKey::from_bytes(key.unwrap()).time_ms();
    assert!(time_ms(servers[0].asked_now().unwrap().key) < server_ms);
    assert!(time_ms(servers[0].asked_now().unwrap().key) >= server_ms);

    servers[0].refuse(&KEYED, 3, Status::STALE_KEY);
    servers[0].refuse(&KEYED, 4, Status::STALE_KEY);
    let error = start(&channel, &KEYED, 1).wait().unwrap_err();
    assert_eq!(error, Error::Refused(Refusal::new(Status::STALE_KEY)));
}

#[test]
fn a_key_of_the_callers_own_is_never_changed() {
    let (channel, mut servers) = servers(1);
    servers[0].hello();
    servers[0].refuse(&KEYED, 1, Status::STALE_KEY);
    let options = CallOptions::new().key(crate::RequestKey::from_bytes([7; 16]));
    assert!(start_with(&channel, &KEYED, &options, 1).wait().is_err());
    assert_eq!(servers[0].asked_now().unwrap().key, Some([7; 16]));
    assert!(servers[0].asked_now().is_none());
}
