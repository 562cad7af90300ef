//! The rows of Wire §7.2 that a client answers for: a server that says what no server should harms one call, or ends its
//! connection with every waiting call told; it never takes a thread, and the next connection works.

use std::time::Duration;

use super::played::{Call, Error, HELLO, IDEMPOTENT, PLAIN, Server, reply, servers, start, start_with};
use crate::{
    CallOptions, Channel, Opcode, Outcome, Refusal, ServiceId, Status, TransportErrorKind,
    frame::{CallId, FrameError, FrameKind, Goodbye, Header, HeaderFlags, ServerHello, encode_refusal},
    tlv::Encode,
    transport::Transport,
};

/// After a hello, the server says these bytes while two calls wait, and then answers the second: that one is not disturbed.
#[track_caller]
fn spares_the_second(said: &[u8]) -> Result<u64, Error> {
    let (channel, servers) = servers(1);
    let (first, second) = (start(&channel, &PLAIN, 1), start(&channel, &PLAIN, 2));
    servers[0].hello();
    servers[0].send(said);
    servers[0].reply(&PLAIN, 2, 4);
    servers[0].reply(&PLAIN, 1, 2);
    let first = first.wait();
    assert_eq!(second.wait(), Ok(4));
    answers(&channel, &servers[0], 3);
    first
}

/// The server says these bytes while two calls wait: both end at once, with this error, and the next call goes to another
/// connection.
#[track_caller]
fn ends_the_connection(said: &[u8], error: FrameError) {
    let (channel, servers) = servers(2);
    let calls = [start(&channel, &PLAIN, 1), start(&channel, &PLAIN, 2)];
    servers[0].send(said);
    for ended in calls.map(Call::wait) {
        let Err(Error::Transport(ended)) = ended else { panic!("{ended:?}") };
        assert_eq!((ended.kind, ended.outcome), (TransportErrorKind::Protocol(error), Outcome::MaybeExecuted));
    }
    answers(&channel, &servers[1], 1);
}

/// The server answers the next call, which has this id. What it says before a call is made could be read before as well.
#[track_caller]
fn answers(channel: &Channel, server: &Server, id: u32) {
    let call = start(channel, &PLAIN, 3);
    if id == 1 {
        server.hello();
    }
    server.reply(&PLAIN, id, 6);
    assert_eq!(call.wait(), Ok(6), "the connection does not work");
}

fn hello(hello: ServerHello) -> Vec<u8> {
    let mut bytes = Vec::new();
    hello.append(&mut bytes);
    bytes
}

/// A hello, and these bytes after it.
fn greeted(said: &[u8]) -> Vec<u8> {
    [&hello(HELLO), said].concat()
}

fn answer(id: u32) -> Vec<u8> {
    reply(&PLAIN, id, Status::OK, |out| 2_u64.encode(1, out))
}

#[test]
fn garbage_ends_the_connection_and_tells_every_call() {
    ends_the_connection(b"HTTP/1.1 400 Bad Request\r\n\r\n", FrameError::UnknownKind(b' '));
    ends_the_connection(&[0xff; 64], FrameError::UnknownKind(0xff));
    ends_the_connection(&greeted(&[0; 16]), FrameError::UnknownKind(0));
    let mut flagged = answer(1);
    flagged[13] = 0x40;
    ends_the_connection(&greeted(&flagged), FrameError::UnknownFlags(0x40));
}

#[test]
fn a_first_frame_that_is_no_hello_ends_the_connection() {
    ends_the_connection(&answer(1), FrameError::Unexpected(FrameKind::Reply));
    let goodbye = Goodbye { last_call: CallId(0), reason: Status::DRAINING }.encode();
    ends_the_connection(&goodbye, FrameError::Unexpected(FrameKind::Goodbye));
    let mut magic = hello(HELLO);
    magic[17] = b'X';
    ends_the_connection(&magic, FrameError::BadHello);
    let mut short = hello(HELLO);
    short[0] -= 9;
    short.truncate(short.len() - 9);
    ends_the_connection(&short, FrameError::BadHello);
}

#[test]
fn a_hello_of_a_version_that_was_not_asked_for_ends_the_connection() {
    for version in [0, 2, u32::MAX] {
        ends_the_connection(&hello(ServerHello { version, ..HELLO }), FrameError::BadHello);
    }
}

