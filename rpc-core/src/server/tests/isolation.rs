//! The rows of Wire §7.2 that a server answers for: what a peer is told of each thing that goes wrong, whether its connection
//! stays, and that its neighbours go on: a call in flight on the same connection, and another connection.

use super::*;
use crate::Outcome;

/// A connection with a call in flight, and a neighbour of it.
struct Scene {
    bench: Bench,
    client: Client,
    neighbour: Client,
    /// The call that waits at the gate.
    waiting: u32,
}

impl Scene {
    fn new() -> Self {
        Self::with(Limits::new())
    }

    fn with(limits: Limits) -> Self {
        let bench = Bench::with(limits.with_slow_threads(2).unwrap());
        let (mut client, neighbour) = (bench.greet(), bench.greet());
        let waiting = client.start(4, &number(7));
        bench.arrived();
        Self { bench, client, neighbour, waiting }
    }

    /// Sends a request, whose reply has this status and claims this outcome.
    fn refuses(&mut self, request: &[u8], status: Status, outcome: Outcome) -> Told {
        self.client.send(request);
        let told = self.client.hear();
        assert_eq!((told.kind, told.status, told.status.outcome()), (FrameKind::Reply, status, outcome));
        told
    }

    /// The connection works, and everyone else's does.
    fn stays(mut self) {
        assert_eq!(self.client.call(1, &number(8)).body, number(4));
        self.answers_what_was_in_flight();
        self.spares_its_neighbour();
    }

    /// The connection ends with this goodbye, which names the last call that was taken; those are answered first.
    fn closes(mut self, goodbye: Status, last_call: u32) {
        let told = self.client.hear();
        assert_eq!((told.kind, told.status, told.call), (FrameKind::Goodbye, goodbye, last_call));
        self.answers_what_was_in_flight();
        self.client.hear_end();
        self.spares_its_neighbour();
    }

    fn answers_what_was_in_flight(&mut self) {
        self.bench.gate.send(()).unwrap();
        let told = self.client.hear();
        assert_eq!((told.kind, told.call, told.body), (FrameKind::Reply, self.waiting, number(7)));
    }

    fn spares_its_neighbour(&mut self) {
        assert_eq!(self.neighbour.call(1, &number(6)).body, number(3));
        assert_eq!(self.bench.greet().call(1, &number(2)).body, number(1), "nobody new gets in");
    }
}

/// One call with this body fails with this status, and nothing else does.
#[track_caller]
fn one_call_fails(opcode: u16, body: &[u8], status: Status, outcome: Outcome) {
    let mut scene = Scene::new();
    let request = scene.client.request(opcode, &GOOD, body);
    scene.refuses(&request, status, outcome);
    scene.stays();
}

/// A request of which these bytes are others than they should be.
fn garbled(client: &mut Client, changes: &[(usize, u8)]) -> Vec<u8> {
    let mut request = client.request(1, &GOOD, &number(6));
    for (offset, byte) in changes {
        request[*offset] = *byte;
    }
    request
}

#[test]
fn an_unknown_service_is_told_so_and_the_connection_stays() {
    for service in [0, 0x99] {
        let mut scene = Scene::new();
        let request = garbled(&mut scene.client, &[(8, service), (9, 0)]);
        scene.refuses(&request, Status::UNKNOWN_SERVICE, Outcome::Rejected);
        scene.stays();
    }
}

#[test]
fn an_unknown_opcode_is_told_so_and_the_connection_stays() {
    for opcode in [0, 99, u16::MAX] {
        one_call_fails(opcode, &number(6), Status::UNKNOWN_OPCODE, Outcome::Rejected);
    }
}

#[test]
fn an_undecodable_body_is_told_so_and_the_connection_stays() {
    let bodies = [vec![], number(6)[..8].to_vec(), [number(6), vec![0]].concat(), vec![0xff; 40], text(3)];
    for body in bodies {
        one_call_fails(1, &body, Status::BAD_BODY, Outcome::Rejected);
    }
}

#[test]
fn a_panic_is_told_at_once_and_the_connection_stays() {
    for opcode in [2, 8] {
        one_call_fails(opcode, &[], Status::INTERNAL, Outcome::MaybeExecuted);
    }
    let mut scene = Scene::new();
    let metadata = Metadata { credential: Some(b"panic"), ..Metadata::default() };
    let request = scene.client.request(1, &metadata, &number(6));
    scene.refuses(&request, Status::INTERNAL, Outcome::MaybeExecuted);
    scene.stays();
}

