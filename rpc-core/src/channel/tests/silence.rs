//! A server that stands still: its connection stays open, and nothing comes. Another one is asked then.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use super::played::{Call, IDEMPOTENT, Odd, PLAIN, Server, servers_by, start, start_bytes, start_with};
use crate::{
    CallOptions, Channel, Outcome,
    channel::call,
    tlv::Encode,
    transport::{Deadline, Decorator, MemoryTransport, Transport, Wait, memory_pair},
};

/// Soon, and long enough that an answer that is there is found on a busy machine.
const SILENCE: Duration = Duration::from_millis(400);

/// A channel with two servers.
fn two() -> (Channel, [Server; 2]) {
    let (channel, servers) = servers_by(Channel::builder().silence_max(SILENCE), 2);
    (channel, servers.try_into().unwrap())
}

/// Lets so much time pass in which nobody waits for a reply.
fn pass(time: Duration) {
    let end = Deadline::after(time);
    while !end.has_passed() {
        thread::yield_now();
    }
}

#[test]
fn a_server_that_stands_still_is_left_for_another_one() {
    for method in [&IDEMPOTENT, &super::played::KEYED] {
        let (channel, mut servers) = two();
        let call = start(&channel, method, 21);
        servers[1].hello();
        servers[1].reply(method, 1, 42);
        assert_eq!(call.wait(), Ok(42));
        let (first, second) = (servers[0].asked_now().unwrap(), servers[1].asked_now().unwrap());
        assert_eq!((&first.body, first.key), (&second.body, second.key));
    }
}

#[test]
fn a_call_that_can_not_be_made_again_waits_for_its_deadline_and_the_next_one_goes_elsewhere() {
    let (channel, servers) = two();
    let options = CallOptions::new().deadline(SILENCE * 2);
    let began = Instant::now();
    let error = start_with(&channel, &PLAIN, &options, 1).wait().unwrap_err();
    assert!(began.elapsed() >= SILENCE * 2);
    assert_eq!(error.outcome(), Outcome::MaybeExecuted);
    servers[1].hello();
    servers[1].reply(&PLAIN, 1, 42);
    assert_eq!(start(&channel, &PLAIN, 21).wait(), Ok(42));
}

#[test]
fn a_server_that_says_anything_at_all_is_waited_for() {
    let (channel, mut servers) = two();
    servers[0].hello();
    let slow = start(&channel, &IDEMPOTENT, 1);
    let began = Instant::now();
    thread::scope(|scope| {
        let waits = scope.spawn(|| slow.wait());
        let quick = (2..).take_while(|_| began.elapsed() < SILENCE * 3).map(|id| {
            let quick = start(&channel, &IDEMPOTENT, 2);
            servers[0].reply(&IDEMPOTENT, id, 4);
            while servers[0].asked_now().is_some() {} // or what has no reader fills the pair
            quick.wait()
        });
        assert!(quick.into_iter().all(|answer| answer == Ok(4)));
        servers[0].reply(&IDEMPOTENT, 1, 2);
        assert_eq!(waits.join().unwrap(), Ok(2));
    });
    assert!(servers[1].asked_now().is_none());
}

#[test]
fn a_server_that_stands_still_is_left_by_calls_that_wait_for_less_than_it_may_be_silent() {
    for method in [&PLAIN, &IDEMPOTENT] {
        let (channel, [_still, other]) = two();
        other.hello();
        other.reply(method, 1, 42);
        let hasty = CallOptions::new().deadline(SILENCE / 2);
        let calls = (0..20).map(|_| start_with(&channel, method, &hasty, 1).wait());
        let failed = calls.take_while(|answer| *answer != Ok(42)).count();
        assert!((1..20).contains(&failed), "{failed} calls failed");
    }
}

