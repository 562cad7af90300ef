//! How connections end, and what each end means for the calls on them.

use std::{thread, time::Duration};

use super::played::{Call, Error, HELLO, IDEMPOTENT, PLAIN, Server, pair, reply, servers, start};
use crate::{
    Outcome, Status, TransportErrorKind,
    frame::{FrameError, FrameKind, ServerHello},
    tlv::Encode,
    transport::Transport,
};

fn failure(result: Result<u64, Error>) -> (TransportErrorKind, Outcome) {
    match result.unwrap_err() {
        Error::Transport(error) => (error.kind, error.outcome),
        other => panic!("{other:?}"),
    }
}

/// What `server` does once a plain call has reached it, and how the call then ends.
#[track_caller]
fn check(server_does: impl FnOnce(&Server), kind: TransportErrorKind, outcome: Outcome) {
    let (channel, server) = pair();
    let call = start(&channel, &PLAIN, 1);
    server_does(&server);
    assert_eq!(failure(call.wait()), (kind, outcome));
}

#[test]
fn an_end_leaves_open_what_a_sent_call_has_done() {
    let torn = TransportErrorKind::Protocol(FrameError::Torn);
    check(|server| server.transport.shutdown().unwrap(), TransportErrorKind::Closed, Outcome::MaybeExecuted);
    check(
        |server| {
            server.hello();
            server.transport.shutdown().unwrap();
        },
        TransportErrorKind::Closed,
        Outcome::MaybeExecuted,
    );
    let whole = reply(&PLAIN, 1, Status::OK, |out| 2_u64.encode(1, out));
    for end in 1..whole.len() {
        check(
            |server| {
                server.hello();
                server.send(&whole[..end]);
                server.transport.shutdown().unwrap();
            },
            torn,
            Outcome::MaybeExecuted,
        );
    }
}

#[test]
fn bytes_that_are_no_frames_end_the_connection_with_the_reason() {
    let protocol = TransportErrorKind::Protocol;
    let maybe = Outcome::MaybeExecuted;
    let unexpected = |kind| protocol(FrameError::Unexpected(kind));
    check(|server| server.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), protocol(FrameError::UnknownKind(b' ')), maybe);
    check(|server| server.reply(&PLAIN, 1, 2), unexpected(FrameKind::Reply), maybe); // before the hello
    check(
        |server| {
            server.hello();
            server.hello();
        },
        unexpected(FrameKind::Hello),
        maybe,
    );
    check(
        |server| {
            server.hello();
            server.reply(&IDEMPOTENT, 1, 2); // another method's
        },
        unexpected(FrameKind::Reply),
        maybe,
    );
    check(
        |server| {
            server.hello();
            let mut request = reply(&PLAIN, 1, Status::OK, |_| {});
            request[12] = FrameKind::Request as u8;
            server.send(&request);
        },
        unexpected(FrameKind::Request),
        maybe,
    );
}

#[test]
fn after_a_refused_hello_no_call_has_been_sent() {
    let refused = |status| {
        move |server: &Server| {
            server.hello_with(ServerHello { status, ..HELLO });
        }
    };
    let status = Status::UNSUPPORTED_VERSION;
    check(refused(status), TransportErrorKind::Refused(status), Outcome::NotSent);
    let (channel, servers) = servers(2);
    servers[0].hello_with(ServerHello { status: Status::BUSY, ..HELLO });
    servers[1].hello();
    servers[1].reply(&PLAIN, 1, 8);
    assert_eq!(start(&channel, &PLAIN, 4).wait(), Ok(8));
}

#[test]
fn an_end_wakes_all_who_wait_each_with_the_own_outcome() {
    let (channel, mut server) = pair();
    let unsent = start(&channel, &PLAIN, 99);
    drop(unsent); // so that what follows shifts in the queue
    let results: Vec<_> = thread::scope(|scope| {
        let channel = &channel;
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || start(channel, &PLAIN, n).wait())).collect();
        (0..8).for_each(|_| assert!(server.asked().is_some()));
        server.hello();
        server.send(&[1, 2, 3]);
        server.transport.shutdown().unwrap();
        threads.into_iter().map(|thread| failure(thread.join().unwrap())).collect()
    });
    let torn = TransportErrorKind::Protocol(FrameError::Torn);
    assert!(results.iter().all(|result| *result == (torn, Outcome::MaybeExecuted)), "{results:?}");
}

