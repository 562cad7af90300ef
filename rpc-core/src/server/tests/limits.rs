//! Each limit at n - 1, n and n + 1.

use super::*;
use crate::{CallOptions, Channel};

#[test]
pub(super) fn a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_skipped() {
    let bench = Bench::with(Limits::new().with_body_bytes_max(1_000).unwrap());
    let mut client = bench.greet();
    for (bytes, status) in
        [(999, Status::OK), (1_000, Status::OK), (1_001, Status::BODY_TOO_LARGE), (8_000, Status::BODY_TOO_LARGE)]
    {
        let told = client.call(6, &text(bytes - TEXT_OVERHEAD));
        assert_eq!(told.status, status, "{bytes}");
        assert_eq!(told.refusal().limit.is_some(), status != Status::OK);
    }
    assert_eq!(client.call(1, &number(2)).status, Status::OK);
}

#[test]
pub(super) fn a_public_method_is_held_to_the_smaller_limit_even_with_a_credential() {
    let bench = Bench::new();
    let mut client = bench.greet();
    for (bytes, status) in [(4_095, Status::OK), (4_096, Status::OK), (4_097, Status::BODY_TOO_LARGE)] {
        assert_eq!(client.call(5, &text(bytes - TEXT_OVERHEAD)).status, status, "{bytes}");
    }
}

#[test]
fn a_body_too_large_is_refused_before_it_is_there() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let request = client.request(5, &GOOD, &text(5_000));
    client.send(&request[..30]);
    assert_eq!(client.hear().refusal().limit, Some(4_096));
    client.send(&request[30..]);
    assert_eq!(client.call(1, &number(2)).status, Status::OK);
}

#[test]
fn a_frame_that_can_hold_no_skippable_body_is_refused_and_closed() {
    let bench = Bench::with(Limits::new().with_body_bytes_max(100).unwrap());
    // The largest frame that is skipped: eight limits and the largest metadata.
    let longest = 8 * 100 + 2 + Metadata::BYTES_MAX;
    let mut client = bench.greet();
    assert_eq!(client.call(6, &text(longest - 8 - TEXT_OVERHEAD)).status, Status::BODY_TOO_LARGE);
    assert_eq!(client.call(1, &number(2)).status, Status::OK);
    for opcode in [6, 99] {
        let mut client = bench.greet();
        let request = client.request(opcode, &GOOD, &text(longest - 8 - TEXT_OVERHEAD + 1));
        client.send(&request[..16]);
        let told = client.hear();
        assert_eq!(told.status, if opcode == 6 { Status::BODY_TOO_LARGE } else { Status::UNKNOWN_OPCODE });
        client.hear_goodbye(Status::PROTOCOL_ERROR, 1);
    }
}

#[test]
pub(super) fn a_reply_over_the_servers_or_the_clients_limit_is_told_and_ran() {
    let bench = Bench::with(Limits::new().with_reply_bytes_max(1_000).unwrap());
    let mut client = bench.greet();
    for (bytes, status) in [(999, Status::OK), (1_000, Status::OK), (1_001, Status::REPLY_TOO_LARGE)] {
        let told = client.call(3, &number(u64::try_from(bytes - TEXT_OVERHEAD).unwrap()));
        assert_eq!(told.status, status, "{bytes}");
    }
    let mut small = bench.connect();
    let mut hello = Vec::new();
    ClientHello { version: VERSION, reply_bytes_max: 300 }.append(&mut hello);
    small.send(&hello);
    small.hear_hello();
    assert_eq!(small.call(3, &number(295)).status, Status::OK);
    assert_eq!(small.call(3, &number(296)).refusal().limit, Some(300));
}

