//! Calls with long arguments, which are written from where the caller has them: the same bytes as if they were copied,
//! wherever a write is cut, in each attempt, and whoever else writes.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow panics, and a test that panics has failed")]

use std::{
    cell::Cell,
    io::{self, IoSlice},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;

use super::played::{Error, HELLO, KEYED, Odd, PLAIN, Server, pair, servers, servers_by, start};
use crate::{
    CallOptions, Channel, Method, Outcome, Pending, TransportErrorKind,
    channel::call,
    frame::ServerHello,
    tlv::{Buffer, Encode, Writer},
    transport::{Decorator, Direction, FaultTransport, MemoryTransport, Transport, memory_pair, memory_pair_with},
};

/// A number, and strings of which the second and the fourth are long.
fn arguments(out: &mut Writer<'_>) {
    7_u64.encode(1, out);
    for (number, bytes) in [(2, 300), (3, 16 << 10), (4, (16 << 10) - 1), (31, 40_000), (32, 9)] {
        vec![u8::try_from(number).unwrap(); bytes].encode(number, out);
    }
    out.message(33, |out| vec![3_u8; 20_000].encode(1, out));
}

fn copied() -> Vec<u8> {
    let mut bytes = Buffer::new();
    let mut out = Writer::new(&mut bytes, usize::MAX);
    arguments(&mut out);
    out.finish().unwrap();
    bytes.into()
}

fn lend(channel: &Channel, method: &'static Method) -> Result<u64, Error> {
    call(channel, method, &CallOptions::new(), arguments)
}

/// A transport whose first bytes are taken up to a cut, then nothing once, then everything.
#[derive(Debug)]
struct Cut {
    inner: MemoryTransport,
    left: AtomicUsize,
}

impl Decorator for Cut {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.left.load(Ordering::Relaxed) {
            usize::MAX => self.inner.write(parts),
            0 => {
                self.left.store(usize::MAX, Ordering::Relaxed);
                Err(io::ErrorKind::WouldBlock.into())
            }
            left => {
                let mut room = left;
                let mut cut = Vec::new();
                for part in parts {
                    let taken = part.get(..room).unwrap_or(part);
                    room -= taken.len();
                    cut.push(IoSlice::new(taken));
                }
                let written = self.inner.write(&cut)?;
                self.left.store(left - written, Ordering::Relaxed);
                Ok(written)
            }
        }
    }
}

#[test]
fn what_is_lent_is_sent_as_what_is_copied_wherever_a_write_is_cut() {
    let (hello, header, body) = (33, 16, copied());
    // Before and after each string, and here and there.
    let strings = [0, 9, 314, 16_703, 33_091, 73_098, 73_110, 93_125, body.len()].map(|at| hello + header + at);
    let near = strings.into_iter().flat_map(|at| at.saturating_sub(30)..at + 30);
    for cut in (0..60).chain(near).chain((0..body.len()).step_by(4_999)) {
        let (inner, far) = memory_pair_with(1 << 20);
        let channel = Channel::over(Cut { inner, left: AtomicUsize::new(cut) });
        let mut server = Server::new(far);
        server.hello();
        server.reply(&PLAIN, 1, 1);
        assert_eq!(lend(&channel, &PLAIN), Ok(1), "cut at {cut}");
        assert!(server.asked().unwrap().body == body, "cut at {cut}");
        let next = start(&channel, &PLAIN, 2);
        server.reply(&PLAIN, 2, 4);
        assert_eq!(next.wait(), Ok(4), "cut at {cut}");
        assert_eq!(server.asked().unwrap().argument(), 2, "cut at {cut}");
    }
}

#[test]
fn what_is_lent_comes_after_what_was_queued_and_before_what_follows() {
    let (inner, far) = memory_pair_with(1 << 20);
    let (channel, mut server) = (Channel::over(inner), Server::new(far));
    let first = start(&channel, &PLAIN, 1);
    server.hello();
    (1..=2).for_each(|id| server.reply(&PLAIN, id, id.into()));
    assert_eq!(lend(&channel, &PLAIN), Ok(2));
    let last = start(&channel, &PLAIN, 3);
    server.reply(&PLAIN, 3, 3);
    assert_eq!((first.wait(), last.wait()), (Ok(1), Ok(3)));
    assert_eq!(server.asked().unwrap().argument(), 1);
    assert_eq!(server.asked().unwrap().body, copied());
    assert_eq!(server.asked().unwrap().argument(), 3);
}

#[test]
fn another_attempt_sends_the_same_bytes_and_so_does_a_call_that_is_only_started() {
    let (channel, mut servers) = servers(2);
    let sent = thread::scope(|scope| {
        let calls = scope.spawn(|| {
            let lent = lend(&channel, &KEYED);
            let started = Pending::<u64, Odd>::start(&channel, &KEYED, &CallOptions::new(), arguments).wait();
            (lent, started)
        });
        let mut last = servers.pop().unwrap();
        let mut first = servers.pop().unwrap();
        first.hello();
        let one = first.asked().unwrap();
        drop(first);
        last.hello();
        let two = last.asked().unwrap();
        last.reply(&KEYED, two.id(), 5);
        let three = last.asked().unwrap();
        last.reply(&KEYED, three.id(), 6);
        assert_eq!(calls.join().unwrap(), (Ok(5), Ok(6)));
        [one, two, three]
    });
    assert!(sent[0].key.is_some());
    assert_eq!(sent[0].key, sent[1].key);
    assert!(sent.iter().all(|asked| asked.body == copied()));
}

