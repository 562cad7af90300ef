//! Two threads at one line: who writes, who waits, who says goodbye.

use std::{sync::Barrier, thread, time::Instant};

use super::*;
use crate::transport::{MemoryTransport, memory_pair_with, watched::watched_pair};

fn line(room: usize) -> (Arc<Line>, MemoryTransport) {
    let (server, client) = memory_pair_with(room);
    (Arc::new(Line::new(ConnectionId(1), Box::new(server))), client)
}

const SOON: Duration = Duration::from_secs(30);

fn read(client: &MemoryTransport, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let mut buffer = [0; 64];
        let read = client.read(&mut buffer, Wait::Until(Deadline::after(SOON))).unwrap();
        assert_ne!(read, 0, "ended after {bytes:?}");
        bytes.extend_from_slice(&buffer[..read]);
    }
    bytes
}

#[test]
fn a_posted_frame_that_fits_is_written_at_once() {
    let (line, client) = line(64);
    assert!(line.may_greet());
    line.post(b"reply");
    assert_eq!(read(&client, 5), b"reply");
    assert_eq!(line.before_read(&AtomicBool::new(false), Some(CallId(1))), Before::Read);
}

#[test]
fn a_posted_frame_that_does_not_fit_never_waits_and_is_written_first_by_the_connection() {
    let (line, client) = line(4);
    assert!(line.may_greet());
    line.post(b"reply1");
    line.post(b"reply2");
    assert_eq!(line.before_read(&AtomicBool::new(false), Some(CallId(1))), Before::Late);
    let writer = thread::spawn({
        let line = Arc::clone(&line);
        move || line.write(&mut [IoSlice::new(b"next")], |_| SOON)
    });
    assert_eq!(read(&client, 16), b"reply1reply2next");
    writer.join().unwrap().unwrap();
    assert_eq!(line.before_read(&AtomicBool::new(false), Some(CallId(1))), Before::Read);
}

#[test]
fn a_peer_that_does_not_read_ends_the_write_at_its_deadline() {
    let (line, _client) = line(4);
    let error = line.write(&mut [IoSlice::new(b"too much")], |_| Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(line.is_broken());
}

#[test]
fn each_piece_that_is_written_has_the_time_that_its_own_bytes_take() {
    let second_each = |bytes: usize| Duration::from_secs(bytes.try_into().unwrap());
    let (server, client, waits) = watched_pair();
    let line = Line::new(ConnectionId(1), Box::new(server));
    assert!(line.may_greet());
    line.post(&[1; 100_000]); // what does not fit the 64 KiB of a pipe is left
    let began = Instant::now();
    thread::scope(|scope| {
        let writer = scope.spawn(|| line.write(&mut [IoSlice::new(&[2; 50_000])], second_each));
        let first = waits.for_room.recv().unwrap().unwrap();
        line.post(&[3; 200_000]);
        read(&client, 150_000); // and then nobody reads, so that what comes has to wait
        let seconds = |end: Instant| (end - began).as_secs();
        let last = waits.for_room.iter().flatten().find(|end| seconds(*end) >= 150_000).unwrap();
        read(&client, 150_000); // the rest fits
        assert!(writer.join().unwrap().unwrap());
        let together = 100_000 + 50_000 - 65_536;
        assert!((together..together + 60).contains(&seconds(first)), "{}", seconds(first));
        assert!((200_000..200_060).contains(&seconds(last)), "{}", seconds(last));
    });
}

#[test]
fn a_drain_parts_from_a_reading_connection_once_and_from_no_other() {
    let (line, client) = line(64);
    let draining = AtomicBool::new(false);
    assert!(line.may_greet());
    assert!(!line.part(b"hello", Status::DRAINING), "it is not reading");
    assert_eq!(line.before_read(&draining, Some(CallId(7))), Before::Read);
    assert!(line.part(b"hello", Status::DRAINING));
    assert!(!line.part(b"hello", Status::DRAINING));
    assert!(line.after_read(Some(CallId(7))));
    let goodbye = Goodbye { last_call: CallId(7), reason: Status::DRAINING }.encode();
    assert_eq!(read(&client, 16), goodbye);
    assert_eq!(client.read(&mut [0; 1], Wait::Until(Deadline::after(SOON))).unwrap(), 0);
    assert_eq!(line.before_read(&draining, Some(CallId(7))), Before::Parted);
}

/// Who says goodbye where a connection's thread comes to read while a drain begins: the thread, and the drain.
fn who_says_goodbye() -> [bool; 2] {
    let (line, _client) = line(64);
    assert!(line.may_greet());
    let (draining, both) = (AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        let drain = scope.spawn(|| {
            both.wait();
            draining.store(true, Ordering::SeqCst);
            line.part(b"hello", Status::DRAINING)
        });
        both.wait();
        let before = line.before_read(&draining, Some(CallId(7)));
        let parts = drain.join().unwrap();
        assert_eq!(before == Before::Read && line.after_read(Some(CallId(7))), before == Before::Read && parts);
        [before == Before::Draining, parts]
    })
}