#[test]
fn a_hello_of_1_kib_is_read_and_one_byte_more_is_not() {
    for (length, answered) in [(1_023, true), (1_024, true), (1_025, false)] {
        let bench = Bench::new();
        let mut client = bench.connect();
        let mut hello = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: 64 }.append(&mut hello);
        let content: usize = hello.len() - 16;
        // An unknown field of later versions fills it up.
        hello.extend([9 << 3 | 5]);
        hello.extend(u32::try_from(length - content - TEXT_OVERHEAD).unwrap().to_le_bytes());
        hello.resize(16 + length, 0);
        hello[..4].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        client.send(&hello);
        if answered {
            assert_eq!(client.hear_hello().status, Status::OK);
        } else {
            client.hear_end();
        }
    }
}

#[test]
pub(super) fn the_smallest_stack_holds_the_deepest_message() {
    for depth_max in [8, 32, 64] {
        let limits = Limits::new().with_stack_bytes(128 << 10).unwrap().with_depth_max(depth_max).unwrap();
        let bench = Bench::with(limits);
        let options = CallOptions::new().credential("good");
        let client = ProbeClient::new(Channel::over(bench.running.connect())).with(options);
        let nest = |depth| (1..depth).fold(Nest::default(), |nest, _| Nest { inner: vec![nest], ..Nest::default() });
        // Each nest takes one level as a message; what lies above the limit must be refused, never overflow.
        let depth = u64::from(depth_max);
        assert_eq!(client.depth(&nest(depth / 2)).unwrap(), depth / 2);
        for depth in depth..depth + 64 {
            let answer = client.depth(&nest(depth));
            assert!(answer.is_ok() || matches!(answer, Err(Error::Refused(_))), "{answer:?}");
        }
        assert!(client.depth(&nest(depth + 64)).is_err());
    }
}

#[test]
pub(super) fn large_requests_of_all_connections_share_one_budget() {
    let frame = |bytes: usize| 16 + 8 + TEXT_OVERHEAD + bytes;
    let bytes = 100_000;
    for (budget, status) in
        [(2 * frame(bytes) - 1, Status::OVERLOADED), (2 * frame(bytes), Status::OK), (2 * frame(bytes) + 1, Status::OK)]
    {
        let bench = Bench::with(Limits::new().with_request_memory_bytes_max(budget).unwrap());
        let mut first = bench.greet();
        let request = first.request(6, &GOOD, &text(bytes));
        // The first is admitted and waits for its last byte.
        let (head, last) = request.split_at(request.len() - 1);
        first.send(head);
        let mut second = bench.greet();
        let other = second.request(6, &GOOD, &text(bytes));
        second.send(&other[..other.len() - 1]);
        if status == Status::OVERLOADED {
            // Either may have come first; exactly one is refused before its last byte.
            let refused = bench.until(|event| match event {
                Event::Call { status, .. } => Some(*status),
                _ => None,
            });
            assert_eq!(refused, Status::OVERLOADED);
        }
        first.send(last);
        second.send(last);
        let mut told = [first.hear().status, second.hear().status];
        told.sort_unstable();
        assert_eq!(told, [Status::OK, status]);
        assert_eq!(second.call(1, &number(2)).status, Status::OK);
    }
}

#[test]
fn a_small_request_needs_no_budget() {
    let bench = Bench::with(Limits::new().with_request_memory_bytes_max(65_536).unwrap());
    let mut client = bench.greet();
    let largest_small = 65_536 - 16 - 8 - TEXT_OVERHEAD;
    assert_eq!(client.call(6, &text(largest_small)).status, Status::OK);
    assert_eq!(client.call(6, &text(largest_small + 1)).status, Status::OVERLOADED);
}

