//! The leader: the one thread that reads a connection, for all who wait on it.

use std::{
    cell::RefCell,
    io, mem,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::MutexGuard;

use super::{
    Connection, State,
    calls::{CallState, OpenCall, is_later},
    seat::Seat,
    usize_of,
};
use crate::{
    Outcome, Status, TransportError, TransportErrorKind,
    frame::{CallId, Frame, FrameError, FrameKind, Goodbye, Header, HeaderFlags, ReceiveBuffer, ServerHello, VERSION},
    transport::{Deadline, Wait},
};

/// The right to read, and what has been read. Dropping it, even in a panic of a decoder, passes the role on.
#[derive(Debug)]
pub(super) struct Leader<'c> {
    connection: &'c Connection,
    /// `None` once the role has been passed on.
    buffer: Option<Box<ReceiveBuffer>>,
    /// Whether bytes have come, and when, where silence counts.
    came: bool,
    came_at: Option<Instant>,
    /// Threads to wake, once no lock is held: a thread that is woken under a lock runs into it.
    wakes: Vec<Arc<Seat>>,
}

/// The reply that its thread has read itself.
#[derive(Debug)]
pub(super) enum Reply {
    /// Taken out of the buffer, so that the role could be passed on at once.
    Small { status: Status, bytes: [u8; SMALL_BYTES], length: usize },
    /// The next frame of the buffer, read where it lies by [`Leader::end`].
    InPlace,
}

/// Copying so much costs less than taking the connection's lock once more.
pub(super) const SMALL_BYTES: usize = 128;

thread_local! {
    /// The memory of [`Leader::wakes`].
    static WAKES: RefCell<Vec<Arc<Seat>>> = const { RefCell::new(Vec::new()) };
}

impl<'c> Leader<'c> {
    /// Takes the role, if nobody has it.
    pub(super) fn take(connection: &'c Connection, state: &mut State) -> Option<Self> {
        Some(Self { connection, buffer: Some(state.receiver.take()?), came: false, came_at: None, wakes: Vec::new() })
    }

    /// Reads and hands out replies until that of `mine` comes, or until its call has ended, `done`, the connection has
    /// ended, or the deadline has passed.
    pub(super) fn lead(
        &mut self,
        state: &mut MutexGuard<'_, State>,
        deadline: Deadline,
        mine: Option<CallId>,
        done: impl Fn(&State) -> bool,
    ) -> Option<Reply> {
        loop {
            if let Some(reply) = self.deliver(state, mine) {
                return Some(reply);
            }
            if state.receives_nothing_more() || done(state) || mine.is_some_and(|id| state.has_ended(id)) {
                return None;
            }
            if state.output.needs_writer() {
                return None; // whoever queued these bytes, or had them in hand, may have given up
            }
            if self.came && deadline.has_passed() {
                return None; // however many replies to others come
            }
            // While another thread writes, our own frame may be in its hands, and it may give up and leave the rest.
            let looks = state.output.is_writing();
            let until = if looks { deadline.earlier(Deadline::after(WRITER_LOOK)) } else { deadline };
            match MutexGuard::unlocked(state, || self.read(Wait::Until(until))) {
                Ok(true) => {}
                Ok(false) if looks && !deadline.has_passed() => {}
                Ok(false) | Err(_) => return None,
            }
        }
    }

    /// The reply to `mine`, if it has been read or can be without waiting. Hands out what comes before it.
    pub(super) fn take_now(&mut self, state: &mut MutexGuard<'_, State>, mine: CallId) -> Option<Reply> {
        if let Some(reply) = self.deliver(state, Some(mine)) {
            return Some(reply);
        }
        match MutexGuard::unlocked(state, || self.read(Wait::Now)) {
            Ok(true) => self.deliver(state, Some(mine)),
            Ok(false) | Err(_) => None,
        }
    }

    /// Reads once. `Ok(false)`: nothing came.
    pub(super) fn read(&mut self, wait: Wait) -> Result<bool, TransportErrorKind> {
        self.wake();
        let Some(buffer) = &mut self.buffer else { return Ok(false) };
        let end = match self.connection.transport.read(buffer.room(), wait) {
            Ok(0) if buffer.is_between_frames() => TransportErrorKind::Closed,
            Ok(0) => TransportErrorKind::Protocol(FrameError::Torn),
            Ok(bytes) => {
                buffer.received(bytes);
                self.came = true;
                self.came_at = self.connection.shared.silence_max.map(|_| Instant::now());
                return Ok(true);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Ok(false);
            }
            Err(error) => TransportErrorKind::of_moving(&error),
        };
        self.connection.state.lock().fail(end);
        Err(end)
    }

    /// Hands out all complete frames, or those before the reply to `mine`, if that is one of them.
    pub(super) fn deliver(&mut self, state: &mut State, mine: Option<CallId>) -> Option<Reply> {
        match self.hand_out(state, mine) {
            Ok(mine) => mine,
            Err(error) => {
                state.fail(TransportErrorKind::Protocol(error));
                self.connection.transport.close();
                None
            }
        }
    }

