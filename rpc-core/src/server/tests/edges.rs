//! Every bound of [`Limits`] at one less than it allows, at exactly that, and at one more; [`EDGES`] says where. A bound of
//! time is judged on the clocks of a connection, which take the present from outside; that they are obeyed is seen in
//! `limits`.

use std::{net::TcpStream, time::Instant};

use super::{
    super::{
        listener::Listener,
        timing::{Timing, write_wait},
    },
    limits as whole, slow as pool, *,
};
use crate::{CallOptions, Channel};

/// For each bound the test of its edge.
const EDGES: &[(&str, fn())] = &[
    ("body_bytes_max", whole::a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_skipped),
    ("public_body_bytes_max", whole::a_public_method_is_held_to_the_smaller_limit_even_with_a_credential),
    ("reply_bytes_max", whole::a_reply_over_the_servers_or_the_clients_limit_is_told_and_ran),
    ("depth_max", a_message_is_only_so_deep),
    ("heap_bytes_max", a_request_takes_only_so_much_memory),
    ("unknown_fields_max", a_request_has_only_so_many_unknown_fields),
    ("string_bytes_max", a_string_is_only_so_long),
    ("hello_wait", a_hello_may_come_until_its_last_millisecond),
    ("sign_in_wait", a_guest_may_sign_in_until_the_last_millisecond),
    ("frame_wait", a_frame_may_come_until_its_last_millisecond),
    ("frame_bytes_per_s_min", a_frame_has_the_time_that_its_bytes_take_at_the_slowest_rate),
    ("write_wait", a_write_may_take_until_its_last_millisecond),
    ("idle_wait", a_peer_may_be_idle_until_the_last_millisecond),
    ("guest_idle_wait", a_guest_may_be_idle_until_the_last_millisecond),
    ("call_deadline", a_call_that_names_no_deadline_has_the_servers),
    ("call_deadline_max", a_deadline_beyond_the_latest_is_shortened),
    ("connections_max", as_many_connections_as_allowed_are_served_and_the_next_is_told),
    ("guests_max", as_many_guests_as_allowed_are_served_and_the_next_takes_a_place),
    ("connections_per_source_max", as_many_connections_of_one_source_as_allowed_are_served),
    ("window_calls_max", pool::at_the_window_of_calls_the_server_stops_reading_and_refuses_nothing),
    ("window_bytes_max", pool::at_the_window_of_bytes_the_server_stops_reading),
    ("request_memory_bytes_max", whole::large_requests_of_all_connections_share_one_budget),
    ("slow_threads", as_many_slow_calls_as_allowed_run_at_once),
    ("slow_queue_max", as_many_slow_calls_as_allowed_wait),
    ("slow_wait", pool::a_slow_call_that_waits_too_long_is_refused_and_did_not_run),
    ("stack_bytes", whole::the_smallest_stack_holds_the_deepest_message),
    ("backlog", the_system_holds_as_many_connections_as_it_was_told_to),
];

#[test]
fn every_bound_has_a_test_of_its_edge() {
    let known: Vec<&str> = Limits::KNOWN.iter().map(|limit| limit.name).collect();
    let tested: Vec<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(tested, known, "a bound without a test of its edge is a promise without one");
}

/// Bodies at the edge, before the peer has signed in and after: one too much is refused, and the connection goes on.
#[track_caller]
fn check_bodies(limits: &Limits, opcode: u16, at_edge: [Vec<u8>; 3]) {
    for signed_in in [false, true] {
        let bench = Bench::with(limits.clone());
        let mut client = bench.greet();
        if signed_in {
            client.call(1, &number(2));
        }
        for (body, status) in at_edge.iter().zip([Status::OK, Status::OK, Status::BAD_BODY]) {
            assert_eq!(client.call(opcode, body).status, status, "{} bytes", body.len());
        }
        assert_eq!(client.call(1, &number(6)).body, number(3));
    }
}

/// A LONG field around a body.
fn long(number: u8, body: &[u8]) -> Vec<u8> {
    [&[number << 3 | 5][..], &u32::try_from(body.len()).unwrap().to_le_bytes(), body].concat()
}

#[test]
fn a_message_is_only_so_deep() {
    // The argument is a message, and each of these holds another one in field 8.
    let nest = |depth: usize| long(1, &(1..depth).fold(Vec::new(), |inner, _| long(8, &inner)));
    check_bodies(&Limits::new().with_depth_max(8).unwrap(), 9, [7, 8, 9].map(nest));
}

#[test]
fn a_request_takes_only_so_much_memory() {
    let bytes = 64 << 10;
    let limits = Limits::new().with_heap_bytes_max(bytes).unwrap().with_string_bytes_max(1 << 20).unwrap();
    check_bodies(&limits, 9, [bytes - 1, bytes, bytes + 1].map(|bytes| long(1, &long(2, &vec![b'x'; bytes]))));
}

#[test]
fn a_request_has_only_so_many_unknown_fields() {
    let fields = |count| [number(6), [20 << 3, 1].repeat(count)].concat();
    for most in [1, 3, 64] {
        let limits = Limits::new().with_unknown_fields_max(u16::try_from(most).unwrap()).unwrap();
        check_bodies(&limits, 1, [most - 1, most, most + 1].map(fields));
    }
}

