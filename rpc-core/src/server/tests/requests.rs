//! What becomes of one request; after each, the connection and its neighbours live.

use std::time::Instant;

use super::*;

/// Calls, checks how it ended, and that the next call is answered.
fn check(client: &mut Client, opcode: u16, body: &[u8], status: Status) -> Told {
    let told = client.call(opcode, body);
    assert_eq!(told.status, status);
    assert_eq!(client.call(1, &number(8)).body, number(4));
    told
}

#[test]
fn a_call_is_answered_with_its_value_or_its_own_error() {
    let bench = Bench::new();
    let mut client = bench.greet();
    assert_eq!(client.call(1, &number(10)).body, number(5));
    let odd = check(&mut client, 1, &number(9), Status::APP);
    assert_eq!(odd.body, [1 << 3 | 1, 1, 0, 0, 0]);
}

#[test]
fn replies_repeat_service_and_opcode_and_carry_no_metadata() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.start(1, &number(2));
    let header = client.next(|frame| frame.header).unwrap();
    assert_eq!((header.service, header.opcode, header.flags), (ServiceId(0x54), Opcode(1), HeaderFlags::NONE));
}

#[test]
fn an_unknown_service_or_opcode_fails_one_call() {
    let bench = Bench::new();
    let mut client = bench.greet();
    check(&mut client, 99, &text(5_000), Status::UNKNOWN_OPCODE);
    let mut request = client.request(1, &GOOD, &number(2));
    request[8] = 0x99;
    client.send(&request);
    assert_eq!(client.hear().status, Status::UNKNOWN_SERVICE);
    request[8..10].copy_from_slice(&[0, 0]);
    client.send(&request);
    assert_eq!(client.hear().status, Status::UNKNOWN_SERVICE);
    check(&mut client, 1, &number(2), Status::OK);
}

#[test]
fn a_body_that_does_not_decode_fails_one_call_and_names_the_field() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let told = check(&mut client, 1, &number(2)[..5], Status::BAD_BODY);
    assert_eq!(told.refusal().field, Some(1));
    check(&mut client, 1, &[], Status::BAD_BODY);
}

#[test]
fn a_panic_is_answered_at_once_and_spares_its_neighbours() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let calls =
        [client.request(1, &GOOD, &number(2)), client.request(2, &GOOD, &[]), client.request(1, &GOOD, &number(4))];
    client.send(&calls.concat());
    let statuses: Vec<_> = (0..3).map(|_| client.hear().status).collect();
    assert_eq!(statuses, [Status::OK, Status::INTERNAL, Status::OK]);
    check(&mut client, 8, &[], Status::INTERNAL);
}

#[test]
fn metadata_that_do_not_decode_fail_one_call() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let good = client.request(1, &GOOD, &number(2));
    for (offset, byte) in [(18, 7), (16, 200), (17, 5)] {
        let mut request = good.clone();
        request[offset] = byte;
        client.send(&request);
        assert_eq!(client.hear().status, Status::BAD_METADATA, "{offset}");
    }
    check(&mut client, 1, &number(2), Status::OK);
}

#[test]
fn who_may_not_call_is_refused_before_the_body_is_there() {
    let bench = Bench::new();
    let mut client = bench.greet();
    for (credential, status) in [
        (None, Status::UNAUTHENTICATED),
        (Some(&b"bad"[..]), Status::FORBIDDEN),
        (Some(&b"panic"[..]), Status::INTERNAL),
        (Some(&b"nested"[..]), Status::INTERNAL),
    ] {
        let request = client.request(6, &Metadata { credential, ..Metadata::default() }, &text(20_000));
        let (head, rest) = request.split_at(50);
        client.send(head);
        assert_eq!(client.hear().status, status);
        client.send(rest);
        check(&mut client, 1, &number(2), Status::OK);
    }
}

#[test]
fn a_deadline_that_has_passed_is_told_and_the_handler_does_not_start() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let late = Metadata { deadline: Some(Duration::ZERO), ..GOOD };
    let request = client.request(7, &late, &[]);
    client.send(&request);
    assert_eq!(client.hear().status, Status::DEADLINE_BEFORE_START);
    assert!(bench.at_gate.try_recv().is_err());
    check(&mut client, 1, &number(2), Status::OK);
}

