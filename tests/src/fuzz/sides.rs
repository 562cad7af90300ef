//! Whole sides of a connection: a client whose server says anything, a server whose client says anything.

use std::{
    io,
    sync::OnceLock,
    time::{Duration, Instant},
};

use grades_api::{GradesClient, model::MarkId};
use rpc_core::{
    CallOptions, Channel, Outcome, Pending, Result, Retry, Running, Server, Status,
    frame::{CallId, ClientHello, FrameKind, Header, HeaderFlags, ReceiveBuffer, ServerHello, VERSION},
    transport::{Deadline, MemoryTransport, Transport as _, Wait, memory_pair, write_all},
};

use super::choices;
use crate::{EveryCall, FailedCall, peak_of};

/// Longer than any input takes: who waits so long hangs.
const HANG: Duration = Duration::from_secs(10);

const HELLO: ServerHello = ServerHello {
    status: Status::OK,
    version: VERSION,
    body_bytes_max: 1 << 20,
    window_calls: 128,
    window_bytes: 1 << 20,
    server_time_ms: 1_795_000_000_000,
};

/// The largest reply that the clients here take.
const REPLY_BYTES_MAX: u32 = 4 << 10;

/// A client over a connection that ends after `said`, which has the bytes of its server.
fn client_of(said: &[u8]) -> (Channel, MemoryTransport) {
    let (near, far) = memory_pair();
    write_all(&far, said, Deadline::after(HANG)).expect("the input is smaller than a pipe");
    far.shutdown().expect("a pipe can be shut");
    (Channel::builder().reply_bytes_max(REPLY_BYTES_MAX).over(near), far)
}

/// Shorter than the first pause before another attempt, which could only find that there is no other connection.
const IN_TIME: Duration = Duration::from_millis(60);

/// A machine that is busy keeps a thread from running for as long now and then, and not so often in a row.
const LATE_MAX: usize = 10;

fn options() -> CallOptions {
    CallOptions::new().deadline(IN_TIME)
}

/// The body of one reply, of any method and any status, is read as a client reads it: it is the value or an error, in
/// bounded memory, and a status claims what its number says.
pub(super) fn replies(bytes: &[u8]) {
    let ([which, low, high], body) = choices(bytes);
    // Most of the time a status that has a typed body.
    let status = if high < 0xf0 { Status(u16::from(low & 1)) } else { Status(u16::from_le_bytes([low, high & 7])) };
    let body = &body[..body.len().min(usize::try_from(REPLY_BYTES_MAX).unwrap())];
    let calls = EveryCall::all();
    let call = calls[usize::from(which) % calls.len()];
    let method = call.method;
    let mut said = Vec::new();
    HELLO.append(&mut said);
    let header = Header {
        length: u32::try_from(body.len()).unwrap(),
        call_id: CallId(1),
        service: method.service,
        opcode: method.opcode,
        kind: FrameKind::Reply,
        flags: HeaderFlags::NONE,
        status,
    };
    said.extend(header.encode());
    said.extend(body);
    let (result, sent) = called(call, &said);
    let outcome = result.as_ref().map_or_else(|error| error.outcome, |()| Outcome::Executed);
    let told = match (status, sent) {
        // A client that comes a moment later finds the stream at its end before it has said a word.
        (_, 0) => Outcome::NotSent,
        // To be made again with another key, but by then the end has been seen.
        (Status::STALE_KEY, 1) if method.retry == Retry::Keyed => Outcome::NotSent,
        // Made again, and no answer comes.
        (Status::STALE_KEY, _) if method.retry == Retry::Keyed => Outcome::MaybeExecuted,
        (status, _) => status.outcome(),
    };
    assert_eq!(outcome, told, "{status:?} was told as {result:?}");
}

/// How a call ends to which `said` comes, and how often it was sent. It is made again where it may have run out of time.
fn called(call: EveryCall, said: &[u8]) -> (std::result::Result<(), FailedCall>, usize) {
    for _ in 0..LATE_MAX {
        let (channel, server) = client_of(said);
        let began = Instant::now();
        let (result, peak) = peak_of(|| (call.make)(&channel, options()));
        let in_time = began.elapsed() < IN_TIME;
        // What a reply decodes into is held to eight times the largest reply; beside it stand its buffers and the request.
        assert!(peak <= 9 * usize::try_from(REPLY_BYTES_MAX).unwrap() + (32 << 10), "a reply took {peak} bytes");
        if in_time {
            return (result, requests(&server));
        }
    }
    panic!("the client does not take its reply: {LATE_MAX} calls in a row ran out of time");
}

