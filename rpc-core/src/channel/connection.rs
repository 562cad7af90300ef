//! One connection of a channel: many callers, no thread of its own.
//!
//! A caller appends its frame to the output, writes whatever is queued there, and waits. Of the threads that wait, one
//! *leads*: it reads, puts the others their replies into their seats, and passes the role on when it has its own (`lead`).
//! Half a frame stays in the connection's buffer, so a leader that gives up breaks nothing.
//!
//! What is absent: no lock is held while a thread reads, writes, sleeps, encodes or decodes.

use std::{
    io,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};

use crate::{
    Method, Outcome, Status, TlsError, TransportError, TransportErrorKind,
    frame::{
        CallId, ClientHello, FrameKind, Header, HeaderFlags, Metadata, ReceiveBuffer, ServerHello, VERSION,
        append_encoded,
    },
    transport::{Deadline, Transport},
};

mod calls;
mod lead;
mod lend;
mod output;
mod patience;
mod seat;
mod wait;
mod write;

use calls::{CallState, Calls};
pub(super) use lend::Lent;
use output::Output;
pub(super) use patience::Patience;
use seat::Seat;

use super::{CallOptions, Core, RequestKey, key::ServerClock, pool::Pool, retry::Budget};

/// A connection that may still be used, or has ended and only answers those who wait.
#[derive(Debug)]
pub(super) struct Connection {
    transport: Box<dyn Transport>,
    pub(super) shared: Arc<Shared>,
    /// Where another connection comes from, for a call that has to be repeated; none once the channel is no more.
    pub(super) core: Weak<Core>,
    /// Everything that changes. Callers, the leader and the writer take it for a few instructions each.
    state: Mutex<State>,
}

/// What all connections of a channel have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) pool: Pool,
    pub(super) clock: ServerClock,
    pub(super) reply_bytes_max: u32,
    /// How long a connection may be silent while a call waits; no matter where no other server may answer.
    pub(super) silence_max: Option<Duration>,
    pub(super) budget: Budget,
}

impl Shared {
    pub(super) fn new(reply_bytes_max: u32) -> Self {
        let (pool, clock) = (Pool::default(), ServerClock::default());
        Self { pool, clock, reply_bytes_max, silence_max: None, budget: Budget::new() }
    }
}

#[derive(Debug)]
struct State {
    calls: Calls,
    output: Output,
    /// What arrives. `None` while a thread leads. In a box, since it goes from hand to hand with every read.
    receiver: Option<Box<ReceiveBuffer>>,
    /// Threads that sleep until there is room in the window, in the order in which they came.
    for_room: Vec<Arc<Seat>>,
    /// Threads that have been answered and have not called again: they are about to run, and most of them to call.
    crowd: u32,
    hello: Option<ServerHello>,
    /// Why no new call may be made here.
    end: Option<TransportErrorKind>,
    /// When the connection was made. Where silence counts: when the last byte came, or left after a wait for room, or something was
    /// asked for while nothing was awaited, whichever is latest.
    silent_since: Instant,
    /// When a call was last begun while no other was open. Bytes have come since, if it has been answered.
    begun: Instant,
    /// The metadata of the call that is being queued; kept for its memory.
    metadata: Vec<u8>,
}

/// A request, ready to be framed.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) method: &'static Method,
    pub(super) options: &'a CallOptions,
    /// The key that was drawn for the call, if the options have none.
    pub(super) drawn_key: Option<RequestKey>,
    /// The deadline, if the server is to be told what is left of it.
    pub(super) deadline: Option<Deadline>,
    pub(super) body: &'a [u8],
    /// What the body leaves out.
    pub(super) lent: Option<Lent<'a>>,
}

/// Why a call did not begin. No byte of it was queued.
#[derive(Debug)]
pub(super) enum NotBegun {
    /// The connection has ended: another one may do.
    Ended(TransportErrorKind),
    /// The deadline passed before there was room in the window.
    Deadline,
    /// The server takes no body of this size.
    TooLarge { bytes_max: usize },
    /// Another thread writes: what the body leaves out must be copied into it.
    Writing,
}

/// The window and the largest body until the server has announced its own: the defaults of Wire §3.
const DEFAULT_HELLO: ServerHello = ServerHello {
    status: Status::OK,
    version: VERSION,
    body_bytes_max: 1 << 20,
    window_calls: 128,
    window_bytes: 1 << 20,
    server_time_ms: 0,
};