#[test]
fn a_body_over_its_limit_is_skipped_and_the_connection_stays() {
    let mut scene = Scene::with(Limits::new().with_body_bytes_max(1_000).unwrap());
    let request = scene.client.request(6, &GOOD, &text(8_000 - TEXT_OVERHEAD));
    // The refusal comes before the body does.
    let told = scene.refuses(&request[..40], Status::BODY_TOO_LARGE, Outcome::Rejected);
    assert_eq!(told.refusal().limit, Some(1_000));
    scene.client.send(&request[40..]);
    scene.stays();
}

#[test]
fn a_body_far_over_its_limit_ends_the_connection() {
    let mut scene = Scene::with(Limits::new().with_body_bytes_max(1_000).unwrap());
    let request = scene.client.request(6, &GOOD, &text(20_000));
    scene.refuses(&request, Status::BODY_TOO_LARGE, Outcome::Rejected);
    scene.closes(Status::PROTOCOL_ERROR, 2);
}

#[test]
fn a_reply_over_its_limit_is_told_as_executed_and_the_connection_stays() {
    let mut scene = Scene::with(Limits::new().with_reply_bytes_max(1_000).unwrap());
    let request = scene.client.request(3, &GOOD, &number(1_000));
    let told = scene.refuses(&request, Status::REPLY_TOO_LARGE, Outcome::Executed);
    assert_eq!(told.refusal().limit, Some(1_000));
    scene.stays();
}

#[test]
fn a_call_whose_deadline_has_passed_does_not_start_and_the_connection_stays() {
    let mut scene = Scene::new();
    let late = Metadata { deadline: Some(Duration::ZERO), ..GOOD };
    let request = scene.client.request(7, &late, &[]);
    scene.refuses(&request, Status::DEADLINE_BEFORE_START, Outcome::Rejected);
    assert!(scene.bench.at_gate.try_recv().is_err(), "the handler started");
    scene.stays();
}

#[test]
fn a_call_that_outlasts_its_deadline_is_answered_late_and_the_connection_stays() {
    let mut scene = Scene::new();
    let short = Metadata { deadline: Some(Duration::from_millis(20)), ..GOOD };
    let request = scene.client.request(4, &short, &number(9));
    scene.client.send(&request);
    scene.bench.arrived();
    let deadline = Deadline::after(Duration::from_millis(20));
    while !deadline.has_passed() {
        scene.neighbour.call(1, &number(2));
    }
    // Both calls at the gate are let through; their replies come in any order.
    scene.bench.gate.send(()).unwrap();
    scene.bench.gate.send(()).unwrap();
    let mut told = [scene.client.hear(), scene.client.hear()];
    told.sort_by_key(|told| told.call);
    assert_eq!(told.map(|told| (told.status, told.body)), [(Status::OK, number(7)), (Status::OK, number(9))]);
    assert_eq!(scene.client.call(1, &number(8)).body, number(4));
    scene.spares_its_neighbour();
}

#[test]
fn bad_metadata_are_told_so_and_the_connection_stays() {
    // A field of a wrong kind, a length beyond the frame, a length over the limit.
    for changes in [&[(18, 0x20)][..], &[(16, 200)], &[(16, 1), (17, 4)]] {
        let mut scene = Scene::new();
        let request = garbled(&mut scene.client, changes);
        scene.refuses(&request, Status::BAD_METADATA, Outcome::Rejected);
        scene.stays();
    }
}

#[test]
fn metadata_of_1_kib_are_read_and_one_byte_more_is_refused() {
    for (length, status) in [(1_023, Status::OK), (1_024, Status::OK), (1_025, Status::BAD_METADATA)] {
        let mut scene = Scene::new();
        let mut metadata = Vec::new();
        GOOD.append(&mut metadata).unwrap();
        let unknown = length - metadata.len() - 5;
        metadata.push(9 << 3 | 5);
        metadata.extend(u32::try_from(unknown).unwrap().to_le_bytes());
        metadata.resize(length, 7);
        let plain = scene.client.request(1, &Metadata::default(), &number(6));
        let (mut header, body) = (plain[..Header::BYTES].to_vec(), &plain[Header::BYTES..]);
        header[..4].copy_from_slice(&u32::try_from(2 + length + body.len()).unwrap().to_le_bytes());
        header[13] = HeaderFlags::METADATA.0;
        let request = [&header[..], &u16::try_from(length).unwrap().to_le_bytes(), &metadata, body].concat();
        scene.refuses(&request, status, status.outcome());
        scene.stays();
    }
}