    /// Lets `read` read the reply, and passes the role on: before, if the reply has been taken out.
    pub(super) fn end(mut self, mut state: MutexGuard<'_, State>, reply: &Reply, read: &mut dyn FnMut(Status, &[u8])) {
        if let Reply::InPlace = reply {
            drop(state);
            return self.read_in_place(read);
        }
        self.pass_on(&mut state);
        drop(state);
        drop(self);
        reply.read(read);
    }

    fn read_in_place(&mut self, read: &mut dyn FnMut(Status, &[u8])) {
        self.wake();
        let frame_bytes_max = self.connection.frame_bytes_max();
        if let Some(Ok(Some(frame))) = self.buffer.as_mut().map(|buffer| buffer.next_frame(frame_bytes_max)) {
            read(frame.header.status, body(&frame).unwrap_or_default());
        }
    }

    /// Passes the role on.
    pub(super) fn leave(mut self, state: &mut MutexGuard<'_, State>) {
        self.pass_on(state);
        MutexGuard::unlocked(state, || drop(self));
    }

    fn hand_out(&mut self, state: &mut State, mine: Option<CallId>) -> Result<Option<Reply>, FrameError> {
        if let Some(at) = self.came_at {
            state.has_shown_life(at);
        }
        let Self { connection, buffer: Some(buffer), wakes, .. } = self else { return Ok(None) };
        loop {
            let Some(front) = buffer.front()? else { return Ok(None) };
            let header = front.header;
            if header.length > connection.frame_bytes_max() {
                return Err(FrameError::TooLong(header.length));
            }
            if !is_complete(&front) {
                return Ok(None);
            }
            if let Some(id) = mine
                && header.kind == FrameKind::Reply
                && header.call_id == id
            {
                check_reply(state, &header)?;
                let reply = Reply::of(header.status, body(&front)?);
                state.calls.remove(id);
                state.wake_for_room();
                if let Reply::Small { .. } = reply {
                    buffer.consume_front();
                }
                return Ok(Some(reply));
            }
            connection.receive(state, &front, wakes)?;
            buffer.consume_front();
        }
    }

    /// Gives the role back, and finds who is to take it. To be dropped when no lock is held.
    pub(super) fn pass_on(&mut self, state: &mut State) {
        let Some(mut buffer) = self.buffer.take() else { return };
        // Its largest size is the caller's own choice; no thread is there to notice that no more large replies come.
        buffer.trim(usize::MAX);
        state.receiver = Some(buffer);
        // Who has just been answered mostly calls again at once, and leads then. The last of them to run finds out whether
        // someone did, so that nobody has to be woken for the role alone.
        if !self.wakes.last().is_some_and(|seat| seat.charge()) {
            self.wakes.extend(state.call_next());
        }
    }

    fn wake(&mut self) {
        for seat in self.wakes.drain(..) {
            seat.wake();
        }
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if self.buffer.is_some() {
            let connection = self.connection;
            self.pass_on(&mut connection.state.lock());
        }
        self.wake();
        if self.wakes.capacity() > 0 {
            WAKES.set(mem::take(&mut self.wakes));
        }
    }
}

impl Reply {
    /// Lets `read` read what has been taken out.
    pub(super) fn read(&self, read: &mut dyn FnMut(Status, &[u8])) {
        if let Self::Small { status, bytes, length } = self {
            read(*status, bytes.get(..*length).unwrap_or_default());
        }
    }

    fn of(status: Status, body: &[u8]) -> Self {
        let mut bytes = [0; SMALL_BYTES];
        match bytes.get_mut(..body.len()) {
            Some(place) => {
                place.copy_from_slice(body);
                Self::Small { status, bytes, length: body.len() }
            }
            None => Self::InPlace,
        }
    }
}

impl Connection {
    /// The longest frame that this side takes.
    pub(super) fn frame_bytes_max(&self) -> u32 {
        self.shared.reply_bytes_max.saturating_add(BESIDE_BODY_BYTES_MAX)
    }

    fn receive(&self, state: &mut State, frame: &Frame<'_>, wakes: &mut Vec<Arc<Seat>>) -> Result<(), FrameError> {
        match frame.header.kind {
            FrameKind::Hello if state.hello.is_none() => self.receive_hello(state, ServerHello::decode(frame)?)?,
            FrameKind::Goodbye if state.hello.is_some() => state.receive_goodbye(Goodbye::decode(frame)?),
            FrameKind::Reply if state.hello.is_some() => {
                check_reply(state, &frame.header)?;
                self.receive_reply(state, &frame.header, body(frame)?, wakes);
            }
            kind => return Err(FrameError::Unexpected(kind)),
        }
        Ok(())
    }

    fn receive_hello(&self, state: &mut State, hello: ServerHello) -> Result<(), FrameError> {
        if hello.status != Status::OK {
            // Wire §3: nothing of this connection is executed, not even what has been written.
            state.refuse_all(TransportErrorKind::Refused(hello.status));
            return Ok(());
        }
        if hello.version != VERSION {
            return Err(FrameError::BadHello); // what it says from here on, and what it has read, means something else
        }
        self.shared.clock.set(hello.server_time_ms);
        state.hello = Some(hello);
        state.wake_for_room();
        Ok(())
    }

