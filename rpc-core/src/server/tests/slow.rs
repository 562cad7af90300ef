//! Slow methods: out of order, never in the way, bounded.

use std::time::Instant;

use super::{probe::Rule, *};
use crate::{Authorize, Call, Refusal};

#[test]
fn a_slow_call_is_overtaken_by_what_comes_after_it() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let slow = client.start(4, &number(1));
    bench.arrived();
    assert_eq!(client.call(1, &number(6)).body, number(3));
    bench.gate.send(()).unwrap();
    let told = client.hear();
    assert_eq!((told.call, told.body), (slow, number(1)));
}

#[test]
fn a_quick_slow_call_in_the_first_bytes_does_not_overtake_the_hello() {
    let bench = Bench::new();
    for _ in 0..50 {
        let mut client = bench.connect();
        let mut first = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: 4 << 20 }.append(&mut first);
        first.extend(client.request(8, &GOOD, &[]));
        client.send(&first);
        client.hear_hello();
        assert_eq!(client.hear().status, Status::INTERNAL);
    }
}

#[test]
fn work_whose_peer_has_gone_still_owns_its_slot() {
    let limits = Limits::new().with_slow_threads(1).unwrap().with_slow_queue_max(0).unwrap();
    let bench = Bench::with(limits);
    let mut gone = bench.greet();
    gone.start(4, &number(1));
    bench.arrived();
    drop(gone);
    let mut client = bench.greet();
    let told = client.call(4, &number(2));
    assert_eq!(told.status, Status::OVERLOADED);
    assert_eq!(told.refusal().retry_after, Some(Duration::from_secs(2)));
    bench.gate.send(()).unwrap();
    assert_eq!(bench.close_reason(), CloseReason::Peer);
}

#[test]
pub(super) fn a_slow_call_that_waits_too_long_is_refused_and_did_not_run() {
    // Long enough for the pool's thread to come to the first call on a busy machine, or that would be refused as well.
    let limits = Limits::new().with_slow_threads(1).unwrap().with_slow_wait(Duration::from_secs(1)).unwrap();
    let bench = Bench::with(limits);
    let mut client = bench.greet();
    client.start(4, &number(1));
    bench.arrived();
    let told = client.call(4, &number(2));
    assert_eq!(told.status, Status::OVERLOADED);
    bench.gate.send(()).unwrap();
    assert_eq!(client.hear().body, number(1));
    assert!(bench.at_gate.try_recv().is_err());
}

#[test]
fn a_slow_call_whose_deadline_passes_in_the_queue_does_not_run() {
    let bench = Bench::with(Limits::new().with_slow_threads(1).unwrap());
    let mut client = bench.greet();
    client.start(4, &number(1));
    bench.arrived();
    let short = Metadata { deadline: Some(Duration::from_millis(1)), ..GOOD };
    let requests = [client.request(4, &short, &number(2)), client.request(1, &GOOD, &number(6))];
    client.send(&requests.concat());
    let mut told = vec![client.hear()];
    while told.iter().all(|told| told.call != 3) {
        told.push(client.hear());
    }
    // The third call has its reply, so the second was taken: its deadline is over in a millisecond.
    let deadline = Deadline::after(Duration::from_millis(1));
    let mut other = bench.greet();
    while !deadline.has_passed() {
        other.call(1, &number(2));
    }
    bench.gate.send(()).unwrap();
    while told.len() < 3 {
        told.push(client.hear());
    }
    told.sort_by_key(|told| told.call);
    assert_eq!(told[0].body, number(1));
    assert_eq!(told[1].status, Status::DEADLINE_BEFORE_START);
    assert!(bench.at_gate.try_recv().is_err());
}

