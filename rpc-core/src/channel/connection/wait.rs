//! The waiting: for the own reply, or for room in the window. Whoever waits takes whatever work is left, writing before
//! reading, and sleeps only while another thread does it.

use std::{sync::Arc, time::Instant};

use parking_lot::MutexGuard;

use super::{
    Connection, NotBegun, Patience, State,
    calls::CallState,
    lead::Leader,
    seat::{Found, Seat},
};
use crate::{
    Outcome, Status, TransportError, TransportErrorKind,
    frame::CallId,
    tlv::Buffer,
    transport::{Deadline, Wait},
};

impl Connection {
    /// Waits for the reply and lets `read` read its status and body, where they lie if this thread has received them.
    pub(in crate::channel) fn wait(
        &self,
        id: CallId,
        patience: Patience,
        read: &mut dyn FnMut(Status, &[u8]),
    ) -> Result<(), TransportError> {
        let deadline = patience.deadline;
        let mut state = self.state.lock();
        let (mut may_be_late, mut has_just_begun) = (false, patience.has_just_begun);
        loop {
            match state.calls.take_ended(id) {
                Some(CallState::Done(status, body)) => {
                    State::release(state);
                    read(status, &body);
                    self.shared.pool.put(body);
                    return Ok(());
                }
                Some(CallState::Failed(error)) => {
                    State::release(state);
                    return Err(error);
                }
                Some(CallState::Waiting(_) | CallState::Abandoned) | None => {}
            }
            if let Some(reply) = state.take_next(id) {
                State::release(state);
                reply.read(read);
                return Ok(());
            }
            // A reply that is there already: what is queued waits for more to leave with it.
            if (state.output.needs_writer() || state.has_frame())
                && state.has_left(id)
                && let Some(mut leader) = Leader::take(self, &mut state)
            {
                if let Some(reply) = leader.take_now(&mut state, id) {
                    leader.end(state, &reply, read);
                    return Ok(());
                }
                leader.leave(&mut state);
            }
            let writes = state.output.needs_writer();
            if (may_be_late || (writes && !has_just_begun))
                && let Some(kind) = patience.ends(&mut state, may_be_late)
            {
                return Err(Self::give_up(state, id, kind));
            }
            has_just_begun = false;
            let until = patience.until(&state);
            if writes {
                self.flush(&mut state, &patience, Some(id));
                may_be_late |= until != deadline;
                continue;
            }
            may_be_late = true;
            if let Some(mut leader) = Leader::take(self, &mut state) {
                if let Some(reply) = leader.lead(&mut state, until, Some(id), |_| false) {
                    leader.end(state, &reply, read);
                    return Ok(());
                }
                leader.leave(&mut state);
            } else {
                match self.follow(state, id, until) {
                    Ok((status, body)) => {
                        read(status, &body);
                        Seat::give_back(body);
                        return Ok(());
                    }
                    Err(locked) => state = locked,
                }
            }
        }
    }

    /// Waits no longer.
    fn give_up(mut state: MutexGuard<'_, State>, id: CallId, kind: TransportErrorKind) -> TransportError {
        let outcome = state.abandon(id);
        State::release(state);
        let kind = match (kind, outcome) {
            (TransportErrorKind::ReplyDeadline, Outcome::NotSent) => TransportErrorKind::WriteDeadline,
            (kind, _) => kind,
        };
        TransportError { kind, outcome }
    }

    /// Gives a call up: a frame that has not been touched is never sent, and a reply is skipped.
    pub(in crate::channel) fn abandon(&self, id: CallId) {
        let mut state = self.state.lock();
        state.abandon(id);
        State::release(state);
    }

    /// Waits, reading, until `done`; tells whether it had to. `now` is a moment just passed.
    pub(super) fn wait_until(
        &self,
        state: &mut MutexGuard<'_, State>,
        deadline: Deadline,
        now: Instant,
        done: impl Fn(&State) -> bool,
    ) -> Result<bool, NotBegun> {
        if state.end.is_none() && done(state) {
            return Ok(false);
        }
        self.wait_long_until(state, deadline, now, done)
    }

    #[cold]
    fn wait_long_until(
        &self,
        state: &mut MutexGuard<'_, State>,
        deadline: Deadline,
        now: Instant,
        done: impl Fn(&State) -> bool,
    ) -> Result<bool, NotBegun> {
        let mut waited = false;
        let result = loop {
            if let Some(end) = state.end {
                break Err(NotBegun::Ended(end));
            }
            if done(state) {
                break Ok(waited);
            }
            let patience = Patience::to_begin(deadline, self.shared.silence_max, now);
            if patience.ends(state, waited).is_some() {
                break Err(state.end.map_or(NotBegun::Deadline, NotBegun::Ended));
            }
            waited = true;
            let until = patience.until(state);
            if state.output.needs_writer() {
                self.flush(state, &patience, None);
            } else if let Some(mut leader) = Leader::take(self, state) {
                let reply = leader.lead(state, until, None, |state| state.end.is_some() || done(state));
                debug_assert!(reply.is_none(), "nobody's reply was read");
                leader.leave(state);
            } else {
                let seat = Seat::mine();
                state.for_room.push(Arc::clone(&seat));
                MutexGuard::unlocked(state, || seat.sleep(until));
                state.for_room.retain(|other| !Arc::ptr_eq(other, &seat));
            }
        };
        if waited {
            // There may be room for the next in line as well.
            state.wake_for_room();
            if let Some(seat) = state.call_next() {
                seat.wake();
            }
        }
        result
    }

    /// Reads what is there without waiting, to find out whether the server has closed an idle connection.
    pub(super) fn look(&self, state: &mut MutexGuard<'_, State>) {
        if let Some(mut leader) = Leader::take(self, state) {
            while state.end.is_none() && MutexGuard::unlocked(state, || leader.read(Wait::Now)) == Ok(true) {
                leader.deliver(state, None);
            }
            leader.leave(state);
        }
    }

    /// Reads what is there without waiting, where nothing has come for too long, and takes no more calls if that was all.
    #[cold]
    pub(super) fn look_for_silence(&self, state: &mut MutexGuard<'_, State>, now: Instant) {
        self.look(state);
        // Whoever leads finds out by itself, and may have read something that it has not handed out.
        let is_led = state.receiver.is_none();
        let silent_for = now.saturating_duration_since(state.silent_since);
        if !is_led && state.is_awaited() && self.shared.silence_max.is_some_and(|max| silent_for >= max) {
            state.end_silent();
        }
    }

    /// Sleeps until another thread has brought the reply; `Err`, with the lock, if there is something else to do.
    fn follow<'c>(
        &'c self,
        mut state: MutexGuard<'c, State>,
        id: CallId,
        deadline: Deadline,
    ) -> Result<(Status, Buffer), MutexGuard<'c, State>> {
        if state.has_ended(id) {
            return Err(state); // while the lock was given up in between
        }
        let seat = Seat::mine();
        state.calls.seat(id, Some(Arc::clone(&seat)));
        drop(state);
        let found = seat.sleep(deadline);
        let reply = match found {
            Found { reply: Some(reply), called: false } => return Ok(reply),
            Found { reply, .. } => reply,
        };
        let mut state = self.state.lock();
        // A reply may have come until now, and no longer.
        match reply.or_else(|| seat.find().reply) {
            Some(reply) => {
                State::release(state);
                Ok(reply)
            }
            None => {
                state.calls.seat(id, None);
                Err(state)
            }
        }
    }
}
