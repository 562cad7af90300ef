//! One connection, on a thread of its own: reads, answers every complete request that has come, and writes once when
//! nothing complete is left, when enough waits, or when a reply has waited long enough.
//!
//! What is absent: this thread never reads further than it can answer, never waits for a slow call of its own, and never
//! allocates from a length that the peer declares.

use std::{
    convert::Infallible,
    io, mem,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    line::{Before, LOOK, Line},
    memory::{Reservation, counted},
    observer::{CloseReason, ConnectionId},
    output::Output,
    shared::Shared,
    slots::Slots,
    slow::bytes_of,
    timing::{Timing, later, write_wait},
};
use crate::{
    Call, Status, TlsError,
    frame::{CallId, ClientHello, FrameKind, Goodbye, ReceiveBuffer},
    transport::{Deadline, recent},
};

/// A client's hello takes 35 bytes; later versions may add fields.
const HELLO_BYTES_MAX: u32 = 1_024;
/// Replies wait for each other up to so many bytes: as much as a socket takes in one piece.
const OUT_BYTES: usize = 16 << 10;
/// A reply waits for others so long: four times what waking its reader costs.
const OUT_WAIT: Duration = Duration::from_micros(200);
/// After so long without a frame a connection gives its memory back. Long for a program, short for a person.
const QUIET: Duration = Duration::from_millis(200);
/// How long a closing side still reads (Wire §7).
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// The half of a connection that belongs to its thread.
#[derive(Debug)]
pub(super) struct Connection<'s> {
    pub(super) server: &'s Arc<Shared>,
    pub(super) line: &'s Arc<Line>,
    pub(super) input: ReceiveBuffer,
    /// Replies that have not been written.
    pub(super) out: Output,
    /// Since when the oldest of them waits.
    pub(super) oldest: Option<Instant>,
    /// Used again for each call, unless a handler has kept it.
    pub(super) call: Rc<Call>,
    pub(super) reply_bytes_max: usize,
    /// The last call that was taken, 0 before the first; none before the hellos.
    pub(super) last_call: Option<CallId>,
    /// Keeps a large request counted for as long as its memory is held: until other requests have been small for a
    /// while, or none has come.
    pub(super) memory: Reservation,
    pub(super) timing: Timing,
    /// The moment of the last event: at most a tick ago, and exact around a wait inside a frame. A clock is read there, after each
    /// other wait, and after a call where something depends on it, nowhere else: that takes as long as decoding a small request.
    pub(super) now: Instant,
    /// Whether no clock was read after the last call, since its reply leaves at once. How long nobody asks for anything is then
    /// known only after a first wait.
    pub(super) behind: bool,
}

/// How a connection comes to its end.
#[derive(Debug)]
pub(super) enum End {
    /// Without a word.
    Silent(CloseReason),
    /// With what is still to answer, and a goodbye (before the hellos a hello) if there is a reason to tell.
    Orderly(Option<Status>, CloseReason),
    /// Another thread has said goodbye: a drain, or who needed the place.
    Parted,
}

impl End {
    /// The peer broke the protocol.
    pub(super) const PROTOCOL: Self = Self::Orderly(Some(Status::PROTOCOL_ERROR), CloseReason::Protocol);

    /// Nothing came until the moment when this was due.
    const fn overdue(reason: CloseReason) -> Self {
        match reason {
            // Before the hello there is nobody to say goodbye to (Wire §3).
            CloseReason::HelloDeadline => Self::Silent(reason),
            _ => Self::Orderly(Some(Status::TIMED_OUT), reason),
        }
    }
}

/// Serves a connection to its end.
pub(super) fn serve(shared: Arc<Shared>, line: &Arc<Line>) {
    let _place = Place { slots: Arc::clone(&shared.slots), id: line.id };
    // Declared after the place, so that it goes before.
    let server = shared;
    let server = &server;
    let mut leaving = Leaving { server, line, reason: CloseReason::Broken };
    server.connection_opened(line);
    let now = Instant::now();
    let mut connection = Connection {
        server,
        line,
        input: ReceiveBuffer::new(),
        out: Output::new(server.memory.nothing()),
        oldest: None,
        call: Connection::idle_call(server, line),
        reply_bytes_max: server.limits.reply_bytes_max(),
        last_call: None,
        memory: server.memory.nothing(),
        timing: Timing::new(now),
        now,
        behind: false,
    };
    let Err(end) = connection.run();
    let reason = connection.close(&end);
    leaving.reason = if line.is_cut() { CloseReason::Cut } else { reason };
}

