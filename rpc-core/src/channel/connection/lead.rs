//! The leader: the one thread that reads a connection, for all who wait on it.

use std::{
    io,
    time::{Duration, Instant},
};

use parking_lot::MutexGuard;

use super::{
    Connection, State,
    calls::{CallState, is_later},
};
use crate::{
    Outcome, Status, TransportError, TransportErrorKind,
    frame::{CallId, Frame, FrameError, FrameKind, Goodbye, Header, ReceiveBuffer, ServerHello, VERSION},
    transport::{Deadline, Wait},
};

/// The right to read, and what has been read. Dropping it, even in a panic of a decoder, passes the role on.
#[derive(Debug)]
pub(super) struct Leader<'c> {
    connection: &'c Connection,
    /// `None` once the role has been passed on.
    buffer: Option<ReceiveBuffer>,
}

impl<'c> Leader<'c> {
    /// Takes the role, if nobody has it.
    pub(super) fn take(connection: &'c Connection, state: &mut State) -> Option<Self> {
        Some(Self { connection, buffer: Some(state.receiver.take()?) })
    }

    /// Reads and hands out replies until that of `mine` is the next frame (true), or until its call has ended, `done`,
    /// the connection has ended, or the deadline has passed.
    pub(super) fn lead(
        &mut self,
        state: &mut MutexGuard<'_, State>,
        deadline: Deadline,
        mine: Option<CallId>,
        done: impl Fn(&State) -> bool,
    ) -> bool {
        loop {
            if self.deliver(state, mine) {
                state.active = Instant::now();
                return true;
            }
            if state.receives_nothing_more() || done(state) || mine.is_some_and(|id| state.has_ended(id)) {
                return false;
            }
            if state.output.needs_writer() {
                return false; // whoever queued these bytes, or had them in hand, may have given up
            }
            // While another thread writes, our own frame may be in its hands, and it may give up and leave the rest.
            let looks = state.output.is_writing();
            let until = if looks { deadline.earlier(Deadline::after(WRITER_LOOK)) } else { deadline };
            match MutexGuard::unlocked(state, || self.read(Wait::Until(until))) {
                Ok(true) => {}
                Ok(false) if looks && !deadline.has_passed() => {}
                Ok(false) | Err(_) => return false,
            }
            if deadline.has_passed() {
                self.deliver(state, None);
                return false;
            }
        }
    }

    /// Reads once. `Ok(false)`: nothing came.
    pub(super) fn read(&mut self, wait: Wait) -> Result<bool, TransportErrorKind> {
        let Some(buffer) = &mut self.buffer else { return Ok(false) };
        let end = match self.connection.transport.read(buffer.room(), wait) {
            Ok(0) if buffer.is_between_frames() => TransportErrorKind::Closed,
            Ok(0) => TransportErrorKind::Protocol(FrameError::Torn),
            Ok(bytes) => {
                buffer.received(bytes);
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

    /// Hands out all complete frames, or, if the reply to `mine` is one of them, those before it (true).
    pub(super) fn deliver(&mut self, state: &mut State, mine: Option<CallId>) -> bool {
        match self.hand_out(state, mine) {
            Ok(mine) => mine,
            Err(error) => {
                state.fail(TransportErrorKind::Protocol(error));
                self.connection.transport.close();
                false
            }
        }
    }

    /// Reads the reply at which [`Leader::lead`] stopped, where it lies.
    pub(super) fn read_reply(&mut self, read: &mut dyn FnMut(Status, &[u8])) {
        let frame_bytes_max = self.connection.frame_bytes_max();
        if let Some(Ok(Some(frame))) = self.buffer.as_mut().map(|buffer| buffer.next_frame(frame_bytes_max)) {
            read(frame.header.status, body(&frame).unwrap_or_default());
        }
    }

    /// Passes the role on.
    pub(super) fn leave(mut self, state: &mut State) {
        self.pass_on(state);
    }

    fn hand_out(&mut self, state: &mut State, mine: Option<CallId>) -> Result<bool, FrameError> {
        let connection = self.connection;
        let Some(buffer) = &mut self.buffer else { return Ok(false) };
        loop {
            let Some(front) = buffer.front()? else { return Ok(false) };
            let is_mine = front.header.kind == FrameKind::Reply && Some(front.header.call_id) == mine;
            if is_mine && is_complete(&front) && front.header.length <= connection.frame_bytes_max() {
                check_reply(state, &front.header)?;
                body(&front)?;
                return Ok(true);
            }
            let Some(frame) = buffer.next_frame(connection.frame_bytes_max())? else { return Ok(false) };
            connection.receive(state, &frame)?;
        }
    }

    fn pass_on(&mut self, state: &mut State) {
        if let Some(mut buffer) = self.buffer.take() {
            buffer.trim();
            state.receiver = Some(buffer);
            state.wake_next();
        }
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if self.buffer.is_some() {
            let connection = self.connection;
            self.pass_on(&mut connection.state.lock());
        }
    }
}

impl Connection {
    /// The longest frame that this side takes.
    fn frame_bytes_max(&self) -> u32 {
        self.shared.reply_bytes_max.saturating_add(BESIDE_BODY_BYTES_MAX)
    }

    fn receive(&self, state: &mut State, frame: &Frame<'_>) -> Result<(), FrameError> {
        state.active = Instant::now();
        match frame.header.kind {
            FrameKind::Hello if state.hello.is_none() => self.receive_hello(state, ServerHello::decode(frame)?)?,
            FrameKind::Goodbye => state.receive_goodbye(Goodbye::decode(frame)?),
            FrameKind::Reply if state.hello.is_some() => {
                check_reply(state, &frame.header)?;
                self.receive_reply(state, &frame.header, body(frame)?);
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

    fn receive_reply(&self, state: &mut State, header: &Header, body: &[u8]) {
        let Some(call) = state.calls.close(header.call_id) else { return };
        match &mut call.state {
            CallState::Waiting(seat) => {
                let seat = seat.take();
                let mut buffer = self.shared.pool.take();
                buffer.extend_from_slice(body);
                call.state = CallState::Done(header.status, buffer);
                if let Some(seat) = seat {
                    seat.wake();
                }
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

    /// Whether a complete frame has been read and not handed out, and nobody leads.
    pub(super) fn has_frame(&self) -> bool {
        let front = self.receiver.as_ref().map(ReceiveBuffer::front);
        matches!(front, Some(Ok(Some(frame))) if is_complete(&frame))
    }

    /// Whether at least a part of the call may have been written.
    pub(super) fn has_left(&mut self, id: CallId) -> bool {
        let Self { calls, output, .. } = self;
        calls.get_mut(id).is_some_and(|call| !output.is_untouched(call.start))
    }

    pub(super) fn has_ended(&mut self, id: CallId) -> bool {
        self.calls.get_mut(id).is_none_or(|call| !matches!(call.state, CallState::Waiting(_)))
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

/// Wire §2.2: a reply names the method of its request. One that does not is for another call.
fn check_reply(state: &State, header: &Header) -> Result<(), FrameError> {
    match state.hello.is_some() && state.calls.matches(header.call_id, header.service, header.opcode) {
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
