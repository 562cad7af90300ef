//! Deadlines: which counts, which travels, and what one that passes leaves behind.

use std::{
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use super::played::{Asked, Error, HASTY, HELLO, KEYED, Odd, PLAIN, Server, pair, reply, start, start_with};
use crate::{
    Call, CallOptions, Channel, Method, Outcome, Pending, Status, TransportErrorKind, call,
    frame::ServerHello,
    tlv::Encode,
    transport::{Deadline, memory_pair, memory_pair_with, watched::watched_pair},
};

/// Long enough that the request leaves in time on a busy machine: otherwise it is not sent, which is another story.
fn soon() -> CallOptions {
    CallOptions::new().deadline(Duration::from_millis(50))
}

#[test]
fn a_leader_that_gives_up_in_the_middle_of_a_frame_breaks_nothing() {
    let (channel, server) = pair();
    let whole = reply(&PLAIN, 1, Status::OK, |out| 2_u64.encode(1, out));
    for cut in 1..whole.len() {
        let id = u32::try_from(cut).unwrap();
        let first = reply(&PLAIN, 2 * id - 1, Status::OK, |out| 2_u64.encode(1, out));
        if cut == 1 {
            server.hello();
        }
        let hasty = start_with(&channel, &PLAIN, &soon(), 1);
        server.send(&first[..cut]);
        let Err(Error::Transport(error)) = hasty.wait() else { panic!("no reply had come") };
        assert_eq!((error.kind, error.outcome), (TransportErrorKind::ReplyDeadline, Outcome::MaybeExecuted));
        let patient = start(&channel, &PLAIN, 2);
        server.send(&first[cut..]);
        server.reply(&PLAIN, 2 * id, 4);
        assert_eq!(patient.wait(), Ok(4), "{cut}");
    }
}

#[test]
fn a_follower_takes_over_from_a_leader_that_gives_up() {
    let (channel, mut server) = pair();
    server.hello();
    thread::scope(|scope| {
        let hasty = scope.spawn(|| start_with(&channel, &PLAIN, &soon(), 1).wait());
        assert_eq!(server.asked().unwrap().argument(), 1);
        let patient = scope.spawn(|| start(&channel, &PLAIN, 2).wait());
        let id = server.asked().unwrap().id();
        assert!(hasty.join().unwrap().is_err());
        server.reply(&PLAIN, id, 4);
        assert_eq!(patient.join().unwrap(), Ok(4));
    });
}

#[test]
fn what_a_writer_leaves_behind_when_it_gives_up_is_written_by_those_who_still_wait() {
    let (near, far) = memory_pair_with(64);
    let (channel, mut server) = (Channel::over(near), Server::new(far));
    server.hello();
    thread::scope(|scope| {
        let leader = scope.spawn(|| start(&channel, &PLAIN, 1).wait());
        let leaders = server.asked().unwrap();
        let queued = start(&channel, &PLAIN, 2);
        // Takes the queued frame in hand, and has no room for it.
        let writer = scope.spawn(|| {
            let options = CallOptions::new().deadline(Duration::from_millis(20));
            Pending::<u64, Odd>::start(&channel, &PLAIN, &options, |out| out.bytes(&[0; 20_000])).wait()
        });
        let sleeper = scope.spawn(|| queued.wait());
        assert!(writer.join().unwrap().is_err());
        let sleepers = server.asked().unwrap();
        assert_eq!(sleepers.argument(), 2);
        server.reply(&PLAIN, sleepers.id(), 4);
        assert_eq!(sleeper.join().unwrap(), Ok(4));
        server.reply(&PLAIN, leaders.id(), 2);
        assert_eq!(leader.join().unwrap(), Ok(2));
    });
}

#[test]
fn a_short_deadline_begins_with_its_call_and_not_with_a_tick() {
    let (channel, _server) = pair();
    for _ in 0..20 {
        let began = Instant::now();
        assert!(start_with(&channel, &PLAIN, &soon(), 1).wait().is_err());
        assert!(began.elapsed() >= Duration::from_millis(50));
    }
}

#[test]
fn a_passed_deadline_before_anything_left_is_not_sent() {
    let (channel, mut server) = pair();
    let call = start_with(&channel, &PLAIN, &CallOptions::new().deadline(Duration::ZERO), 1);
    let Err(Error::Transport(error)) = call.wait() else { panic!("nobody answered") };
    assert_eq!((error.kind, error.outcome), (TransportErrorKind::WriteDeadline, Outcome::NotSent));
    assert!(server.asked_now().is_none());
}

/// What a call of `method` with `options` carries.
fn asked(method: &'static Method, options: &CallOptions) -> Asked {
    let (channel, mut server) = pair();
    server.hello();
    server.reply(method, 1, 2);
    assert_eq!(start_with(&channel, method, options, 1).wait(), Ok(2));
    server.asked_now().unwrap()
}

#[test]
fn a_deadline_travels_if_the_server_can_not_know_it() {
    #[track_caller]
    fn check(method: &'static Method, options: &CallOptions, expected_ms: Option<u64>) {
        let deadline = asked(method, options).deadline;
        match expected_ms {
            None => assert_eq!(deadline, None),
            Some(ms) => {
                let range = Duration::from_millis(ms - 500)..=Duration::from_millis(ms);
                assert!(range.contains(&deadline.unwrap()), "{deadline:?}");
            }
        }
    }
    let named = |seconds| CallOptions::new().deadline(Duration::from_secs(seconds));
    check(&PLAIN, &CallOptions::new(), None);
    check(&KEYED, &CallOptions::new(), None);
    check(&HASTY, &CallOptions::new(), Some(2_000));
    check(&PLAIN, &named(5), Some(5_000));
    check(&HASTY, &named(5), Some(5_000));
    check(&PLAIN, &named(30), Some(30_000));
    check(&PLAIN, &named(31), Some(30_000));
}

#[test]
fn what_is_told_of_a_deadline_is_what_is_left_of_it_when_the_call_leaves() {
    let (near, far, waits) = watched_pair();
    let (channel, mut server) = (Channel::over(near), Server::new(far));
    let first = start(&channel, &PLAIN, 1);
    server.hello_with(ServerHello { window_calls: 1, ..HELLO });
    server.reply(&PLAIN, 1, 2);
    assert_eq!(first.wait(), Ok(2));
    let _fills_the_window = start(&channel, &PLAIN, 1);
    waits.for_bytes.try_iter().for_each(drop);
    let (options, waited) = (CallOptions::new().deadline(Duration::from_secs(20)), Duration::from_millis(100));
    thread::scope(|scope| {
        let second = scope.spawn(|| start_with(&channel, &PLAIN, &options, 2).wait());
        waits.for_bytes.recv().unwrap();
        let room = Deadline::after(waited);
        while !room.has_passed() {
            thread::yield_now();
        }
        server.reply(&PLAIN, 2, 2);
        let told = std::iter::from_fn(|| server.asked()).find_map(|asked| asked.deadline).unwrap();
        server.reply(&PLAIN, 3, 4);
        assert_eq!(second.join().unwrap(), Ok(4));
        assert!(told <= Duration::from_secs(20).saturating_sub(waited), "{told:?}");
    });
}

#[test]
fn what_is_told_of_a_deadline_does_not_count_what_connecting_took() {
    let (near, far) = memory_pair();
    let (near, took) = (Mutex::new(Some(near)), Duration::from_millis(100));
    let channel = Channel::builder().made(move || {
        let connected = Deadline::after(took);
        while !connected.has_passed() {
            thread::yield_now();
        }
        Ok(Box::new(near.lock().take().unwrap()))
    });
    let options = CallOptions::new().deadline(Duration::from_secs(20));
    let call = start_with(&channel, &PLAIN, &options, 1);
    let mut server = Server::new(far);
    server.hello();
    server.reply(&PLAIN, 1, 2);
    assert_eq!(call.wait(), Ok(2));
    let told = server.asked_now().unwrap().deadline.unwrap();
    assert!(told <= Duration::from_secs(20).saturating_sub(took), "{told:?}");
}

#[test]
fn a_call_made_while_serving_another_never_outlasts_it_and_has_its_trace() {
    let serving = Rc::new(Call::local().with_deadline(Instant::now() + Duration::from_secs(3)));
    let asked_inside = |options: &CallOptions| call::run_in(&serving, || asked(&PLAIN, options).deadline.unwrap());
    let inside = Duration::from_millis(2_500)..=Duration::from_secs(3);
    assert!(inside.contains(&asked_inside(&CallOptions::new())));
    assert!(inside.contains(&asked_inside(&CallOptions::new().deadline(Duration::from_secs(9)))));
    assert!(asked_inside(&CallOptions::new().deadline(Duration::from_secs(1))) <= Duration::from_secs(1));
}