#[test]
pub(super) fn at_the_window_of_calls_the_server_stops_reading_and_refuses_nothing() {
    for window in 1..=3_usize {
        let limits = Limits::new().with_window_calls_max(window).unwrap().with_slow_threads(8).unwrap();
        let bench = Bench::with(limits);
        let mut client = bench.greet();
        for nth in 0..window {
            client.start(4, &number(u64::try_from(nth).unwrap()));
            bench.arrived();
        }
        let fast = client.start(1, &number(6));
        bench.gate.send(()).unwrap();
        assert_ne!(client.hear().call, fast, "the fast call was read beyond a window of {window}");
        assert_eq!(client.hear().call, fast);
        drop(bench.gate);
    }
}

#[test]
pub(super) fn at_the_window_of_bytes_the_server_stops_reading() {
    let limits = Limits::new().with_window_bytes_max(1_024).unwrap().with_slow_threads(64).unwrap();
    let bench = Bench::with(limits);
    let mut client = bench.greet();
    let one = client.request(4, &GOOD, &number(0)).len();
    let below = 1_024 / one;
    for _ in 0..=below {
        client.start(4, &number(1));
        bench.arrived();
    }
    let fast = client.start(1, &number(6));
    bench.gate.send(()).unwrap();
    assert_ne!(client.hear().call, fast);
    assert_eq!(client.hear().call, fast);
}

/// What an authorizer found, and what panics when it goes.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("as it was made to")
    }
}

struct FragileGuard;

impl Authorize<Rule> for FragileGuard {
    type Caller = Fragile;

    fn authorize(&self, _: &Call, _: Rule) -> Result<Fragile, Refusal> {
        Ok(Fragile)
    }

    fn is_public(&self, _: &Rule) -> bool {
        false
    }
}

#[test]
fn a_slow_call_that_panics_outside_of_its_handler_is_answered_and_no_more_in_flight() {
    let handler = Handler { gate: Mutex::new(channel().1), at_gate: Mutex::new(channel().0) };
    let limits = Limits::new().with_window_calls_max(1).unwrap().with_slow_threads(1).unwrap();
    let server = Server::builder().service(ProbeDispatch::new(handler, FragileGuard)).limits(limits).start().unwrap();
    let mut client = Client::over(Box::new(server.connect()));
    client.greet();
    for _ in 0..3 {
        assert_eq!(client.call(4, &number(1)).status, Status::INTERNAL);
    }
}

#[test]
fn a_slow_call_that_outlasts_a_deadline_of_its_connection_is_waited_for_without_spinning() {
    let soon = Duration::from_millis(100);
    for limits in [Limits::new().with_sign_in_wait(soon), Limits::new().with_guest_idle_wait(soon)] {
        let bench = Bench::with(limits.unwrap());
        let (server, client, waits) = watched_pair();
        let mut client = Client::over(Box::new(client));
        let mut first = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: 4 << 20 }.append(&mut first);
        first.extend(client.request(10, &Metadata::default(), &[]));
        client.send(&first);
        bench.running.serve(server);
        bench.at_gate.recv().unwrap();
        // The first one is over: the hello and the call were there.
        let ends: Vec<_> = waits.for_bytes.iter().take(6).skip(1).collect();
        assert!(ends.windows(2).all(|pair| pair[0] < pair[1]), "a wait began after its end: {ends:?}");
        bench.gate.send(()).unwrap();
        client.hear_hello();
        assert_eq!(client.hear().body, number(0));
        client.hear_goodbye(Status::TIMED_OUT, 1);
    }
}

#[test]
fn a_large_reply_of_a_slow_call_has_the_time_that_its_bytes_take() {
    let limits = Limits::new().with_write_wait(Duration::from_millis(1)).unwrap();
    let bench = Bench::with(limits.with_frame_bytes_per_s_min(64 << 10).unwrap());
    let (server, client, waits) = watched_pair();
    bench.running.serve(server);
    let mut client = Client::over(Box::new(client));
    client.greet();
    let began = Instant::now();
    client.start(11, &number(1 << 20));
    // All but the 64 KiB that a pipe holds are left to the connection's thread.
    let end = waits.for_room.recv().unwrap().unwrap();
    assert!(end >= began + Duration::from_secs(15), "{:?}", end - began);
    assert_eq!(client.hear().body.len(), (1 << 20) + TEXT_OVERHEAD);
}