#[test]
fn a_call_that_comes_after_the_silence_goes_elsewhere_at_once() {
    let (channel, [_still, other]) = two();
    let hasty = CallOptions::new().deadline(SILENCE / 4);
    assert!(start_with(&channel, &PLAIN, &hasty, 1).wait().is_err());
    pass(SILENCE);
    other.hello();
    other.reply(&PLAIN, 1, 42);
    assert_eq!(start_with(&channel, &PLAIN, &hasty, 1).wait(), Ok(42));
}

/// So many calls fill the window of a server that has not said hello.
const WINDOW: u64 = 128;

#[test]
fn who_waits_for_room_at_a_server_that_stands_still_goes_elsewhere() {
    let (channel, [_still, other]) = two();
    let fills: Vec<Call> = (0..WINDOW).map(|n| start(&channel, &IDEMPOTENT, n)).collect();
    thread::scope(|scope| {
        scope.spawn(|| other.double());
        let wait = |channel: Channel| scope.spawn(move || start(&channel, &PLAIN, 21).wait());
        let waits: Vec<_> = (0..3).map(|_| wait(channel.clone())).collect();
        for waits in waits {
            assert_eq!(waits.join().unwrap(), Ok(42));
        }
        // Those that wait at the first one go after them, as far as the budget for repetitions goes.
        let answers: Vec<_> = fills.into_iter().take(10).map(Call::wait).collect();
        assert_eq!(answers, (0..10).map(|n| Ok(2 * n)).collect::<Vec<_>>());
        drop(channel);
    });
}

#[test]
fn who_writes_long_arguments_to_a_server_that_stands_still_goes_elsewhere() {
    let (channel, [_still, mut other]) = two();
    let long = vec![7_u8; 1 << 18]; // four times what fits between them
    thread::scope(|scope| {
        scope.spawn(move || {
            other.hello();
            assert!(other.asked().unwrap().body.len() > 1 << 18);
            other.reply(&IDEMPOTENT, 1, 42);
        });
        let answer = call::<u64, Odd>(&channel, &IDEMPOTENT, &CallOptions::new(), |out| long.as_slice().encode(1, out));
        assert_eq!(answer, Ok(42));
    });
}

#[test]
fn a_server_that_reads_a_long_request_slowly_is_waited_for_and_one_that_stops_is_left() {
    for (lent, stops) in [(true, false), (false, false), (true, true), (false, true)] {
        let (channel, [slow, mut other]) = two();
        let long = vec![7_u8; 1 << 18]; // four times what fits between them
        thread::scope(|scope| {
            let answer = scope.spawn(|| match lent {
                true => {
                    call::<u64, Odd>(&channel, &IDEMPOTENT, &CallOptions::new(), |out| long.as_slice().encode(1, out))
                }
                false => start_bytes(&channel, &IDEMPOTENT, long.len()).wait(),
            });
            let began = Instant::now();
            // Once three quarters have been read, the rest has left.
            let (mut read, until) = (0, if stops { long.len() / 4 } else { long.len() / 8 * 7 });
            while read < until {
                read += slow.read_up_to(1 << 10);
                pass(SILENCE / 80); // three quarters take more than two silences
            }
            if stops {
                other.hello();
                assert!(other.asked().unwrap().body.len() >= long.len());
                other.reply(&IDEMPOTENT, 1, 42);
            } else {
                assert!(began.elapsed() > SILENCE * 2);
                slow.hello();
                slow.reply(&IDEMPOTENT, 1, 42);
            }
            assert_eq!(answer.join().unwrap(), Ok(42), "lent: {lent}, stops: {stops}");
        });
        assert!(other.asked_now().is_none(), "lent: {lent}, stops: {stops}");
    }
}

#[test]
fn who_starts_calls_at_a_server_that_stands_still_goes_elsewhere() {
    let (channel, [_still, mut other]) = two();
    thread::scope(|scope| {
        scope.spawn(move || {
            other.hello();
            while let Some(asked) = other.asked() {
                other.reply(&IDEMPOTENT, asked.id(), 42);
            }
        });
        // Twice what fits between them. Those that were started at the first server end with what the budget for repetitions allows.
        let calls: Vec<Call> = (0..WINDOW).map(|_| start_bytes(&channel, &IDEMPOTENT, 1 << 10)).collect();
        assert_eq!(calls.into_iter().next_back().unwrap().wait(), Ok(42));
        drop(channel);
    });
}