/// How many requests a client has written.
fn requests(server: &MemoryTransport) -> usize {
    let mut said = ReceiveBuffer::new();
    while let Ok(read @ 1..) = server.read(said.room(), Wait::Now) {
        said.received(read);
    }
    let mut requests = 0;
    while let Some(frame) = said.next_frame(HELLO.body_bytes_max).expect("a client sends frames") {
        requests += usize::from(frame.header.kind == FrameKind::Request);
    }
    requests
}

/// Whatever a server says, and however its bytes are cut, the calls of a client end, each with a value or a typed error.
pub(super) fn client(bytes: &[u8]) {
    let ([first], rest) = choices(bytes);
    let mut said = Vec::new();
    if first & 1 == 0 {
        HELLO.append(&mut said);
    }
    said.extend(rest.get(..rest.len().min(INPUT_BYTES_MAX)).unwrap_or_default());
    let (channel, _server) = client_of(&said);
    // Three calls in flight, so that replies may come in any order, twice, or to the wrong one.
    let grades = GradesClient::new(channel).with(options());
    let pending = [grades.start_mark_history(MarkId(1)), grades.start_mark_history(MarkId(2))];
    let average = grades.start_student_average("L3", "GP-0001");
    let ended: Vec<_> = pending.into_iter().map(Pending::wait).collect();
    let last = average.wait();
    if said.is_empty() {
        assert!(ended.iter().all(Result::is_err) && last.is_err(), "a value came from nowhere");
    }
}

/// What fits into a pipe at once, with a hello before it.
const INPUT_BYTES_MAX: usize = 60_000;

/// Methods of each kind that a server treats in its own way.
#[rpc_core::service(id = 0x47, name = "sample", open)]
trait Sample {
    #[rpc(opcode = 1, idempotent)]
    fn sum(&self, numbers: &[u32]) -> Result<u64, std::convert::Infallible>;
    #[rpc(opcode = 5, keyed)]
    fn lengths(&self, text: &str, texts: &[String]) -> Result<Vec<u64>, std::convert::Infallible>;
    #[rpc(opcode = 6, slow)]
    fn later(&self, bytes: &[u8]) -> Result<Vec<u8>, std::convert::Infallible>;
}

struct Handler;

impl Sample for Handler {
    fn sum(&self, numbers: &[u32]) -> Result<u64, std::convert::Infallible> {
        Ok(numbers.iter().copied().map(u64::from).sum())
    }

    fn lengths(&self, text: &str, texts: &[String]) -> Result<Vec<u64>, std::convert::Infallible> {
        Ok([text]
            .into_iter()
            .chain(texts.iter().map(String::as_str))
            .map(|text| text.len().try_into().unwrap())
            .collect())
    }

    fn later(&self, bytes: &[u8]) -> Result<Vec<u8>, std::convert::Infallible> {
        Ok(bytes.to_vec())
    }
}

/// Whatever a client says, the server answers in frames: a hello, then replies and at most one goodbye; and it ends.
pub(super) fn server(bytes: &[u8]) {
    static SERVER: OnceLock<Running<()>> = OnceLock::new();
    let running = SERVER.get_or_init(|| Server::builder().service(SampleDispatch::new(Handler)).start().unwrap());
    let ([first], rest) = choices(bytes);
    let mut said = Vec::new();
    if first & 1 == 0 {
        ClientHello { version: VERSION, reply_bytes_max: REPLY_BYTES_MAX }.append(&mut said);
    }
    said.extend(rest.get(..rest.len().min(INPUT_BYTES_MAX)).unwrap_or_default());
    let transport = running.connect();
    // The server may have ended the connection before it has read everything, and is not obliged to read what follows.
    let _sent = write_all(&transport, &said, Deadline::after(HANG));
    let _ended = transport.shutdown();
    let mut answers = ReceiveBuffer::new();
    let mut kinds = Vec::new();
    loop {
        while let Some(frame) = answers.next_frame(REPLY_BYTES_MAX + 64).expect("a server sends frames") {
            kinds.push(frame.header.kind);
        }
        match transport.read(answers.room(), Wait::Until(Deadline::after(HANG))) {
            Ok(0) => break,
            Ok(read) => answers.received(read),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => panic!("the server neither answers nor ends"),
            Err(_) => break,
        }
    }
    assert!(answers.is_between_frames(), "the server ended inside a frame");
    if let Some((hello, after)) = kinds.split_first() {
        assert_eq!(*hello, FrameKind::Hello);
        // Calls up to the one that a goodbye names are answered after it.
        let goodbyes = after.iter().filter(|kind| **kind == FrameKind::Goodbye).count();
        let replies = after.iter().filter(|kind| **kind == FrameKind::Reply).count();
        assert!(goodbyes <= 1 && goodbyes + replies == after.len(), "{kinds:?}");
    }
}
