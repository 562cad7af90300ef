//! What a connection keeps of large messages, and when it gives it back.

use super::*;

/// A server that takes requests of 6 MiB, has memory for 8 MiB of them, and gives replies as large.
fn bench() -> Bench {
    let limits = Limits::new().with_body_bytes_max(6 << 20).unwrap().with_public_body_bytes_max(6 << 20).unwrap();
    let limits = limits.with_reply_bytes_max(6 << 20).unwrap().with_request_memory_bytes_max(8 << 20).unwrap();
    Bench::with(limits.with_heap_bytes_max(64 << 20).unwrap())
}

const COUNT: u16 = 6;
const NEST: u16 = 12;
const HALF: u16 = 1;

/// A call that brings a large request, and one whose large reply is copied before it is written.
fn large_calls() -> [(u16, Vec<u8>); 2] {
    [(COUNT, text(3 << 20)), (NEST, number(3 << 20))]
}

/// Makes a call that needs nearly all of the memory, until there is so much; `meanwhile` is done after each refusal.
fn wait_for_memory(bench: &Bench, mut meanwhile: impl FnMut()) {
    let mut client = bench.greet();
    let request = text((6 << 20) - 64);
    let until = Deadline::after(LONG);
    while client.call(COUNT, &request).status != Status::OK {
        assert!(!until.has_passed(), "the memory never came back");
        meanwhile();
    }
}

#[test]
fn memory_of_large_messages_comes_back_when_their_connection_falls_silent() {
    for (opcode, body) in large_calls() {
        let bench = bench();
        let mut large = bench.greet();
        for _ in 0..3 {
            assert_eq!(large.call(opcode, &body).status, Status::OK);
        }
        wait_for_memory(&bench, || {});
        assert_eq!(large.call(HALF, &number(2)).body, number(1), "it is still there");
    }
}

#[test]
fn memory_of_large_messages_comes_back_when_only_small_ones_follow() {
    for (opcode, body) in large_calls() {
        let bench = bench();
        let mut large = bench.greet();
        assert_eq!(large.call(opcode, &body).status, Status::OK);
        wait_for_memory(&bench, || assert_eq!(large.call(HALF, &number(2)).body, number(1)));
    }
}

#[test]
fn a_connection_uses_what_it_has_kept_and_needs_it_only_once() {
    let bench = bench();
    let mut large = bench.greet();
    for bytes in [6, 1, 5, 6, 2, 6] {
        let told = large.call(COUNT, &text((bytes << 20) - 64));
        assert_eq!(told.status, Status::OK, "{bytes} MiB");
    }
}

#[test]
fn the_copy_that_a_keyed_call_keeps_of_its_request_is_counted() {
    let bench = bench();
    let mut client = bench.greet();
    let mut called = |request_key: Option<[u8; 16]>, bytes: usize| {
        let request = client.request(COUNT, &Metadata { request_key, ..GOOD }, &text(bytes));
        client.send(&request);
        client.hear().status
    };
    assert_eq!(called(None, 5 << 20), Status::OK);
    assert_eq!(called(Some([1; 16]), 5 << 20), Status::OVERLOADED, "it takes 10 MiB of 8");
    assert_eq!(called(Some([1; 16]), 3 << 20), Status::OK);
    // The handler panics where a call without a key has such a copy.
    assert_eq!(called(None, 1), Status::OK, "the copy stayed");
}