#[test]
fn a_call_that_has_not_left_when_the_connection_ends_is_sent_on_the_next() {
    let (channel, mut servers) = servers(2);
    let sent = start(&channel, &PLAIN, 1);
    servers[0].hello();
    servers[0].reply(&PLAIN, 1, 2);
    assert_eq!(sent.wait(), Ok(2));
    let queued = start(&channel, &PLAIN, 3);
    servers[0].transport.close();
    servers[1].hello();
    servers[1].reply(&PLAIN, 1, 6);
    assert_eq!(queued.wait(), Ok(6));
    assert_eq!(servers[1].asked_now().unwrap().argument(), 3);
}

#[test]
fn after_a_goodbye_later_calls_go_elsewhere_and_earlier_ones_are_still_answered() {
    let (channel, mut servers) = servers(2);
    let calls: Vec<Call> = (1..=4).map(|n| start(&channel, &PLAIN, n)).collect();
    servers[0].hello();
    servers[0].reply(&PLAIN, 1, 2);
    servers[0].goodbye(2, Status::DRAINING);
    servers[0].reply(&PLAIN, 2, 4);
    servers[1].hello();
    servers[1].reply(&PLAIN, 1, 6);
    servers[1].reply(&PLAIN, 2, 8);
    let results: Vec<_> = calls.into_iter().map(Call::wait).collect();
    assert_eq!(results, [Ok(2), Ok(4), Ok(6), Ok(8)]);
    let again: Vec<u64> = std::iter::from_fn(|| servers[1].asked_now()).map(|asked| asked.argument()).collect();
    assert_eq!(again, [3, 4]);
}

#[test]
fn a_goodbye_without_a_connection_to_go_to_is_not_sent() {
    let (channel, server) = pair();
    let call = start(&channel, &PLAIN, 1);
    server.hello();
    server.goodbye(0, Status::DRAINING);
    let (kind, outcome) = failure(call.wait());
    assert_eq!((kind, outcome), (TransportErrorKind::Connect(std::io::ErrorKind::NotConnected), Outcome::NotSent));
}

#[test]
fn a_call_that_the_goodbye_counts_but_that_is_not_answered_may_have_run() {
    let (channel, servers) = servers(2);
    let call = start(&channel, &PLAIN, 1);
    servers[0].hello();
    servers[0].goodbye(1, Status::DRAINING);
    servers[0].transport.shutdown().unwrap();
    assert_eq!(failure(call.wait()), (TransportErrorKind::Closed, Outcome::MaybeExecuted));
}

#[test]
fn a_connection_that_ended_while_idle_is_replaced_before_anything_is_written() {
    #[track_caller]
    fn check(server_does: impl FnOnce(&Server)) {
        let (channel, mut servers) = servers(2);
        servers[0].hello();
        servers[0].reply(&PLAIN, 1, 2);
        assert_eq!(start(&channel, &PLAIN, 1).wait(), Ok(2));
        assert!(servers[0].asked_now().is_some());
        server_does(&servers[0]);
        let idle = std::time::Instant::now();
        while idle.elapsed() < Duration::from_millis(50) {
            std::hint::spin_loop(); // the one thing that this depends on is that time passes
        }
        servers[1].hello();
        servers[1].reply(&PLAIN, 1, 4);
        assert_eq!(start(&channel, &PLAIN, 2).wait(), Ok(4));
        assert!(servers[0].asked_now().is_none(), "written to a connection that had ended");
    }
    check(|server| server.transport.shutdown().unwrap());
    check(|server| server.goodbye(1, Status::TIMED_OUT));
}

#[test]
fn replies_that_came_before_a_broken_write_still_count() {
    let (channel, mut servers) = servers(2);
    let first = start(&channel, &PLAIN, 1);
    let second = start(&channel, &PLAIN, 2);
    servers[0].hello();
    servers[0].reply(&PLAIN, 1, 2);
    assert_eq!(first.wait(), Ok(2)); // both calls have left
    servers[0].reply(&PLAIN, 2, 4);
    servers[0].transport.close();
    let third = start(&channel, &PLAIN, 3);
    servers[1].hello();
    servers[1].reply(&PLAIN, 1, 6);
    assert_eq!(third.wait(), Ok(6)); // its write fails, so it goes to the next connection
    assert_eq!(servers[1].asked_now().unwrap().argument(), 3);
    assert_eq!(second.wait(), Ok(4));
}