/// Queued bytes that are written without waiting for a `wait`: one read's worth on the other side.
const FLUSH_BYTES: usize = 16 << 10;

/// Queued calls that are written without waiting for a `wait`, if at most as many are on their way: a caller that keeps a
/// window full then works on one half of it while the server works on the other. Fewer than 16 are not worth a write.
const FLUSH_CALLS: u32 = 16;

/// A connection on which no call was begun for so long is looked at before it is written to: the server may have closed it.
/// 20 ms: two ticks of the clock that is asked, so that a busy caller never pays for the look, and no server closes on purpose so
/// soon after a request.
const IDLE: Duration = Duration::from_millis(20);

impl Connection {
    /// Says hello; the frame leaves with the first call.
    pub(super) fn new(transport: Box<dyn Transport>, shared: Arc<Shared>, core: Weak<Core>) -> Self {
        let now = Instant::now();
        let mut hello = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: shared.reply_bytes_max }.append(&mut hello);
        Self {
            transport,
            shared,
            core,
            state: Mutex::new(State {
                calls: Calls::new(),
                output: Output::new(hello),
                receiver: Some(Box::new(ReceiveBuffer::new())),
                for_room: Vec::new(),
                crowd: 0,
                hello: None,
                end: None,
                silent_since: now,
                begun: now,
                metadata: Vec::new(),
            }),
        }
    }

    /// Queues a call. Waits, reading, while the window is full. `now` is a moment just passed.
    pub(super) fn begin(&self, call: &Outgoing<'_>, deadline: Deadline, now: Instant) -> Result<CallId, NotBegun> {
        let mut state = self.state.lock();
        if state.calls.open() == 0 {
            if now.saturating_duration_since(state.begun) > IDLE {
                self.look(&mut state);
            }
            state.begun = now;
        } else if self.shared.silence_max.is_some_and(|max| now.saturating_duration_since(state.silent_since) >= max) {
            self.look_for_silence(&mut state, now);
        }
        let lent_bytes = call.lent.as_ref().map_or(0, Lent::bytes);
        let body_bytes = call.body.len().saturating_add(lent_bytes);
        let mut waited = false;
        if state.hello.is_none() && body_bytes > usize_of(DEFAULT_HELLO.body_bytes_max) {
            waited |= self.wait_until(&mut state, deadline, now, |state| state.hello.is_some())?;
        }
        let hello = state.hello.unwrap_or(DEFAULT_HELLO);
        if body_bytes > usize_of(hello.body_bytes_max) {
            return Err(NotBegun::TooLarge { bytes_max: usize_of(hello.body_bytes_max) });
        }
        let frame_bytes = u64::try_from(body_bytes).unwrap_or(u64::MAX);
        waited |= self.wait_until(&mut state, deadline, now, |state| {
            let hello = state.hello.unwrap_or(DEFAULT_HELLO);
            state.calls.has_room(frame_bytes, hello.window_calls, hello.window_bytes)
        })?;
        let now = if waited { Instant::now() } else { now };
        let patience = Patience::to_begin(deadline, self.shared.silence_max, now);
        if let Some(lent) = &call.lent {
            return self.begin_lent(&mut state, call, lent, patience, now);
        }
        let id = state.append(call, now, 0)?;
        if state.is_worth_writing() {
            self.flush(&mut state, &patience, Some(id));
        }
        Ok(id)
    }
}

/// Only what stands beside the body can still be: its own size has been looked at.
const TOO_LARGE: NotBegun = NotBegun::TooLarge { bytes_max: Metadata::BYTES_MAX };

