//! One connection of a channel: many callers, no thread of its own.
//!
//! A caller appends its frame to the output, writes whatever is queued there, and waits. Of the threads that wait, one
//! *leads*: it reads, hands the others their replies, and passes the role on when it has its own (`lead`). Half a frame
//! stays in the connection's buffer, so a leader that gives up breaks nothing.
//!
//! What is absent: no lock is held while a thread reads, writes, sleeps, encodes or decodes.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};

use crate::{
    Method, Outcome, Status, TlsError, TransportError, TransportErrorKind,
    frame::{
        CallId, ClientHello, FrameKind, Header, HeaderFlags, Metadata, ReceiveBuffer, ServerHello, VERSION,
        append_frame_with,
    },
    transport::{Deadline, Transport, Wait},
};

mod calls;
mod lead;
mod output;
mod patience;
mod seat;
mod write;

use calls::{CallState, Calls};
use lead::Leader;
use output::Output;
pub(super) use patience::Patience;
use seat::Seat;

use super::{key::ServerClock, pool::Pool};

/// A connection that may still be used, or has ended and only answers those who wait.
#[derive(Debug)]
pub(super) struct Connection {
    transport: Box<dyn Transport>,
    shared: Arc<Shared>,
    /// Everything that changes. Callers, the leader and the writer take it for a few instructions each.
    state: Mutex<State>,
}

/// What all connections of a channel have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) pool: Pool,
    pub(super) clock: ServerClock,
    pub(super) reply_bytes_max: u32,
}

impl Shared {
    pub(super) fn new(reply_bytes_max: u32) -> Self {
        Self { pool: Pool::default(), clock: ServerClock::default(), reply_bytes_max }
    }
}

#[derive(Debug)]
struct State {
    calls: Calls,
    output: Output,
    /// What arrives. `None` while a thread leads.
    receiver: Option<ReceiveBuffer>,
    /// Threads that sleep, in the order in which they are asked to lead.
    sleepers: VecDeque<Sleeper>,
    hello: Option<ServerHello>,
    /// Why no new call may be made here.
    end: Option<TransportErrorKind>,
    /// When the last byte came.
    active: Instant,
    /// The metadata of the call that is being queued; kept for its memory.
    metadata: Vec<u8>,
}

#[derive(Debug)]
struct Sleeper {
    seat: Arc<Seat>,
    /// Whether it waits for room in the window, rather than for a reply of its own.
    for_room: bool,
}

/// A request, ready to be framed.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) method: &'static Method,
    pub(super) metadata: Metadata<'a>,
    pub(super) body: &'a [u8],
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

/// A connection on which nothing has come for so long is looked at before it is written to: the server may have closed
/// it. 1 ms: a busy caller never pays for the look, and no server closes on purpose so soon after a reply.
const IDLE: Duration = Duration::from_millis(1);

impl Connection {
    /// Says hello; the frame leaves with the first call.
    pub(super) fn new(transport: Box<dyn Transport>, shared: Arc<Shared>) -> Self {
        let mut hello = Vec::new();
        ClientHello { version: VERSION, reply_bytes_max: shared.reply_bytes_max }.append(&mut hello);
        Self {
            transport,
            shared,
            state: Mutex::new(State {
                calls: Calls::new(),
                output: Output::new(hello),
                receiver: Some(ReceiveBuffer::new()),
                sleepers: VecDeque::new(),
                hello: None,
                end: None,
                active: Instant::now(),
                metadata: Vec::new(),
            }),
        }
    }

    /// Queues a call. Waits, reading, while the window is full.
    pub(super) fn begin(&self, call: &Outgoing<'_>, deadline: Deadline) -> Result<CallId, NotBegun> {
        let mut state = self.state.lock();
        if state.calls.open() == 0 && state.active.elapsed() > IDLE {
            self.look(&mut state);
        }
        let body_bytes = call.body.len();
        if state.hello.is_none() && body_bytes > usize_of(DEFAULT_HELLO.body_bytes_max) {
            self.wait_until(&mut state, deadline, |state| state.hello.is_some())?;
        }
        let hello = state.hello.unwrap_or(DEFAULT_HELLO);
        if body_bytes > usize_of(hello.body_bytes_max) {
            return Err(NotBegun::TooLarge { bytes_max: usize_of(hello.body_bytes_max) });
        }
        let frame_bytes = u64::try_from(body_bytes).unwrap_or(u64::MAX);
        self.wait_until(&mut state, deadline, |state| {
            let hello = state.hello.unwrap_or(DEFAULT_HELLO);
            state.calls.has_room(frame_bytes, hello.window_calls, hello.window_bytes)
        })?;
        let id = state.append(call).map_err(|()| NotBegun::TooLarge { bytes_max: Metadata::BYTES_MAX })?;
        if state.output.queued_bytes() >= FLUSH_BYTES {
            self.flush(&mut state, deadline, Some(id));
        }
        Ok(id)
    }