#[test]
fn a_refused_connection_is_not_sent_whatever_the_status_is() {
    for status in [Status::UNSUPPORTED_VERSION, Status::APP, Status(0x0177), Status(0xffff)] {
        let (channel, servers) = servers(1);
        let call = start(&channel, &PLAIN, 1);
        // Even if the version is another one, as it will be from a server that is newer.
        servers[0].send(&hello(ServerHello { status, version: 9, ..HELLO }));
        let Err(Error::Transport(ended)) = call.wait() else { panic!("it was not refused") };
        assert_eq!((ended.kind, ended.outcome), (TransportErrorKind::Refused(status), Outcome::NotSent));
    }
}

#[test]
fn a_hello_with_weird_limits_is_kept_to() {
    // Nothing fits, nothing may be in flight: calls go one by one, and bodies not at all.
    let (channel, servers) = servers(1);
    let first = start(&channel, &PLAIN, 1);
    let weird = ServerHello { window_calls: 0, window_bytes: 0, server_time_ms: u64::MAX, ..HELLO };
    servers[0].send(&hello(ServerHello { body_bytes_max: 16, ..weird }));
    servers[0].reply(&PLAIN, 1, 2);
    assert_eq!(first.wait(), Ok(2));
    answers(&channel, &servers[0], 2);
    let too_large = super::played::start_bytes(&channel, &PLAIN, 17).wait();
    assert_eq!(too_large, Err(Error::RequestTooLarge { bytes_max: 16 }));
    assert!(channel.request_key().is_ok());
}

#[test]
fn a_frame_that_no_server_sends_ends_the_connection() {
    ends_the_connection(&greeted(&hello(HELLO)), FrameError::Unexpected(FrameKind::Hello));
    let mut request = answer(1);
    request[12] = FrameKind::Request as u8;
    ends_the_connection(&greeted(&request), FrameError::Unexpected(FrameKind::Request));
    let mut goodbye = Goodbye { last_call: CallId(1), reason: Status::DRAINING }.encode();
    goodbye[8] = 7;
    ends_the_connection(&greeted(&goodbye), FrameError::BadGoodbye);
}

#[test]
fn a_reply_to_no_call_is_skipped() {
    for id in [0, 3, 99, u32::MAX] {
        assert_eq!(spares_the_second(&answer(id)), Ok(2), "{id}");
    }
}

#[test]
fn a_second_reply_to_a_call_is_skipped() {
    let again = reply(&PLAIN, 1, Status::OK, |out| 77_u64.encode(1, out));
    assert_eq!(spares_the_second(&[answer(1), again].concat()), Ok(2));
}

#[test]
fn a_reply_that_names_another_method_ends_the_connection() {
    ends_the_connection(
        &greeted(&reply(&IDEMPOTENT, 1, Status::OK, |out| 2_u64.encode(1, out))),
        FrameError::Unexpected(FrameKind::Reply),
    );
}

#[test]
fn a_reply_over_the_limit_ends_the_connection_before_it_is_read() {
    for length in [(4 << 20) + 1_027, u32::MAX] {
        let header = Header {
            length,
            call_id: CallId(1),
            service: ServiceId(0x47),
            opcode: Opcode(1),
            kind: FrameKind::Reply,
            flags: HeaderFlags::NONE,
            status: Status::OK,
        };
        ends_the_connection(&greeted(&header.encode()), FrameError::TooLong(length));
    }
}

#[test]
fn a_reply_that_does_not_decode_is_executed_and_spares_its_neighbours() {
    for body in [&[][..], &[0x0a, 1], &[0xff; 30], &[0x08, 1, 0]] {
        let bad = reply(&PLAIN, 1, Status::OK, |out| out.bytes(body));
        let error = spares_the_second(&bad).unwrap_err();
        assert!(matches!(error, Error::BadReply(_)) && error.outcome() == Outcome::Executed, "{body:02x?}: {error:?}");
    }
}

#[test]
fn metadata_in_a_reply_are_passed_over_and_bad_ones_end_the_connection() {
    let with = |metadata: &[u8]| {
        let mut bytes = reply(&PLAIN, 1, Status::OK, |out| {
            out.bytes(metadata);
            2_u64.encode(1, out);
        });
        bytes[13] = HeaderFlags::METADATA.0;
        bytes
    };
    assert_eq!(spares_the_second(&with(&[3, 0, 1, 2, 3])), Ok(2));
    ends_the_connection(&greeted(&with(&[200, 0])), FrameError::Unexpected(FrameKind::Reply));
}