#[test]
fn a_string_is_only_so_long() {
    let text = |bytes| long(1, &long(2, &vec![b'x'; bytes]));
    let limits = Limits::new().with_string_bytes_max(300).unwrap();
    check_bodies(&limits, 9, [299, 300, 301].map(text));
    let refusal = Bench::with(limits).greet().call(9, &text(301)).refusal();
    assert_eq!((refusal.field, refusal.limit), (Some(1), Some(300)), "what is wrong with it is told");
}

/// A wait of `ms`: with one millisecond to go the peer is waited for; at the end, and after it, it is given up for this
/// reason. `happened` gets a connection that has just been opened.
#[track_caller]
fn check_wait(limits: &Limits, ms: u64, reason: CloseReason, happened: impl Fn(&mut Timing, Instant)) {
    let opened = Instant::now();
    let mut timing = Timing::new(opened);
    happened(&mut timing, opened);
    let due = timing.due(opened, limits);
    let is_over = |ms| due.at <= opened + Duration::from_millis(ms);
    assert_eq!((is_over(ms - 1), is_over(ms), is_over(ms + 1)), (false, true, true));
    assert_eq!(due.reason, reason);
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn a_hello_may_come_until_its_last_millisecond() {
    check_wait(&Limits::new().with_hello_wait(ms(700)).unwrap(), 700, CloseReason::HelloDeadline, |_, _| {});
}

#[test]
fn a_guest_may_sign_in_until_the_last_millisecond() {
    let limits = Limits::new().with_sign_in_wait(ms(700)).unwrap();
    check_wait(&limits, 700, CloseReason::SignInDeadline, |timing, _| timing.greeted(true));
}

#[test]
fn a_frame_may_come_until_its_last_millisecond() {
    let limits = Limits::new().with_frame_wait(ms(700)).unwrap();
    for signs_in in [true, false] {
        check_wait(&limits, 700, CloseReason::FrameDeadline, |timing, now| {
            timing.greeted(signs_in);
            timing.frame_waits(now, 0);
        });
    }
}

#[test]
fn a_frame_has_the_time_that_its_bytes_take_at_the_slowest_rate() {
    let limits = Limits::new().with_frame_wait(ms(700)).unwrap().with_frame_bytes_per_s_min(2_000).unwrap();
    for (bytes, wait) in [(1_998, 1_699), (2_000, 1_700), (2_002, 1_701)] {
        check_wait(&limits, wait, CloseReason::FrameDeadline, |timing, now| {
            timing.greeted(false);
            timing.frame_waits(now, 0);
            timing.received(bytes);
        });
    }
}

#[test]
fn a_write_may_take_until_its_last_millisecond() {
    let limits = Limits::new().with_write_wait(ms(700)).unwrap().with_frame_bytes_per_s_min(2_000).unwrap();
    for (bytes, wait) in [(0, 700), (1_998, 1_699), (2_000, 1_700), (2_002, 1_701)] {
        assert_eq!(write_wait(bytes, &limits), ms(wait));
    }
}

#[test]
fn a_peer_may_be_idle_until_the_last_millisecond() {
    check_wait(&Limits::new().with_idle_wait(ms(700)).unwrap(), 700, CloseReason::Idle, |timing, _| {
        timing.greeted(true);
        timing.signed_in = true;
    });
}

#[test]
fn a_guest_may_be_idle_until_the_last_millisecond() {
    let limits = Limits::new().with_guest_idle_wait(ms(700)).unwrap();
    check_wait(&limits, 700, CloseReason::Idle, |timing, _| timing.greeted(true));
}

/// What a handler finds left of its deadline, in whole seconds rounded up.
#[track_caller]
fn check_deadline(limits: Limits, named_s: Option<u64>, left_s: u64) {
    let bench = Bench::with(limits);
    let mut client = bench.greet();
    let metadata = Metadata { deadline: named_s.map(Duration::from_secs), ..GOOD };
    let request = client.request(4, &metadata, &number(1));
    client.send(&request);
    assert_eq!(bench.arrived().remaining_s, left_s);
    bench.gate.send(()).unwrap();
    assert_eq!(client.hear().status, Status::OK);
}

#[test]
fn a_call_that_names_no_deadline_has_the_servers() {
    for seconds in [2, 3, 4] {
        check_deadline(Limits::new().with_call_deadline(Duration::from_secs(seconds)).unwrap(), None, seconds);
    }
}

#[test]
fn a_deadline_beyond_the_latest_is_shortened() {
    let limits = Limits::new().with_call_deadline_max(Duration::from_secs(3)).unwrap();
    for (named, left) in [(Some(2), 2), (Some(3), 3), (Some(4), 3), (None, 3)] {
        check_deadline(limits.clone(), named, left);
    }
}

/// A client that has signed in.
fn member(bench: &Bench) -> Client {
    let mut client = bench.greet();
    assert_eq!(client.call(1, &number(2)).status, Status::OK);
    client
}

#[test]
fn as_many_connections_as_allowed_are_served_and_the_next_is_told() {
    for most in 1..=3 {
        let bench = Bench::with(Limits::new().with_connections_max(most).unwrap());
        let mut members: Vec<Client> = (0..most).map(|_| member(&bench)).collect();
        let mut refused = bench.connect();
        assert_eq!(refused.hear_hello().status, Status::BUSY);
        refused.hear_end();
        bench.until(|event| (*event == Event::Refused(Some(Peer::Memory), RefuseReason::Busy)).then_some(()));
        assert!(members.iter_mut().all(|client| client.call(1, &number(2)).status == Status::OK));
        drop(members.pop());
        assert_eq!(bench.close_reason(), CloseReason::Peer);
    }
}

#[test]
fn as_many_guests_as_allowed_are_served_and_the_next_takes_a_place() {
    for most in 1..=3 {
        let bench = Bench::with(Limits::new().with_guests_max(most).unwrap());
        let _members = [member(&bench)];
        let mut guests: Vec<Client> = (0..most).map(|_| bench.greet()).collect();
        for guest in &mut guests {
            assert_eq!(guest.call(5, &text(1)).status, Status::OK);
        }
        // Nobody is silent, so the oldest guest goes; those who have signed in don't count.
        let mut next = bench.greet();
        let goodbye = guests.remove(0).next(|frame| (frame.header.kind, frame.header.status));
        assert!(matches!(goodbye, None | Some((FrameKind::Goodbye, Status::BUSY))), "{goodbye:?}");
        assert_eq!(bench.close_reason(), CloseReason::Cut);
        assert_eq!(next.call(5, &text(1)).status, Status::OK);
        assert!(guests.iter_mut().all(|guest| guest.call(5, &text(1)).status == Status::OK));
    }
}

#[test]
fn as_many_connections_of_one_source_as_allowed_are_served() {
    for most in 1..=3 {
        let bench = Bench::with(Limits::new().with_connections_per_source_max(most).unwrap());
        let address = bench.running.listen("127.0.0.1:0").unwrap();
        let connect = || {
            let tcp = TcpTransport::connect(address, Deadline::after(LONG), Waiting::Block).unwrap();
            Client::over(Box::new(tcp))
        };
        let _members: Vec<Client> = (0..most)
            .map(|_| {
                let mut client = connect();
                client.greet();
                assert_eq!(client.call(1, &number(2)).status, Status::OK);
                client
            })
            .collect();
        let mut refused = connect();
        assert_eq!(refused.hear_hello().status, Status::BUSY);
        refused.hear_end();
        assert_eq!(member(&bench).call(1, &number(2)).status, Status::OK, "another source has its own places");
    }
}

#[test]
fn as_many_slow_calls_as_allowed_run_at_once() {
    for threads in 1..=3 {
        let limits = Limits::new().with_slow_threads(threads).unwrap().with_slow_queue_max(0).unwrap();
        let bench = Bench::with(limits);
        let mut client = bench.greet();
        for _ in 0..threads {
            client.start(4, &number(1));
            bench.arrived();
        }
        assert_eq!(client.call(4, &number(1)).status, Status::OVERLOADED);
        assert_eq!(client.call(1, &number(6)).body, number(3));
        drop(bench.gate);
    }
}

#[test]
fn as_many_slow_calls_as_allowed_wait() {
    for queue in 0..=2 {
        let limits = Limits::new().with_slow_threads(1).unwrap().with_slow_queue_max(queue).unwrap();
        let bench = Bench::with(limits.with_slow_wait(Duration::from_secs(30)).unwrap());
        let mut client = bench.greet();
        client.start(4, &number(1));
        bench.arrived();
        for _ in 0..queue {
            client.start(4, &number(1));
        }
        assert_eq!(client.call(4, &number(1)).status, Status::OVERLOADED);
        assert_eq!(client.call(1, &number(6)).body, number(3));
        drop(bench.gate);
    }
}

#[test]
fn the_system_holds_as_many_connections_as_it_was_told_to() {
    for backlog in 1..=3 {
        let (_listener, address) = Listener::tcp("127.0.0.1:0", backlog).unwrap();
        // Linux takes one more than it was told. What comes then is not answered; how long that is waited for here decides
        // nothing, since nobody accepts.
        let connect = || TcpStream::connect_timeout(&address, ms(200));
        let held: Vec<_> = (0..=backlog).map(|_| connect().unwrap()).collect();
        assert!(connect().is_err(), "{} and one more were taken", held.len());
    }
}

#[test]
fn the_smallest_window_serves_one_call_after_the_other() {
    let limits = Limits::new().with_window_calls_max(1).unwrap().with_window_bytes_max(1 << 10).unwrap();
    let bench = Bench::with(limits);
    let client = ProbeClient::new(Channel::over(bench.running.connect())).with(CallOptions::new().credential("good"));
    let calls: Vec<_> = (0..20).map(|n| client.start_half(2 * n)).collect();
    assert!(calls.into_iter().zip(0..).all(|(call, n)| call.wait().unwrap() == n));
}