/// The place of a connection, given back when its thread is done, even if it panics: whoever waits for all places to be
/// free then knows that no connection's thread holds the server's handlers any more. A slow call whose peer has left still may.
struct Place {
    slots: Arc<Slots<Arc<Line>>>,
    id: ConnectionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.slots.left(self.id);
    }
}

/// Closes the connection and tells so, even if the thread panics.
struct Leaving<'s> {
    server: &'s Shared,
    line: &'s Line,
    reason: CloseReason,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.line.close();
        self.server.connection_closed(self.line, self.reason);
    }
}

impl Connection<'_> {
    pub(super) fn idle_call(server: &Shared, line: &Line) -> Rc<Call> {
        Rc::new(Call::idle(line.peer, Some(Arc::clone(&server.stopped))))
    }

    fn run(&mut self) -> Result<Infallible, End> {
        self.greet()?;
        loop {
            self.next_call()?;
        }
    }

    /// Reads the client's hello and answers it, before any call.
    fn greet(&mut self) -> Result<(), End> {
        const BAD: End = End::Silent(CloseReason::BadHello);
        loop {
            let front = self.input.front().map_err(|_| BAD)?.map(|frame| frame.header);
            match front {
                Some(header) if header.kind != FrameKind::Hello || header.length > HELLO_BYTES_MAX => return Err(BAD),
                Some(header) if self.input.bytes_waiting() >= bytes_of(&header) => break,
                _ => self.receive()?,
            }
        }
        let frame = self.input.next_frame(HELLO_BYTES_MAX).map_err(|_| BAD)?.ok_or(BAD)?;
        let hello = ClientHello::decode(&frame).map_err(|_| BAD)?;
        if !self.line.may_greet() {
            return Err(End::Parted);
        }
        let status = match hello.version {
            0 => Status::UNSUPPORTED_VERSION,
            _ if self.server.is_draining() => Status::DRAINING,
            _ => Status::OK,
        };
        self.say_hello(status);
        match status {
            Status::OK => {}
            Status::DRAINING => return Err(End::Orderly(None, CloseReason::Drained)),
            _ => return Err(End::Orderly(None, CloseReason::BadHello)),
        }
        let theirs = usize::try_from(hello.reply_bytes_max).unwrap_or(usize::MAX);
        self.reply_bytes_max = self.reply_bytes_max.min(theirs);
        self.last_call = Some(CallId(0));
        self.now = Instant::now(); // how long the peer may be idle begins here
        self.timing.greeted(self.server.signs_in);
        self.server.slots.greeted(self.line.id, self.server.signs_in);
        Ok(())
    }

    fn say_hello(&mut self, status: Status) {
        self.out.bytes().extend_from_slice(&self.server.hello_frame(status));
    }

    /// Waits for bytes, after everything that can be answered has been.
    pub(super) fn receive(&mut self) -> Result<(), End> {
        self.flush()?;
        let between_frames = self.input.is_between_frames();
        if between_frames {
            self.keep_memory();
        } else {
            self.now = Instant::now();
            self.timing.frame_waits(self.now, self.input.bytes_waiting());
        }
        let (mut quiet, mut quiet_since) = (!between_frames, self.now);
        loop {
            // Before it is asked what they have left: they may leave something and end in between.
            let slow = self.line.slow_calls() > 0;
            match self.line.before_read(&self.server.draining, self.last_call) {
                Before::Read => {}
                Before::Late => {
                    self.write_out()?;
                    continue;
                }
                Before::Draining => return Err(End::Orderly(Some(Status::DRAINING), CloseReason::Drained)),
                Before::Parted => return Err(End::Parted),
            }
            let due = if slow {
                quiet_since = self.now;
                self.timing.frame_due(&self.server.limits)
            } else {
                Some(self.timing.due(quiet_since, &self.server.limits))
            };
            let look = match (slow, quiet) {
                (true, _) => Deadline::at(later(self.now, LOOK)),
                (false, false) => Deadline::at(later(self.now, QUIET)),
                (false, true) => Deadline::NEVER,
            };
            let until = due.map_or(look, |due| look.earlier(Deadline::at(due.at)));
            let read = self.line.read(self.input.room(), until);
            if self.line.after_read(self.last_call) {
                return Err(End::Parted);
            }
            self.now = match read {
                // An observer is told how long a call took, and what was waited for inside a frame may have a deadline.
                Ok(1..) if between_frames && !self.server.is_observed() => recent().max(self.now),
                _ => Instant::now(),
            };
            match read {
                Ok(0) if between_frames => return Err(End::Orderly(None, CloseReason::Peer)),
                Ok(0) => return Err(End::Silent(CloseReason::Broken)),
                Ok(bytes) => {
                    self.behind = false;
                    self.input.received(bytes);
                    self.timing.received(bytes);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    if mem::take(&mut self.behind) {
                        quiet_since = self.now;
                    } else if let Some(due) = due.filter(|due| due.at <= self.now) {
                        return Err(End::overdue(due.reason));
                    }
                    if !slow && !quiet {
                        quiet = true;
                        self.give_memory_back();
                    }
                }
                Err(error) => {
                    return Err(End::Silent(TlsError::of(&error).map_or(CloseReason::Broken, CloseReason::Tls)));
                }
            }
        }
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> Result<(), End> {
        if self.out.is_empty() { Ok(()) } else { self.write_out() }
    }

    /// Writes what waits, and what other threads have left.
    fn write_out(&mut self) -> Result<(), End> {
        let written = self.out.write(|parts| self.line.write(parts, |bytes| write_wait(bytes, &self.server.limits)));
        self.oldest = None;
        self.out.clear();
        match written {
            Ok(false) => {}
            Ok(true) => self.now = Instant::now(),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(End::Silent(CloseReason::WriteDeadline));
            }
            Err(_) => return Err(End::Silent(CloseReason::Broken)),
        }
        Ok(())
    }

    /// Writes if enough waits, or something has waited long enough. `now` is a moment after the last reply.
    pub(super) fn flush_if_due(&mut self) -> Result<(), End> {
        if self.behind {
            return Ok(()); // nothing else has come, and what waits leaves before anything is waited for
        }
        let oldest = *self.oldest.get_or_insert(self.now);
        if self.out.len() >= OUT_BYTES || self.now.saturating_duration_since(oldest) >= OUT_WAIT {
            return self.flush();
        }
        Ok(())
    }

    /// At the window: waits until slow calls have ended. This is what stops the reading.
    pub(super) fn wait_for_window(&mut self) -> Result<(), End> {
        let limits = &self.server.limits;
        let (calls, bytes) = (limits.window_calls_max(), limits.window_bytes_max());
        while self.line.slow_calls() >= calls || (self.line.slow_calls() > 0 && self.line.slow_bytes() >= bytes) {
            if self.server.is_draining() {
                return Err(End::Orderly(Some(Status::DRAINING), CloseReason::Drained));
            }
            self.wait_for_slow()?;
        }
        Ok(())
    }

    fn wait_for_slow(&mut self) -> Result<(), End> {
        if self.line.is_broken() {
            return Err(End::Silent(CloseReason::Broken));
        }
        self.write_out()?;
        self.line.wait_for_change();
        self.now = Instant::now();
        Ok(())
    }

    /// Between two requests: keeps the memory of large ones for the next, as long as they go on coming and it can be
    /// counted.
    fn keep_memory(&mut self) {
        if counted(self.input.capacity()) > 0 {
            self.input.trim(self.memory.kept_bytes_max());
        }
        if !self.memory.keep(self.input.capacity()) {
            self.input.release();
        }
    }

    fn give_memory_back(&mut self) {
        self.input.release();
        self.keep_memory();
        self.out.release();
        if let Some(call) = Rc::get_mut(&mut self.call) {
            call.shrink();
        }
    }

    /// Ends the connection; the reason for the observer.
    fn close(&mut self, end: &End) -> CloseReason {
        match *end {
            End::Silent(reason) => reason,
            End::Parted => {
                // The goodbye may not have fitted.
                if self.write_out().is_ok() {
                    self.line.end();
                    self.discard();
                }
                CloseReason::Drained
            }
            End::Orderly(goodbye, reason) => {
                match (goodbye, self.last_call) {
                    (Some(reason), Some(last_call)) => {
                        self.out.bytes().extend_from_slice(&Goodbye { last_call, reason }.encode());
                    }
                    // The first frame is a hello, even if it is the last (Wire §1).
                    (Some(reason), None) => self.say_hello(reason),
                    (None, _) => {}
                }
                if let Err(End::Silent(_)) = self.answer_the_rest() {
                    return reason;
                }
                self.line.end();
                self.discard();
                reason
            }
        }
    }

    /// Waits for the slow calls that were taken, and writes what is left.
    fn answer_the_rest(&mut self) -> Result<(), End> {
        self.flush()?;
        while self.line.slow_calls() > 0 {
            self.wait_for_slow()?;
        }
        self.write_out()
    }

    /// Reads and drops, so that our last frames are not lost to a reset.
    fn discard(&mut self) {
        let deadline = Deadline::after(LINGER);
        let mut dropped = [0; 4_096];
        while !deadline.has_passed() && matches!(self.line.read(&mut dropped, deadline), Ok(1..)) {}
    }
}