impl State {
    /// Queues a call of which `left_out` bytes are written among the others.
    fn append(&mut self, call: &Outgoing<'_>, now: Instant, left_out: usize) -> Result<CallId, NotBegun> {
        let header = Header {
            length: 0,
            call_id: self.calls.next_id(),
            service: call.method.service,
            opcode: call.method.opcode,
            kind: FrameKind::Request,
            flags: HeaderFlags::NONE,
            status: Status::OK,
        };
        // No earlier than the connection was made, which may have taken long.
        let left = call.deadline.and_then(|deadline| deadline.left_from(now.max(self.silent_since)));
        // Wire §2.3: what is left now, after any wait; rounded up, so that the last millisecond is not told as none.
        let left = left.map(|left| left.saturating_add(Duration::from_nanos(999_999)));
        let metadata = Metadata { deadline: left, ..call.options.metadata(call.drawn_key) };
        self.metadata.clear();
        if !metadata.is_empty() {
            metadata.append(&mut self.metadata).map_err(|_| TOO_LARGE)?;
        }
        let append = |out: &mut Vec<u8>| append_encoded(out, header, &self.metadata, call.body, left_out);
        let (start, end) = self.output.append(append).map_err(|()| TOO_LARGE)?;
        let end = end.saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
        self.crowd = self.crowd.saturating_sub(1);
        Ok(self.calls.add(call.method, start, end))
    }

    /// Whether what is queued is to leave before anyone waits for it.
    const fn is_worth_writing(&self) -> bool {
        let queued = self.output.queued();
        let half = queued >= FLUSH_CALLS && queued.saturating_mul(2) >= self.calls.open();
        (half || self.output.queued_bytes() >= FLUSH_BYTES) && self.output.needs_writer()
    }

    fn abandon(&mut self, id: CallId) -> Outcome {
        let Some(call) = self.calls.get_mut(id) else { return Outcome::MaybeExecuted };
        if matches!(call.state, CallState::Waiting(_)) && !self.output.is_untouched(call.start) {
            debug_assert!(matches!(call.state, CallState::Waiting(None)), "its thread sleeps");
            call.state = CallState::Abandoned;
            return Outcome::MaybeExecuted;
        }
        let Some(call) = self.calls.remove(id) else { return Outcome::MaybeExecuted };
        match call.state {
            CallState::Waiting(_) => {
                self.output.remove(call.start, call.end);
                let bytes = call.end.saturating_sub(call.start);
                for later in self.calls.iter_mut().filter(|later| later.start >= call.end) {
                    later.start = later.start.saturating_sub(bytes);
                    later.end = later.end.saturating_sub(bytes);
                }
                self.wake_for_room();
                Outcome::NotSent
            }
            CallState::Failed(error) => error.outcome,
            CallState::Done(..) | CallState::Abandoned => Outcome::MaybeExecuted,
        }
    }

    /// No reply comes any more: everyone who waits learns it, each with what it means for the own call.
    fn fail(&mut self, kind: TransportErrorKind) {
        // Wire §1.1: said before the server's hello, by a server that executes nothing for a client it does not know.
        if self.hello.is_none() && kind == TransportErrorKind::Tls(TlsError::CertificateRefused) {
            return self.refuse_all(kind);
        }
        self.end.get_or_insert(kind);
        let output = &self.output;
        let seats = self.calls.fail(|call| {
            let touched = !output.is_untouched(call.start);
            let outcome = if touched { Outcome::MaybeExecuted } else { Outcome::NotSent };
            Some(TransportError { kind, outcome })
        });
        self.output.break_off();
        self.wake_all(&seats);
    }

    /// Wakes those whose calls have ended, and those who wait for room where there will be none.
    fn wake_all(&self, seats: &[Arc<Seat>]) {
        for seat in seats.iter().chain(&self.for_room) {
            seat.call();
            seat.wake();
        }
    }

    fn wake_for_room(&self) {
        if let Some(seat) = self.for_room.first() {
            seat.call();
            seat.wake();
        }
    }

    /// If nobody reads, or nobody writes what is queued, calls the thread that has slept longest; it is to be woken.
    /// Whoever stops waiting does this, so that no work is left behind while someone sleeps.
    fn call_next(&self) -> Option<Arc<Seat>> {
        if self.receiver.is_none() && !self.output.needs_writer() {
            return None;
        }
        let seat = self.calls.first_follower().or(self.for_room.first())?;
        seat.call();
        Some(Arc::clone(seat))
    }

    /// Unlocks, and leaves no work behind.
    fn release(state: MutexGuard<'_, Self>) {
        let next = state.call_next();
        drop(state);
        if let Some(seat) = next {
            seat.wake();
        }
    }
}

const fn io_kind(kind: io::ErrorKind) -> TransportErrorKind {
    TransportErrorKind::Io(kind)
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