    fn receive_reply(&self, state: &mut State, header: &Header, body: &[u8], wakes: &mut Vec<Arc<Seat>>) {
        let Some(call) = state.calls.get_mut(header.call_id) else { return };
        match &mut call.state {
            CallState::Waiting(Some(_)) => {
                if let Some(OpenCall { state: CallState::Waiting(Some(seat)), .. }) = state.calls.remove(header.call_id)
                {
                    seat.put(header.status, body);
                    if wakes.capacity() == 0 {
                        *wakes = WAKES.take();
                    }
                    wakes.push(seat);
                    state.crowd = state.crowd.saturating_add(1);
                }
            }
            CallState::Waiting(None) => {
                let mut buffer = self.shared.pool.take();
                buffer.extend_from_slice(body);
                state.calls.finish(header.call_id, header.status, buffer);
            }
            CallState::Abandoned => drop(state.calls.remove(header.call_id)),
            // A second reply to one call: as meaningless as one to no call.
            CallState::Done(..) | CallState::Failed(_) => {}
        }
        state.wake_for_room();
    }
}

impl State {
    /// Wire §7: calls after the last one that the server has taken are not sent; the others are still answered.
    fn receive_goodbye(&mut self, goodbye: Goodbye) {
        let kind = TransportErrorKind::Goodbye(goodbye.reason);
        self.end.get_or_insert(kind);
        let error = TransportError { kind, outcome: Outcome::NotSent };
        let seats = self.calls.fail(|call| is_later(call.id, goodbye.last_call).then_some(error));
        self.output.break_off();
        self.wake_all(&seats);
    }

    pub(super) fn refuse_all(&mut self, kind: TransportErrorKind) {
        self.end.get_or_insert(kind);
        let seats = self.calls.fail(|_| Some(TransportError { kind, outcome: Outcome::NotSent }));
        self.output.break_off();
        self.wake_all(&seats);
    }

    /// Takes the reply to `id` if it is a small one and the next frame of what has been read, and nobody leads.
    pub(super) fn take_next(&mut self, id: CallId) -> Option<Reply> {
        let header = self.receiver.as_ref()?.front().ok()??.header;
        let is_small = header.flags == HeaderFlags::NONE && usize_of(header.length) <= SMALL_BYTES;
        if header.kind != FrameKind::Reply || header.call_id != id || !is_small || self.hello.is_none() {
            return None;
        }
        let call = self.calls.get(id)?;
        if self.output.is_untouched(call.start) || !call.is_answered_by(&header) {
            return None; // a reply to what has not left, or to another method, is no reply: a leader finds out
        }
        let reply = Reply::of(header.status, self.receiver.as_mut()?.take_front(&header)?.content);
        self.calls.remove(id);
        self.wake_for_room();
        Some(reply)
    }

    /// Whether a complete frame has been read and not handed out, and nobody leads.
    pub(super) fn has_frame(&self) -> bool {
        let front = self.receiver.as_ref().map(|buffer| buffer.front());
        matches!(front, Some(Ok(Some(frame))) if is_complete(&frame))
    }

    /// Whether at least a part of the call may have been written.
    pub(super) fn has_left(&self, id: CallId) -> bool {
        self.calls.get(id).is_some_and(|call| !self.output.is_untouched(call.start))
    }

    pub(super) fn has_ended(&self, id: CallId) -> bool {
        self.calls.get(id).is_none_or(|call| !matches!(call.state, CallState::Waiting(_)))
    }

    /// After a goodbye, calls that the server has taken are still answered; otherwise an end is an end.
    const fn receives_nothing_more(&self) -> bool {
        self.end.is_some() && self.calls.open() == 0
    }
}

/// How long a leader reads before it looks whether a writer has left bytes behind.
const WRITER_LOOK: Duration = Duration::from_millis(5);

/// Room for metadata, which no version sends with a reply yet; a hello or a refusal needs less.
const BESIDE_BODY_BYTES_MAX: u32 = 2 + 1_024;

/// No reply comes before the hello, or names another method than its request.
fn check_reply(state: &State, header: &Header) -> Result<(), FrameError> {
    let is_answer = state.calls.get(header.call_id).is_none_or(|call| call.is_answered_by(header));
    match state.hello.is_some() && is_answer {
        true => Ok(()),
        false => Err(FrameError::Unexpected(FrameKind::Reply)),
    }
}

fn body<'b>(frame: &Frame<'b>) -> Result<&'b [u8], FrameError> {
    match frame.parts() {
        Ok(Some(parts)) => Ok(parts.body),
        Ok(None) | Err(_) => Err(FrameError::Unexpected(frame.header.kind)),
    }
}

fn is_complete(frame: &Frame<'_>) -> bool {
    u32::try_from(frame.content.len()) == Ok(frame.header.length)
}