#[test]
fn who_may_not_call_is_told_before_the_body_and_the_connection_stays() {
    for (credential, status) in [(None, Status::UNAUTHENTICATED), (Some(&b"bad"[..]), Status::FORBIDDEN)] {
        let mut scene = Scene::new();
        let request = scene.client.request(6, &Metadata { credential, ..Metadata::default() }, &text(20_000));
        let (head, rest) = request.split_at(60);
        scene.refuses(head, status, Outcome::Rejected);
        scene.client.send(rest);
        scene.stays();
    }
}

#[test]
fn a_full_queue_is_told_with_a_wait_and_the_connection_stays() {
    let limits = Limits::new().with_slow_threads(1).unwrap().with_slow_queue_max(0).unwrap();
    let bench = Bench::with(limits);
    let (mut client, neighbour) = (bench.greet(), bench.greet());
    let waiting = client.start(4, &number(7));
    bench.arrived();
    let mut scene = Scene { bench, client, neighbour, waiting };
    let request = scene.client.request(4, &GOOD, &number(1));
    let told = scene.refuses(&request, Status::OVERLOADED, Outcome::Rejected);
    assert!(told.refusal().retry_after.is_some());
    scene.stays();
}

#[test]
fn memory_that_is_not_there_is_told_with_a_wait_and_the_connection_stays() {
    let mut scene = Scene::with(Limits::new().with_request_memory_bytes_max(64 << 10).unwrap());
    let request = scene.client.request(6, &GOOD, &text(64 << 10));
    let told = scene.refuses(&request, Status::OVERLOADED, Outcome::Rejected);
    assert!(told.refusal().retry_after.is_some());
    scene.stays();
}

#[test]
fn a_call_id_that_is_used_twice_is_answered_twice() {
    let mut scene = Scene::new();
    let request = scene.client.request(1, &GOOD, &number(6));
    for _ in 0..2 {
        let told = scene.refuses(&request, Status::OK, Outcome::Executed);
        assert_eq!((told.call, told.body), (2, number(3)));
    }
    // Even that of a call in flight.
    let again = garbled(&mut scene.client, &[(4, 1)]);
    assert_eq!(scene.refuses(&again, Status::OK, Outcome::Executed).call, scene.waiting);
    scene.stays();
}

#[test]
fn a_call_id_of_0_and_a_status_in_a_request_are_not_looked_at() {
    for changes in [[(4, 0), (14, 0)], [(4, 9), (14, 7)]] {
        let mut scene = Scene::new();
        let request = garbled(&mut scene.client, &changes);
        let told = scene.refuses(&request, Status::OK, Outcome::Executed);
        assert_eq!((told.call, told.body), (changes[0].1.into(), number(3)));
        scene.stays();
    }
}

#[test]
fn an_unknown_kind_or_flag_ends_the_connection() {
    for changes in [[(12, 0)], [(12, 5)], [(12, 0xff)], [(13, 2)], [(13, 0x81)]] {
        let mut scene = Scene::new();
        let request = garbled(&mut scene.client, &changes);
        scene.client.send(&request);
        scene.closes(Status::PROTOCOL_ERROR, 1);
    }
}

#[test]
fn a_frame_that_does_not_belong_here_ends_the_connection() {
    // A second hello, a reply, a goodbye of a method.
    for kind in [1, 3, 4] {
        let mut scene = Scene::new();
        let request = garbled(&mut scene.client, &[(12, kind)]);
        scene.client.send(&request);
        scene.closes(Status::PROTOCOL_ERROR, 1);
    }
}

#[test]
fn a_frame_that_ends_early_is_not_executed_and_ends_the_connection_without_a_word() {
    let whole = garbled(&mut Bench::new().connect(), &[]);
    for end in 1..whole.len() {
        let mut scene = Scene::new();
        scene.client.send(&whole[..end]);
        scene.client.transport.shutdown().unwrap();
        scene.bench.gate.send(()).unwrap();
        // The slow call was taken; whether its reply was written before the end was found depends on who was quicker.
        while let Some(told) = scene.client.next(told) {
            assert_eq!((told.kind, told.call), (FrameKind::Reply, scene.waiting), "{end}");
        }
        scene.spares_its_neighbour();
    }
}