#[test]
fn a_deadline_passes_while_the_body_comes() {
    let bench = Bench::new();
    let (server, client, waits) = watched_pair();
    bench.running.serve(server);
    let mut client = Client::over(Box::new(client));
    client.greet();
    // Up to here: the wait for the hello.
    waits.for_bytes.try_iter().for_each(drop);
    let short = Metadata { deadline: Some(Duration::from_millis(1)), ..GOOD };
    let request = client.request(6, &short, &text(100));
    client.send(&request[..60]);
    // The rest of a frame is waited for 10 s; between two frames it is first a moment, and then 30 s.
    let rest = Some(Instant::now() + Duration::from_secs(1))..Some(Instant::now() + Duration::from_secs(20));
    waits.for_bytes.iter().find(|end| rest.contains(end)).expect("the first bytes were not read");
    // The deadline is counted from a moment before that wait.
    let deadline = Deadline::after(Duration::from_millis(1));
    let mut other = bench.greet();
    while !deadline.has_passed() {
        other.call(1, &number(2));
    }
    client.send(&request[60..]);
    assert_eq!(client.hear().status, Status::DEADLINE_BEFORE_START);
}

#[test]
fn the_deadline_is_the_callers_or_the_methods_and_never_beyond_30_s() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let mut check = |deadline: Option<u64>, remaining_s| {
        let request = client.request(7, &Metadata { deadline: deadline.map(Duration::from_secs), ..GOOD }, &[]);
        client.send(&request);
        bench.gate.send(()).unwrap();
        assert_eq!(bench.arrived().remaining_s, remaining_s);
        assert_eq!(client.hear().body, number(0));
    };
    check(None, 7);
    check(Some(3), 3);
    check(Some(29), 29);
    check(Some(30), 30);
    check(Some(31), 30);
}

#[test]
fn a_short_deadline_begins_when_its_request_comes_and_not_with_a_tick() {
    let bench = Bench::unobserved(Limits::new());
    let mut client = bench.greet();
    let short = Duration::from_millis(900);
    for _ in 0..20 {
        let request = client.request(7, &Metadata { deadline: Some(short), ..GOOD }, &[]);
        let before = Instant::now();
        client.send(&request);
        bench.gate.send(()).unwrap();
        assert!(bench.arrived().deadline.unwrap() >= before + short);
        client.hear();
    }
}

#[test]
fn a_handler_sees_who_calls_the_key_and_the_bytes_on_either_thread() {
    let bench = Bench::new();
    let mut client = bench.greet();
    for (opcode, body) in [(4, number(3)), (7, Vec::new())] {
        let request = client.request(opcode, &Metadata { request_key: Some([5; 16]), ..GOOD }, &body);
        client.send(&request);
        bench.gate.send(()).unwrap();
        let seen = bench.arrived();
        assert_eq!((seen.caller, seen.key), (Some(42), Some([5; 16])));
        let opcode = u8::try_from(opcode).unwrap();
        assert_eq!(seen.request, [&[0x54, 0, opcode, 0][..], &body].concat());
        assert_eq!(client.hear().status, Status::OK);
    }
    // The next call without a key has none, and no bytes of the call before.
    check(&mut client, 6, &text(3), Status::OK);
}

#[test]
fn a_handlers_own_refusal_is_passed_on() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let mut body = text(4);
    body[TEXT_OVERHEAD..].copy_from_slice(b"busy");
    let told = check(&mut client, 6, &body, Status::KEY_IN_PROGRESS);
    assert_eq!(told.refusal().retry_after, Some(Duration::from_millis(40)));
}

#[test]
fn the_observer_sees_every_call() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.call(1, &number(2));
    client.call(99, &[]);
    let call = |event: &Event| matches!(event, Event::Call { .. }).then(|| event.clone());
    let seen = Event::Call { opcode: 1, method: Some("half"), status: Status::OK, bytes_in: 16 + 8 + 9, bytes_out: 25 };
    assert_eq!(bench.until(call), seen);
    let seen = Event::Call { opcode: 99, method: None, status: Status::UNKNOWN_OPCODE, bytes_in: 24, bytes_out: 16 };
    assert_eq!(bench.until(call), seen);
}