#[test]
fn a_peer_that_is_silent_too_long_is_told_why_it_is_closed() {
    let short = Duration::from_millis(1);
    let check = |limits: Limits, say: &dyn Fn(&mut Client), reason, goodbye: Option<u32>| {
        let bench = Bench::with(limits);
        let mut client = bench.connect();
        say(&mut client);
        match goodbye {
            Some(last_call) => client.hear_goodbye(Status::TIMED_OUT, last_call),
            None => client.hear_end(),
        }
        drop(client);
        assert_eq!(bench.close_reason(), reason);
    };
    let greet = |client: &mut Client| assert_eq!(client.greet().status, Status::OK);
    let sign_in = |client: &mut Client| {
        client.greet();
        client.call(1, &number(2));
    };
    let half = |client: &mut Client| {
        sign_in(client);
        let request = client.request(1, &GOOD, &number(2));
        client.send(&request[..20]);
    };
    let limits = Limits::new;
    check(limits().with_hello_wait(short).unwrap(), &|_| {}, CloseReason::HelloDeadline, None);
    check(limits().with_sign_in_wait(short).unwrap(), &greet, CloseReason::SignInDeadline, Some(0));
    check(limits().with_guest_idle_wait(short).unwrap(), &greet, CloseReason::Idle, Some(0));
    check(limits().with_idle_wait(short).unwrap(), &sign_in, CloseReason::Idle, Some(1));
    check(limits().with_frame_wait(short).unwrap(), &half, CloseReason::FrameDeadline, Some(1));
}

#[test]
fn a_guest_who_never_pauses_is_late_to_sign_in_all_the_same() {
    let bench = Bench::with(Limits::new().with_sign_in_wait(Duration::from_millis(20)).unwrap());
    let mut client = bench.greet();
    loop {
        let request = client.request(5, &Metadata::default(), &text(1));
        // The server may have closed already.
        let _sent = write_all(&*client.transport, &request, Deadline::after(LONG));
        let told = client.hear();
        if told.kind == FrameKind::Goodbye {
            assert_eq!(told.status, Status::TIMED_OUT);
            break;
        }
        assert_eq!(told.status, Status::OK);
    }
}

#[test]
fn a_peer_that_does_not_read_is_closed_at_the_write_deadline() {
    let limits = Limits::new().with_write_wait(Duration::from_millis(1)).unwrap();
    let bench = Bench::with(limits.with_frame_bytes_per_s_min(64 << 20).unwrap());
    let mut client = bench.greet();
    client.start(3, &number(1_000_000));
    assert_eq!(bench.close_reason(), CloseReason::WriteDeadline);
}

#[test]
fn the_longest_silent_connection_makes_room_for_a_newcomer() {
    let bench = Bench::with(Limits::new().with_guests_max(2).unwrap());
    let mut silent = bench.connect();
    let _other = bench.connect();
    let mut newcomer = bench.greet();
    assert_eq!(silent.hear_hello().status, Status::BUSY);
    silent.hear_end();
    assert_eq!(newcomer.call(1, &number(2)).status, Status::OK);
    assert_eq!(bench.close_reason(), CloseReason::Cut);
}

#[test]
fn where_nobody_is_silent_the_oldest_guest_makes_room_and_hears_goodbye() {
    let bench = Bench::with(Limits::new().with_guests_max(2).unwrap());
    let mut oldest = bench.greet();
    assert_eq!(oldest.call(5, &text(1)).status, Status::OK); // so that it waits for bytes, or soon does
    let mut other = bench.greet();
    let mut newcomer = bench.greet();
    assert!(matches!(
        oldest.next(told).map(|told| (told.kind, told.status)),
        None | Some((FrameKind::Goodbye, Status::BUSY))
    ));
    for client in [&mut other, &mut newcomer] {
        assert_eq!(client.call(1, &number(2)).status, Status::OK);
    }
    assert_eq!(bench.close_reason(), CloseReason::Cut);
}

#[test]
fn a_peer_that_does_not_close_after_a_goodbye_is_closed_all_the_same() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let mut broken = client.request(1, &GOOD, &number(2));
    broken[12] = 9;
    client.send(&broken);
    client.hear_goodbye(Status::PROTOCOL_ERROR, 0);
    // It is read for a second, so that it need not lose the goodbye to a reset; what it says meanwhile is dropped.
    client.send(&[7; 100]);
    assert_eq!(bench.close_reason(), CloseReason::Protocol);
}