#[test]
fn when_a_drain_begins_one_of_both_threads_says_goodbye() {
    for round in 0..2_000 {
        let said = who_says_goodbye();
        assert!(said[0] != said[1], "{said:?} in round {round}");
    }
}

#[test]
fn were_a_drain_to_look_before_it_sets_the_flag_nobody_would_say_goodbye() {
    let (line, _client) = line(64);
    let draining = AtomicBool::new(false);
    assert!(line.may_greet());
    assert!(!line.part(b"hello", Status::DRAINING));
    assert_eq!(line.before_read(&draining, Some(CallId(7))), Before::Read);
    draining.store(true, Ordering::SeqCst);
    assert!(!line.after_read(Some(CallId(7))), "who reads until now reads for ever");
}

#[test]
fn a_thread_that_is_not_alone_writes_after_what_others_have_left() {
    let (line, client) = line(4);
    assert!(line.may_greet());
    let slow = line.slow_begins(10);
    line.post(b"slow");
    line.post(b"left");
    drop(slow);
    assert_eq!(line.slow_calls(), 0);
    assert_eq!(line.before_read(&AtomicBool::new(false), Some(CallId(1))), Before::Late);
    thread::scope(|scope| {
        let writer = scope.spawn(|| line.write(&mut [IoSlice::new(b"next")], |_| SOON));
        assert_eq!(read(&client, 12), b"slowleftnext");
        writer.join().unwrap().unwrap();
    });
    assert!(line.is_alone());
    assert!(!line.write(&mut [IoSlice::new(b"more")], |_| SOON).unwrap());
}

/// What a peer hears while another thread parts from a connection whose own thread finds that out at once, writes what is
/// left and ends. `room` is what the transport holds.
fn heard_of_a_parting(room: usize, greeted: bool) -> Vec<u8> {
    let (line, client) = line(room);
    let last_call = greeted.then_some(CallId(7));
    if greeted {
        assert!(line.may_greet());
    }
    assert_eq!(line.before_read(&AtomicBool::new(false), last_call), Before::Read);
    let both = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            both.wait();
            while !line.has_parted() {}
            assert!(line.after_read(last_call));
            line.write(&mut [], |_| SOON).unwrap();
            line.shutdown();
        });
        scope.spawn(|| {
            both.wait();
            assert!(line.part(b"a hello of 16 b.", Status::DRAINING));
        });
        let mut heard = Vec::new();
        let mut buffer = [0; 64];
        while let count @ 1.. = client.read(&mut buffer, Wait::Until(Deadline::after(SOON))).unwrap() {
            heard.extend_from_slice(&buffer[..count]);
        }
        heard
    })
}

#[test]
fn a_goodbye_of_another_thread_is_heard_whoever_of_both_is_quicker() {
    let goodbye = Goodbye { last_call: CallId(7), reason: Status::DRAINING }.encode();
    for round in 0..2_000 {
        for room in [64, 4] {
            assert_eq!(heard_of_a_parting(room, true), goodbye, "round {round}, room for {room}");
            assert_eq!(heard_of_a_parting(room, false), b"a hello of 16 b.", "round {round}, room for {room}");
        }
    }
}

#[test]
fn before_its_hello_a_connection_is_told_by_one_thread_alone() {
    let (line, client) = line(64);
    assert!(line.part(b"hello", Status::BUSY));
    assert!(!line.may_greet());
    assert_eq!(read(&client, 5), b"hello");
}

#[test]
fn the_last_slow_call_wakes_who_waits_for_it_after_its_reply() {
    let (line, client) = line(64);
    let (ten, five) = (line.slow_begins(10), line.slow_begins(5));
    assert_eq!((line.slow_calls(), line.slow_bytes()), (2, 15));
    line.post(b"a");
    drop(five);
    thread::spawn({
        let line = Arc::clone(&line);
        move || {
            line.post(b"b");
            drop(ten);
        }
    });
    while line.slow_calls() > 0 {
        line.wait_for_change();
    }
    assert_eq!(read(&client, 2), b"ab");
    assert_eq!(line.slow_bytes(), 0);
}