/// A transport whose reader is a thread that does not run at once.
#[derive(Debug)]
struct Drowsy(MemoryTransport);

impl Decorator for Drowsy {
    fn inner(&self) -> &dyn Transport {
        &self.0
    }

    fn read(&self, room: &mut [u8], wait: Wait) -> io::Result<usize> {
        if let Wait::Until(_) = wait {
            pass(Duration::from_millis(20));
        }
        self.0.read(room, wait)
    }
}

#[test]
fn replies_that_nobody_has_read_are_no_silence() {
    for then_calls in [false, true] {
        let (near, far) = memory_pair();
        let near = Mutex::new(Some(near));
        let channel = Channel::builder().silence_max(SILENCE).made(move || match near.lock().take() {
            Some(near) => Ok(Box::new(Drowsy(near))),
            None => Err(io::ErrorKind::ConnectionRefused.into()),
        });
        thread::scope(|scope| {
            scope.spawn(|| Server::new(far).double());
            // Enough of them leave without being waited for.
            let mut calls: Vec<Call> = (0..32).map(|n| start(&channel, &IDEMPOTENT, n)).collect();
            pass(SILENCE * 2);
            if then_calls {
                calls.push(start(&channel, &IDEMPOTENT, 32));
            }
            let threads: Vec<_> = calls.into_iter().map(|call| scope.spawn(|| call.wait())).collect();
            for (n, thread) in (0..).zip(threads) {
                assert_eq!(thread.join().unwrap(), Ok(2 * n));
            }
            drop(channel);
        });
    }
}

#[test]
fn a_connection_that_was_idle_has_not_been_silent() {
    let (channel, [mut alive, mut other]) = two();
    let first = start(&channel, &IDEMPOTENT, 1);
    alive.hello();
    alive.reply(&IDEMPOTENT, 1, 2);
    assert_eq!(first.wait(), Ok(2));
    pass(SILENCE * 2);
    thread::scope(|scope| {
        let slow = scope.spawn(|| start(&channel, &IDEMPOTENT, 2).wait());
        while alive.asked().unwrap().argument() != 2 {}
        pass(SILENCE / 2);
        alive.reply(&IDEMPOTENT, 2, 4);
        assert_eq!(slow.join().unwrap(), Ok(4));
    });
    assert!(other.asked_now().is_none());
}

#[test]
fn a_connection_that_was_idle_has_not_been_silent_for_a_call_with_long_arguments() {
    let (channel, [mut alive, mut other]) = two();
    let first = start(&channel, &IDEMPOTENT, 1);
    alive.hello();
    alive.reply(&IDEMPOTENT, 1, 2);
    assert_eq!(first.wait(), Ok(2));
    alive.asked().unwrap();
    pass(SILENCE * 2);
    let long = vec![7_u8; 1 << 16];
    thread::scope(|scope| {
        let slow = scope.spawn(|| {
            call::<u64, Odd>(&channel, &IDEMPOTENT, &CallOptions::new(), |out| long.as_slice().encode(1, out))
        });
        alive.asked().unwrap();
        pass(SILENCE / 2);
        alive.reply(&IDEMPOTENT, 2, 4);
        assert_eq!(slow.join().unwrap(), Ok(4));
    });
    assert!(other.asked_now().is_none());
}

#[test]
fn a_server_that_has_not_been_asked_is_not_silent() {
    let (channel, [alive, mut other]) = two();
    thread::scope(|scope| {
        scope.spawn(|| alive.double());
        let queued = start(&channel, &IDEMPOTENT, 1);
        pass(SILENCE * 2);
        let later = start(&channel, &IDEMPOTENT, 2);
        assert_eq!((later.wait(), queued.wait()), (Ok(4), Ok(2)));
        drop(channel);
    });
    assert!(other.asked_now().is_none());
}