#[test]
fn a_deadline_that_passes_inside_a_lent_call_ends_the_call_and_not_the_connection() {
    let (near, far) = memory_pair_with(1_000);
    let (channel, mut server) = (Channel::over(near), Server::new(far));
    let options = CallOptions::new().deadline(Duration::from_millis(20));
    let error = call::<u64, Odd>(&channel, &PLAIN, &options, arguments).unwrap_err();
    assert_eq!(error.outcome(), Outcome::MaybeExecuted);
    thread::scope(|scope| {
        let next = scope.spawn(|| start(&channel, &PLAIN, 3).wait());
        server.hello();
        assert_eq!(server.asked().unwrap().body, copied(), "what had begun to leave leaves whole");
        let asked = server.asked().unwrap();
        server.reply(&PLAIN, asked.id(), 6);
        assert_eq!(next.join().unwrap(), Ok(6));
    });
}

#[test]
fn a_connection_that_breaks_inside_a_lent_call_tells_what_may_have_run() {
    for (at, outcome) in [(0, Outcome::NotSent), (40, Outcome::MaybeExecuted), (20_000, Outcome::MaybeExecuted)] {
        let (near, far) = memory_pair();
        let faults = FaultTransport::new(near, 1).reset_at(Direction::Write, at);
        let channel = Channel::builder().pause(|_| {}).over(faults);
        let server = thread::spawn(move || Server::new(far).asked().is_none());
        assert_eq!(lend(&channel, &PLAIN).unwrap_err().outcome(), outcome, "reset at {at}");
        assert!(server.join().unwrap(), "the server saw no whole call");
    }
}

/// A transport whose writes tell that they have come and wait to be let through.
struct Gate {
    inner: MemoryTransport,
    came: Mutex<Sender<()>>,
    pass: Mutex<Receiver<()>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Decorator for Gate {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.came.lock().send(()).unwrap();
        // Once the test has let one through, it lets all through.
        let _open = self.pass.lock().recv();
        self.inner.write(parts)
    }
}

#[test]
fn while_another_thread_writes_a_call_is_copied_into_its_queue() {
    let ((inner, far), (came, comes), (open, pass)) = (memory_pair_with(1 << 20), channel(), channel());
    let channel = Channel::over(Gate { inner, came: Mutex::new(came), pass: Mutex::new(pass) });
    let mut server = Server::new(far);
    server.hello();
    let begun = AtomicUsize::new(0);
    let count = |out: &mut Writer<'_>| {
        begun.fetch_add(1, Ordering::SeqCst);
        arguments(out);
    };
    thread::scope(|scope| {
        let writes = scope.spawn(|| start(&channel, &PLAIN, 1).wait());
        comes.recv().unwrap();
        let waits = scope.spawn(|| call::<u64, Odd>(&channel, &PLAIN, &CallOptions::new(), count));
        while begun.load(Ordering::SeqCst) < 2 {
            thread::yield_now(); // the second time is the copy: the first thread is still in its write
        }
        drop(open);
        assert_eq!(server.asked().unwrap().argument(), 1);
        assert_eq!(server.asked().unwrap().body, copied());
        (1..=2).for_each(|id| server.reply(&PLAIN, id, id.into()));
        assert_eq!((writes.join().unwrap(), waits.join().unwrap()), (Ok(1), Ok(2)));
    });
}

/// What a call ends with whose argument is of another length the second time, or panics there.
fn break_off(channel: &Channel, panics: bool) -> Option<Error> {
    let times = Cell::new(0_usize);
    let arguments = |out: &mut Writer<'_>| {
        times.update(|times| times + 1);
        assert!(!panics || times.get() == 1, "the second time");
        vec![1_u8; 20_000 + times.get()].encode(1, out);
    };
    let ends = || call::<u64, Odd>(channel, &PLAIN, &CallOptions::new(), arguments);
    catch_unwind(AssertUnwindSafe(ends)).ok().map(Result::unwrap_err)
}

#[test]
fn arguments_that_are_not_the_same_again_end_the_connection_and_not_the_channel() {
    for panics in [false, true] {
        let (channel, mut servers) = servers_by(Channel::builder(), 2);
        let (last, first) = (servers.pop().unwrap(), servers.pop().unwrap());
        first.hello();
        let error = break_off(&channel, panics);
        assert_eq!(error.is_none(), panics);
        if let Some(Error::Transport(error)) = error {
            assert_ne!(error.outcome, Outcome::NotSent);
            assert!(matches!(error.kind, TransportErrorKind::Io(_) | TransportErrorKind::Closed), "{error:?}");
        }
        thread::scope(|scope| {
            let server = scope.spawn(|| last.double());
            assert_eq!(start(&channel, &PLAIN, 4).wait(), Ok(8));
            drop(channel);
            assert_eq!(server.join().unwrap(), 1);
        });
    }
}

#[test]
fn a_body_over_the_servers_limit_is_refused_with_what_is_lent_counted() {
    let (channel, server) = pair();
    let hello = ServerHello { body_bytes_max: u32::try_from(copied().len() - 1).unwrap(), ..HELLO };
    server.hello_with(hello);
    server.reply(&PLAIN, 1, 2);
    assert_eq!(start(&channel, &PLAIN, 1).wait(), Ok(2));
    assert!(matches!(lend(&channel, &PLAIN), Err(Error::RequestTooLarge { .. })));
}
