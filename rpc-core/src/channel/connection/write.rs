//! The writer: the one thread that writes a connection's queue, including what others append meanwhile.

use std::{
    io::{self, IoSlice},
    thread,
    time::{Duration, Instant},
};

use parking_lot::MutexGuard;

use super::{Connection, Patience, State, io_kind, lead::Leader};
use crate::{
    Outcome, TransportError,
    frame::CallId,
    transport::{Deadline, Interest, Wait, bytes_in, write_some},
};

/// How long a writer without room waits before it looks whether there is still a leader. While there is none it must read
/// itself: a server that can't get rid of its replies stops reading requests.
const LEADER_LOOK: Duration = Duration::from_millis(5);

impl Connection {
    /// Writes what is queued, unless another thread does already. What is left when patience ends, or when the call
    /// `mine` has ended, stays queued.
    pub(super) fn flush(&self, state: &mut MutexGuard<'_, State>, patience: &Patience, mine: Option<CallId>) {
        // Whoever has its reply goes: with enough others there is always more to write.
        let has_ended = |state: &State| mine.is_some_and(|id| state.has_ended(id));
        loop {
            if state.crowd > 0 || state.receiver.is_none() || state.calls.has_followers() {
                // Other threads make calls as well: fewer, larger writes if they may append first. Who does not come within
                // a few turns is not waited for any longer.
                state.crowd /= 2;
                MutexGuard::unlocked(state, thread::yield_now);
                if has_ended(state) {
                    return;
                }
            }
            let Some(chunk) = self.take_in_hand(state, 0) else { return };
            let (result, left) = MutexGuard::unlocked(state, || {
                let mut parts: &mut [_] = &mut [IoSlice::new(&chunk)];
                let result = self.write_parts(&mut parts, patience, mine);
                (result, bytes_in(parts))
            });
            let written = chunk.len().saturating_sub(left);
            state.output.put_back(chunk, written);
            if !state.end_turn(result) || !state.output.needs_writer() || has_ended(state) {
                return;
            }
        }
    }

    /// Writes, waiting for room; `parts` are then what is left. `TimedOut` if this thread has no reason to wait any longer. A
    /// server that takes bytes after a wait for room is alive, however slowly it does so.
    pub(super) fn write_parts(
        &self,
        parts: &mut &mut [IoSlice<'_>],
        patience: &Patience,
        mine: Option<CallId>,
    ) -> io::Result<()> {
        let mut has_waited = false;
        loop {
            let before = bytes_in(parts);
            let result = write_some(&*self.transport, parts);
            if has_waited && self.shared.silence_max.is_some() && bytes_in(parts) < before {
                self.state.lock().has_shown_life(Instant::now());
            }
            match result {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait_for_room(patience, mine)?,
                result => return result,
            }
            has_waited = true;
        }
    }

    /// Waits until there may be room to write, and reads meanwhile.
    fn wait_for_room(&self, patience: &Patience, mine: Option<CallId>) -> io::Result<()> {
        let mut state = self.state.lock();
        if mine.is_some_and(|id| state.has_ended(id)) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if state.output.is_broken() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let deadline = patience.until(&state);
        let Some(mut leader) = Leader::take(self, &mut state) else {
            drop(state);
            let look = deadline.earlier(Deadline::after(LEADER_LOOK));
            return match self.transport.ready(Interest::WRITE, look) {
                Err(error) if error.kind() == io::ErrorKind::TimedOut && !deadline.has_passed() => Ok(()),
                result => result.map(drop),
            };
        };
        drop(state);
        // An early return drops the leader, which passes the role on.
        let ready = self.transport.ready(Interest::BOTH, deadline)?;
        // Why the result is not needed: an end has failed all calls, which the next write finds out.
        if ready.read && leader.read(Wait::Now) == Ok(true) {
            leader.deliver(&mut self.state.lock(), None);
        }
        Ok(())
    }
}

impl State {
    /// Ends a turn of writing whose rest has been put back. Whether all went well.
    pub(super) fn end_turn(&mut self, result: io::Result<()>) -> bool {
        match result {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                if let Some(seat) = self.call_next() {
                    seat.wake();
                }
            }
            Err(error) => self.fail_writing(error.kind()),
        }
        false
    }

    /// The transport takes no more bytes. What the server has sent before may still arrive, so only calls that have not
    /// been touched end here; the others wait for their replies, or for the end of the stream, which is near.
    pub(super) fn fail_writing(&mut self, kind: io::ErrorKind) {
        let kind = io_kind(kind);
        self.end.get_or_insert(kind);
        let output = &self.output;
        let error = TransportError { kind, outcome: Outcome::NotSent };
        let seats = self.calls.fail(|call| output.is_untouched(call.start).then_some(error));
        self.output.break_off();
        self.wake_all(&seats);
    }
}