    /// Waits for the reply and lets `read` read its status and body, where they lie if this thread has received them.
    pub(super) fn wait(
        &self,
        id: CallId,
        patience: Patience,
        read: &mut dyn FnMut(Status, &[u8]),
    ) -> Result<(), TransportError> {
        let deadline = patience.deadline;
        let mut state = self.state.lock();
        loop {
            match state.calls.take_ended(id) {
                Some(CallState::Done(status, body)) => {
                    state.wake_next();
                    drop(state);
                    read(status, &body);
                    self.shared.pool.put(body);
                    return Ok(());
                }
                Some(CallState::Failed(error)) => {
                    state.wake_next();
                    return Err(error);
                }
                Some(CallState::Waiting(_) | CallState::Abandoned) | None => {}
            }
            if patience.has_run_out(&mut state) {
                let outcome = state.abandon(id);
                state.wake_next();
                return Err(TransportError { kind: TransportErrorKind::Silent, outcome });
            }
            if deadline.has_passed() {
                let outcome = state.abandon(id);
                let kind = match outcome {
                    Outcome::NotSent => TransportErrorKind::WriteDeadline,
                    _ => TransportErrorKind::ReplyDeadline,
                };
                state.wake_next();
                return Err(TransportError { kind, outcome });
            }
            let until = patience.until(&state);
            // Our reply may have been read with an earlier one: then what is queued waits for more to leave with it.
            if state.output.needs_writer() && !(state.has_left(id) && state.has_frame()) {
                self.flush(&mut state, until, Some(id));
            } else if let Some(mut leader) = Leader::take(self, &mut state) {
                if leader.lead(&mut state, until, Some(id), |_| false) {
                    state.calls.remove(id);
                    state.wake_for_room();
                    drop(state);
                    leader.read_reply(read);
                    return Ok(()); // dropping the leader passes the role on
                }
                leader.leave(&mut state);
            } else {
                self.follow(&mut state, Some(id), until);
            }
        }
    }

    /// Gives a call up: a frame that has not been touched is never sent, and a reply is skipped.
    pub(super) fn abandon(&self, id: CallId) {
        let mut state = self.state.lock();
        state.abandon(id);
        state.wake_next();
    }

    /// Waits, reading, until `done`.
    fn wait_until(
        &self,
        state: &mut MutexGuard<'_, State>,
        deadline: Deadline,
        done: impl Fn(&State) -> bool,
    ) -> Result<(), NotBegun> {
        let mut waited = false;
        let result = loop {
            if let Some(end) = state.end {
                break Err(NotBegun::Ended(end));
            }
            if done(state) {
                break Ok(());
            }
            waited = true;
            if deadline.has_passed() {
                break Err(NotBegun::Deadline);
            }
            if state.output.needs_writer() {
                self.flush(state, deadline, None);
            } else if let Some(mut leader) = Leader::take(self, state) {
                leader.lead(state, deadline, None, &done);
                leader.leave(state);
            } else {
                self.follow(state, None, deadline);
            }
        };
        if waited {
            // There may be room for the next in line as well.
            state.wake_for_room();
            state.wake_next();
        }
        result
    }

    /// Reads what is there without waiting, to find out whether the server has closed an idle connection.
    fn look(&self, state: &mut MutexGuard<'_, State>) {
        if let Some(mut leader) = Leader::take(self, state) {
            while state.end.is_none() && MutexGuard::unlocked(state, || leader.read(Wait::Now)) == Ok(true) {
                leader.deliver(state, None);
            }
            leader.leave(state);
            state.active = Instant::now();
        }
    }

    /// Sleeps until another thread has brought the reply, or passes the role on.
    fn follow(&self, state: &mut MutexGuard<'_, State>, id: Option<CallId>, deadline: Deadline) {
        let seat = Seat::mine();
        if let Some(call) = id.and_then(|id| state.calls.get_mut(id))
            && let CallState::Waiting(waiting) = &mut call.state
        {
            *waiting = Some(Arc::clone(&seat));
        }
        state.sleepers.push_back(Sleeper { seat: Arc::clone(&seat), for_room: id.is_none() });
        seat.sleep(state, deadline);
        state.sleepers.retain(|sleeper| !Arc::ptr_eq(&sleeper.seat, &seat));
    }
}

impl State {
    fn append(&mut self, call: &Outgoing<'_>) -> Result<CallId, ()> {
        let header = Header {
            length: 0,
            call_id: self.calls.next_id(),
            service: call.method.service,
            opcode: call.method.opcode,
            kind: FrameKind::Request,
            flags: HeaderFlags::NONE,
            status: Status::OK,
        };
        self.metadata.clear();
        call.metadata.append(&mut self.metadata).map_err(drop)?;
        let metadata = &self.metadata;
        let appended = self
            .output
            .append(|out| append_frame_with(out, header, metadata, call.body.len(), |body| body.bytes(call.body)));
        let (start, end) = appended.map_err(drop)?;
        Ok(self.calls.add(call.method, start, end))
    }

    fn abandon(&mut self, id: CallId) -> Outcome {
        let Some(call) = self.calls.get_mut(id) else { return Outcome::MaybeExecuted };
        if matches!(call.state, CallState::Waiting(_)) && !self.output.is_untouched(call.start) {
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
        for seat in seats {
            seat.wake();
        }
        for sleeper in self.sleepers.iter().filter(|sleeper| sleeper.for_room) {
            sleeper.seat.wake();
        }
    }

    fn wake_for_room(&self) {
        if let Some(sleeper) = self.sleepers.iter().find(|sleeper| sleeper.for_room) {
            sleeper.seat.wake();
        }
    }

    /// If nobody reads, or nobody writes what is queued, asks the thread that has slept longest. Whoever stops waiting
    /// calls it, so that no work is left behind while someone sleeps.
    fn wake_next(&self) {
        if (self.receiver.is_some() || self.output.needs_writer())
            && let Some(sleeper) = self.sleepers.front()
        {
            sleeper.seat.wake();
        }
    }
}

const fn io_kind(kind: io::ErrorKind) -> TransportErrorKind {
    TransportErrorKind::Io(kind)
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
