//! Calls that succeed: their bytes, their order, the window, and many threads at once.

use std::{
    collections::VecDeque,
    io::IoSlice,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use super::played::{HELLO, IDEMPOTENT, Odd, PLAIN, Server, pair, reply, start, start_bytes, start_with};
use crate::{
    CallOptions, Channel, Error, Status,
    frame::ServerHello,
    tlv::Encode,
    transport::{Deadline, Interest, Transport, memory_pair_with},
};

#[test]
fn hello_and_first_call_leave_together_and_a_plain_call_has_no_metadata() {
    let (channel, server) = pair();
    let call = start(&channel, &PLAIN, 5);
    server.hello();
    server.reply(&PLAIN, 1, 10);
    assert_eq!(call.wait(), Ok(10));
    let mut bytes = [0; 128];
    let read = server.transport.read(&mut bytes, crate::transport::Wait::Now).unwrap();
    let hello = b"\x13\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x0aTLVRPC\r\n\x11\x01\0\0\0\x21\0\0\x40\0";
    let request = b"\x09\0\0\0\x01\0\0\0\x47\0\x01\0\x02\0\0\0\x0a\x05\0\0\0\0\0\0\0";
    assert_eq!(bytes[..read], [&hello[..], &request[..]].concat());
}

#[test]
fn nothing_leaves_before_it_is_waited_for_and_then_all_of_it() {
    let (channel, mut server) = pair();
    let calls: Vec<_> = (0..15).map(|n| start(&channel, &PLAIN, n)).collect();
    assert!(server.asked_now().is_none());
    server.hello();
    (0..15).for_each(|n| server.reply(&PLAIN, n + 1, u64::from(n) * 2));
    let mut calls = calls.into_iter();
    assert_eq!(calls.next().unwrap().wait(), Ok(0));
    let asked: Vec<u64> = std::iter::from_fn(|| server.asked_now()).map(|asked| asked.argument()).collect();
    assert_eq!(asked, (0..15).collect::<Vec<_>>());
    assert!(calls.zip(1..).all(|(call, n)| call.wait() == Ok(n * 2)));
}

#[test]
fn calls_leave_unwaited_for_when_they_are_sixteen_and_as_many_as_are_on_their_way() {
    let (channel, mut server) = pair();
    server.hello();
    let mut calls = Vec::new();
    let mut left = Vec::new();
    for n in 1..=100 {
        calls.push(start(&channel, &PLAIN, n));
        left.push(std::iter::from_fn(|| server.asked_now()).count());
    }
    let writes: Vec<_> = left.iter().zip(1..).filter(|(count, _)| **count > 0).map(|(_, n)| n).collect();
    assert_eq!(writes, [16, 32, 64], "{left:?}");
    (1..=100).for_each(|id| server.reply(&PLAIN, id, 7));
    assert!(calls.into_iter().all(|call| call.wait() == Ok(7)));
}

#[test]
fn a_call_whose_reply_has_come_does_not_send_others_off_one_by_one() {
    let (channel, mut server) = pair();
    let mut calls: VecDeque<_> = (1..=4).map(|n| start(&channel, &PLAIN, n)).collect();
    server.hello();
    (1..=4).for_each(|id| server.reply(&PLAIN, id, 7));
    assert_eq!(calls.pop_front().unwrap().wait(), Ok(7));
    for n in 5..=7 {
        calls.push_back(start(&channel, &PLAIN, n));
        assert_eq!(calls.pop_front().unwrap().wait(), Ok(7));
    }
    assert_eq!(std::iter::from_fn(|| server.asked_now()).count(), 4);
    (5..=7).for_each(|id| server.reply(&PLAIN, id, 7));
    assert!(calls.into_iter().all(|call| call.wait() == Ok(7)));
    assert_eq!(std::iter::from_fn(|| server.asked_now()).count(), 3);
}

#[test]
fn sixteen_kib_leave_without_a_wait() {
    let (channel, mut server) = pair();
    let small = start_bytes(&channel, &PLAIN, 10_000);
    assert!(server.asked_now().is_none());
    let large = start_bytes(&channel, &PLAIN, 10_000);
    assert_eq!(server.asked_now().unwrap().body.len(), 10_000);
    drop((small, large));
}

#[test]
fn replies_find_their_calls_in_any_order() {
    let (channel, server) = pair();
    let calls: Vec<_> = (0..10).map(|n| start(&channel, &PLAIN, n)).collect();
    server.hello();
    for id in [7, 3, 10, 1, 9, 2, 8, 4, 6, 5] {
        server.reply(&PLAIN, id, u64::from(id) * 100);
    }
    let calls: Vec<_> = calls.into_iter().zip(1_u64..).collect();
    for (call, id) in calls.into_iter().rev() {
        assert_eq!(call.wait(), Ok(id * 100));
    }
}

#[test]
fn the_methods_own_error_is_an_app_error() {
    let (channel, server) = pair();
    server.hello();
    server.send(&reply(&PLAIN, 1, Status::APP, |out| Odd(3).encode(1, out)));
    assert_eq!(start(&channel, &PLAIN, 3).wait(), Err(Error::App(Odd(3))));
}

#[test]
fn a_reply_that_does_not_decode_fails_its_call_alone() {
    let (channel, server) = pair();
    let calls = [start(&channel, &PLAIN, 1), start(&channel, &PLAIN, 2), start(&channel, &PLAIN, 3)];
    server.hello();
    server.send(&reply(&PLAIN, 1, Status::OK, |out| out.bytes(&[0xff; 9])));
    server.send(&reply(&PLAIN, 2, Status::OK, |_| {}));
    server.reply(&PLAIN, 3, 6);
    let [first, second, third] = calls.map(super::played::Call::wait);
    assert!(matches!(first, Err(Error::BadReply(_))), "{first:?}");
    assert!(matches!(second, Err(Error::BadReply(_))), "{second:?}");
    assert_eq!(third, Ok(6));
}

#[test]
fn threads_share_one_connection() {
    let (channel, server) = pair();
    let server = thread::spawn(|| server.double());
    let sum = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread in 0..64_u64 {
            let (channel, sum) = (channel.clone(), &sum);
            scope.spawn(move || {
                for n in 0..30 {
                    let argument = thread * 1_000 + n;
                    assert_eq!(start(&channel, &PLAIN, argument).wait(), Ok(argument * 2));
                    sum.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    drop(channel);
    assert_eq!(sum.into_inner(), 64 * 30);
    assert_eq!(server.join().unwrap(), 64 * 30);
}

#[test]
fn a_full_window_waits_for_replies_and_flushes() {
    let (channel, mut server) = pair();
    server.hello_with(ServerHello { window_calls: 2, ..HELLO });
    let first = start(&channel, &PLAIN, 1);
    server.reply(&PLAIN, 1, 2);
    assert_eq!(first.wait(), Ok(2));
    let (second, third) = (start(&channel, &PLAIN, 2), start(&channel, &PLAIN, 3));
    assert_eq!(server.asked_now().unwrap().argument(), 1);
    assert!(server.asked_now().is_none());
    server.reply(&PLAIN, 2, 4);
    let fourth = start(&channel, &PLAIN, 4); // has to wait for the second's reply, so the window has to leave first
    assert_eq!(server.asked_now().unwrap().argument(), 2);
    server.reply(&PLAIN, 3, 6);
    server.reply(&PLAIN, 4, 8);
    assert_eq!((second.wait(), third.wait(), fourth.wait()), (Ok(4), Ok(6), Ok(8)));
}

#[test]
fn a_window_that_stays_full_ends_with_the_deadline_and_nothing_sent() {
    let (channel, server) = pair();
    server.hello_with(ServerHello { window_calls: 1, ..HELLO });
    server.reply(&PLAIN, 1, 2);
    assert_eq!(start(&channel, &PLAIN, 1).wait(), Ok(2));
    let _held = start(&channel, &PLAIN, 2);
    let options = CallOptions::new().deadline(Duration::from_millis(2));
    let error = start_with(&channel, &PLAIN, &options, 3).wait().unwrap_err();
    assert_eq!(error.outcome(), crate::Outcome::NotSent);
}

#[test]
fn threads_wait_for_room_in_the_window_and_all_get_it() {
    let (channel, server) = pair();
    let server = thread::spawn(move || {
        server.hello_with(ServerHello { window_calls: 3, ..HELLO });
        let mut server = server;
        let mut answered = 0;
        while let Some(asked) = server.asked() {
            server.reply(&PLAIN, asked.id(), asked.argument() * 2);
            answered += 1;
        }
        answered
    });
    thread::scope(|scope| {
        for thread in 0..16_u64 {
            let channel = channel.clone();
            scope.spawn(move || {
                for n in 0..20 {
                    let calls: Vec<_> = (0..2).map(|_| start(&channel, &PLAIN, thread * 100 + n)).collect();
                    assert!(calls.into_iter().all(|call| call.wait() == Ok((thread * 100 + n) * 2)));
                }
            });
        }
    });
    drop(channel);
    assert_eq!(server.join().unwrap(), 16 * 20 * 2);
}

#[test]
fn a_writer_without_room_reads_replies_meanwhile() {
    let (near, far) = memory_pair_with(256);
    let (channel, mut server) = (Channel::over(near), Server::new(far));
    let server = thread::spawn(move || {
        server.hello();
        for n in 0..10 {
            // Says much more than fits before it listens again: whoever only writes holds both up for ever.
            let asked = server.asked().unwrap();
            assert_eq!(asked.body.len(), 5_000);
            server.send(&reply(&IDEMPOTENT, asked.id(), Status::OK, |out| {
                n.encode(1, out);
                out.bytes_field(30, &[7; 5_000]);
            }));
        }
    });
    let calls: Vec<_> = (0..10).map(|_| start_bytes(&channel, &IDEMPOTENT, 5_000)).collect();
    for (call, n) in calls.into_iter().zip(0..) {
        assert_eq!(call.wait(), Ok(n));
    }
    server.join().unwrap();
}

#[test]
fn a_body_over_the_servers_limit_is_not_sent() {
    #[track_caller]
    fn check(bytes: usize, fits: bool) {
        let (channel, mut server) = pair();
        let server = thread::spawn(move || {
            server.hello_with(ServerHello { body_bytes_max: 2_000_000, ..HELLO });
            while let Some(asked) = server.asked() {
                server.reply(&PLAIN, asked.id(), u64::try_from(asked.body.len()).unwrap());
            }
        });
        let result = start_bytes(&channel, &PLAIN, bytes).wait();
        let expected =
            if fits { Ok(u64::try_from(bytes).unwrap()) } else { Err(Error::RequestTooLarge { bytes_max: 2_000_000 }) };
        assert_eq!(result, expected);
        drop(channel);
        server.join().unwrap();
    }
    check(1_999_999, true);
    check(2_000_000, true);
    check(2_000_001, false);
}

#[test]
fn a_reply_over_the_clients_limit_breaks_the_connection() {
    #[track_caller]
    fn check(bytes: usize, fits: bool) {
        let (near, far) = memory_pair_with(100_000);
        let (channel, server) = (Channel::builder().reply_bytes_max(2_000).over(near), Server::new(far));
        server.hello();
        server.send(&reply(&PLAIN, 1, Status::OK, |out| {
            1_u64.encode(1, out);
            out.bytes(&vec![0x08; bytes]); // the tag of a further field, and its value, again and again
        }));
        let result = start(&channel, &PLAIN, 1).wait();
        let too_long = matches!(&result, Err(Error::Transport(error))
            if matches!(error.kind, crate::TransportErrorKind::Protocol(crate::frame::FrameError::TooLong(_))));
        assert_eq!(!too_long, fits, "{result:?}");
    }
    // The limit of a frame leaves room for metadata beside the body.
    check(2_000 - 9, true);
    check(2_000 + 1_026 - 9, true);
    check(2_000 + 1_027 - 9, false);
}

#[test]
fn credentials_and_keys_travel_and_too_long_ones_do_not() {
    let (channel, mut server) = pair();
    let key = channel.request_key().unwrap();
    let options = CallOptions::new().credential([7; CallOptions::CREDENTIAL_BYTES_MAX]).key(key).trace_id([9; 16]);
    let options = options.deadline(Duration::from_secs(3));
    server.hello();
    server.reply(&PLAIN, 1, 1);
    assert_eq!(start_with(&channel, &PLAIN, &options, 1).wait(), Ok(1));
    let asked = server.asked_now().unwrap();
    assert_eq!(asked.key, Some(key.to_bytes()));
    assert_eq!(asked.trace_id, Some([9; 16]));
    assert_eq!(asked.credential.unwrap(), [7; CallOptions::CREDENTIAL_BYTES_MAX]);
    let options = CallOptions::new().credential([7; CallOptions::CREDENTIAL_BYTES_MAX + 1]);
    let error = start_with(&channel, &PLAIN, &options, 1).wait().unwrap_err();
    assert_eq!(error, Error::RequestTooLarge { bytes_max: CallOptions::CREDENTIAL_BYTES_MAX });
    assert!(server.asked_now().is_none());
}

#[test]
fn a_dropped_call_that_has_not_left_never_leaves() {
    let (channel, mut server) = pair();
    let dropped = start(&channel, &PLAIN, 1);
    let kept = start(&channel, &PLAIN, 2);
    drop(dropped);
    server.hello();
    server.reply(&PLAIN, 2, 4);
    assert_eq!(kept.wait(), Ok(4));
    assert_eq!(server.asked_now().unwrap().argument(), 2);
    assert!(server.asked_now().is_none());
}

#[test]
fn a_dropped_call_that_has_left_is_skipped_when_it_is_answered() {
    let (channel, server) = pair();
    let (dropped, kept) = (start(&channel, &PLAIN, 1), start(&channel, &PLAIN, 2));
    let last = start(&channel, &PLAIN, 3);
    server.hello();
    server.reply(&PLAIN, 2, 4);
    assert_eq!(kept.wait(), Ok(4));
    drop(dropped);
    server.reply(&PLAIN, 1, 2);
    server.reply(&PLAIN, 1, 2); // and one that answers nothing at all
    server.reply(&PLAIN, 3, 6);
    assert_eq!(last.wait(), Ok(6));
}

#[test]
fn a_played_server_sees_a_full_pipe() {
    // Guards the test above that relies on it.
    let (near, _far) = memory_pair_with(4);
    assert_eq!(near.write(&[IoSlice::new(b"12345")]).unwrap(), 4);
    assert!(near.ready(Interest::WRITE, Deadline::after(Duration::ZERO)).is_err());
}