#[test]
fn a_status_of_any_number_is_a_refusal_whose_high_byte_counts() {
    for (status, outcome) in [
        (Status::INTERNAL, Outcome::MaybeExecuted),
        (Status(0x0002), Outcome::Executed),
        (Status(0x01ff), Outcome::Rejected),
        (Status(0x03ff), Outcome::Executed),
        (Status(0xffff), Outcome::MaybeExecuted),
    ] {
        let error = spares_the_second(&reply(&PLAIN, 1, status, |_| {})).unwrap_err();
        assert_eq!((error.outcome(), error), (outcome, Error::Refused(Refusal::new(status))));
    }
}

#[test]
fn a_refusal_with_weird_values_is_still_its_status() {
    let most = Refusal {
        retry_after: Some(Duration::from_millis(u32::MAX.into())),
        field: Some(u16::MAX),
        limit: Some(u64::MAX),
        ..Refusal::new(Status::OVERLOADED)
    };
    let error = spares_the_second(&reply(&PLAIN, 1, most.status, |out| encode_refusal(&most, out))).unwrap_err();
    assert_eq!(error, Error::Refused(most));
    let garbage = reply(&PLAIN, 1, Status::OVERLOADED, |out| out.bytes(&[0xff; 500]));
    assert_eq!(spares_the_second(&garbage).unwrap_err(), Error::Refused(Refusal::new(Status::OVERLOADED)));
}

#[test]
fn a_wait_that_is_asked_for_beyond_the_deadline_ends_the_call() {
    let (channel, servers) = servers(1);
    let call = start(&channel, &IDEMPOTENT, 1);
    servers[0].hello();
    let forever = Refusal { retry_after: Some(Duration::from_secs(1 << 20)), ..Refusal::new(Status::OVERLOADED) };
    servers[0].send(&reply(&IDEMPOTENT, 1, forever.status, |out| encode_refusal(&forever, out)));
    assert_eq!(call.wait(), Err(Error::Refused(forever)));
}

#[test]
fn a_server_that_never_answers_costs_a_deadline_and_no_more() {
    let (channel, servers) = servers(1);
    let hasty = CallOptions::new().deadline(Duration::from_millis(20));
    let silent = start_with(&channel, &PLAIN, &hasty, 1);
    servers[0].hello();
    let Err(Error::Transport(late)) = silent.wait() else { panic!("an answer came from nowhere") };
    assert_eq!((late.kind, late.outcome), (TransportErrorKind::ReplyDeadline, Outcome::MaybeExecuted));
    // The late reply is skipped, and the connection goes on.
    servers[0].reply(&PLAIN, 1, 2);
    answers(&channel, &servers[0], 2);
}

#[test]
fn a_server_that_never_says_hello_costs_a_deadline_and_no_more() {
    let (channel, servers) = servers(1);
    let hasty = CallOptions::new().deadline(Duration::from_millis(20));
    let Err(Error::Transport(late)) = start_with(&channel, &PLAIN, &hasty, 1).wait() else { panic!("no answer came") };
    assert_eq!((late.kind, late.outcome), (TransportErrorKind::ReplyDeadline, Outcome::MaybeExecuted));
    servers[0].hello();
    answers(&channel, &servers[0], 2);
}

#[test]
fn a_server_that_never_reads_costs_a_deadline_and_no_more() {
    let (near, far) = crate::transport::memory_pair_with(64);
    let channel = Channel::over(near);
    let hasty = CallOptions::new().deadline(Duration::from_millis(20));
    let calls: Vec<Call> = (0..20).map(|n| start_with(&channel, &PLAIN, &hasty, n)).collect();
    for (nth, call) in calls.into_iter().enumerate() {
        let Err(Error::Transport(error)) = call.wait() else { panic!("an answer came from nowhere") };
        // 35 bytes of hello and a part of the first call have left; nobody can have executed the others.
        assert!(nth == 0 || error.outcome == Outcome::NotSent, "{nth}: {error:?}");
    }
    drop(Server::new(far));
}

#[test]
fn a_goodbye_amid_calls_leaves_none_of_them_in_doubt_that_it_does_not_name() {
    for last_call in [0, 1, 2, 9] {
        let (channel, servers) = servers(1);
        let calls = [start(&channel, &PLAIN, 1), start(&channel, &PLAIN, 2)];
        servers[0].hello();
        servers[0].goodbye(last_call, Status(0x7777));
        servers[0].transport.shutdown().unwrap();
        for (call, id) in calls.into_iter().zip(1..) {
            let expected = if id > last_call { Outcome::NotSent } else { Outcome::MaybeExecuted };
            assert_eq!(call.wait().unwrap_err().outcome(), expected, "{id} after {last_call}");
        }
    }
}
