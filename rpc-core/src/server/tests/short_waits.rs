//! Waits and deadlines shorter than the system's tick, where nobody observes: a connection then reads the exact clock only
//! where it matters. What is judged is what a peer can tell for sure, so a busy machine changes nothing: whatever ends a wait
//! came no earlier than the wait after the peer's last word, and a deadline that has surely passed is over.

use std::{thread, time::Instant};

use super::*;

/// The least that the range of a wait allows, and less than a tick.
const SHORT: Duration = Duration::from_millis(1);
/// The longest that any system's is.
const TICK: Duration = Duration::from_millis(10);
/// Where in a tick a wait begins is a matter of chance, so there are some.
const ROUNDS: usize = 20;

/// Lets the peer's clock go on.
fn let_pass(wait: Duration) {
    let until = Deadline::after(wait);
    while !until.has_passed() {
        thread::yield_now();
    }
}

#[test]
fn a_short_deadline_begins_when_its_header_has_come() {
    let bench = Bench::unobserved(Limits::new());
    let mut client = bench.greet();
    let deadline = Duration::from_millis(900);
    for round in 0..ROUNDS {
        let request = client.request(7, &Metadata { deadline: Some(deadline), ..GOOD }, &[]);
        let (header, rest) = request.split_at(Header::BYTES);
        let sent = Instant::now();
        client.send(header);
        let_pass(TICK);
        client.send(rest);
        bench.gate.send(()).unwrap();
        assert!(bench.arrived().deadline.unwrap() >= sent + deadline, "round {round}");
        client.hear();
    }
}

#[test]
fn a_short_deadline_that_passes_before_the_body_has_come_is_over() {
    let frame_wait = Duration::from_secs(5);
    let bench = Bench::unobserved(Limits::new().with_frame_wait(frame_wait).unwrap());
    for round in 0..ROUNDS {
        let (server, client, waits) = watched_pair();
        bench.running.serve(server);
        let mut client = Client::over(Box::new(client));
        client.greet();
        let request = client.request(1, &Metadata { deadline: Some(SHORT), ..GOOD }, &number(6));
        let (head, last) = request.split_at(request.len() - 1);
        let sent = Instant::now();
        client.send(head);
        // No other wait has an end like that of a frame's rest: an idle guest has 30 s, and before that is looked at after 0.2 s.
        let ends = |end: Option<Instant>| end.is_some_and(|end| end > sent + frame_wait && end < sent + 5 * frame_wait);
        assert!(waits.for_bytes.iter().any(ends));
        let_pass(SHORT);
        client.send(last);
        assert_eq!(client.hear().status, Status::DEADLINE_BEFORE_START, "round {round}");
    }
}

#[test]
fn a_short_wait_for_a_frame_begins_when_the_frame_has() {
    let bench = Bench::unobserved(Limits::new().with_frame_wait(SHORT).unwrap());
    for round in 0..ROUNDS {
        let mut client = bench.greet();
        let request = client.request(1, &GOOD, &number(6));
        let_pass(TICK);
        let sent = Instant::now();
        client.send(&request[..8]);
        client.hear_goodbye(Status::TIMED_OUT, 0);
        let took = sent.elapsed();
        assert!(took >= SHORT, "{took:?}, round {round}");
    }
}

#[test]
fn a_short_idle_wait_begins_with_the_hello() {
    let bench = Bench::unobserved(Limits::new().with_guest_idle_wait(SHORT).unwrap());
    for round in 0..ROUNDS {
        let mut client = bench.connect();
        let_pass(TICK); // the thread has read the exact clock when it began
        let sent = Instant::now();
        client.greet();
        client.hear_goodbye(Status::TIMED_OUT, 0);
        let took = sent.elapsed();
        assert!(took >= SHORT, "{took:?}, round {round}");
    }
}
