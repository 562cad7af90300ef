//! The half of a connection that others may touch: the pool, which replies out of order; the acceptor, which may need the
//! place; the drain. The connection's thread alone reads and alone waits for room to write.
//!
//! ```text
//!   connection thread ── write ──► transport     waits for room, up to the deadline
//!   pool, drain ──────── post ───► late ─┐       never wait; what does not fit at once
//!                                        └─► is written by the connection thread
//! ```
//!
//! Invariant: no lock is held while bytes are moved. Whoever sets `writing` is the only writer until it is unset. While the
//! connection's thread is alone, because no slow call runs and it is not reading, it writes without asking.

use std::{
    io::{self, IoSlice},
    iter,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::{observer::ConnectionId, stage::Stage};
use crate::{
    Peer, Status,
    frame::{CallId, Goodbye},
    transport::{Deadline, Transport, Wait, bytes_in, write_all_parts, write_some},
};

/// How often a connection with slow calls looks whether a reply of theirs did not fit into the transport.
pub(crate) const LOOK: Duration = Duration::from_millis(50);

/// The shared half of a connection.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) id: ConnectionId,
    pub(crate) peer: Peer,
    transport: Box<dyn Transport>,
    stage: Stage,
    /// Whether `late` of the state was left with something in it. Written under the lock.
    left: AtomicBool,
    state: Mutex<State>,
    /// Rung when `writing` is unset, when a slow call ends and when a drain begins.
    changed: Condvar,
    /// Slow calls that have no reply yet, and the bytes of their requests. Only the connection's thread adds.
    slow_calls: AtomicUsize,
    slow_bytes: AtomicUsize,
    cut: AtomicBool,
}

/// A slow call in flight, for as long as this lives: a call that ends in any way, even in a panic, stops being counted.
#[derive(Debug)]
pub(crate) struct InFlight {
    line: Arc<Line>,
    bytes: usize,
}

#[derive(Debug)]
struct State {
    /// Frames from other threads that have not been written.
    late: Vec<u8>,
    writing: bool,
    /// The transport failed while another thread wrote; the connection's thread finds out by itself.
    broken: bool,
}

/// What a connection's thread finds when it comes to wait for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// It may read.
    Read,
    /// Replies of slow calls are left to write first.
    Late,
    /// The server drains: nothing more is to be read.
    Draining,
    /// Another thread has said goodbye.
    Parted,
}

impl Line {
    pub(crate) fn new(id: ConnectionId, transport: Box<dyn Transport>) -> Self {
        Self {
            id,
            peer: transport.peer(),
            transport,
            stage: Stage::new(),
            left: AtomicBool::new(false),
            state: Mutex::new(State { late: Vec::new(), writing: false, broken: false }),
            changed: Condvar::new(),
            slow_calls: AtomicUsize::new(0),
            slow_bytes: AtomicUsize::new(0),
            cut: AtomicBool::new(false),
        }
    }

    /// Reads what is there, as [`Transport::read`] does.
    pub(crate) fn read(&self, room: &mut [u8], deadline: Deadline) -> io::Result<usize> {
        self.transport.read(room, Wait::Until(deadline))
    }

    /// Asks, before the connection's thread answers the client's hello, whether nobody else has.
    pub(crate) fn may_greet(&self) -> bool {
        self.stage.greet()
    }

    /// Asks, before the connection's thread waits for bytes, whether it may. No call was taken after `last_call`; there is
    /// none before the hellos.
    pub(crate) fn before_read(&self, draining: &AtomicBool, last_call: Option<CallId>) -> Before {
        if self.left.load(Ordering::Acquire) {
            return Before::Late;
        }
        let may_read = last_call.map_or_else(|| !self.stage.has_parted(), |call| self.stage.read_after(call));
        if !may_read {
            return Before::Parted;
        }
        // After the stage has changed: a drain sets the flag first and then looks at the stage, so one of the two sees the
        // other. If both do, who changes the stage first says goodbye.
        if draining.load(Ordering::SeqCst) {
            let is_ours = last_call.map_or_else(|| self.stage.greet(), |call| self.stage.work_after(call));
            return if is_ours { Before::Draining } else { Before::Parted };
        }
        Before::Read
    }

    /// Ends what [`Line::before_read`] began with the same call: whether another thread has said goodbye meanwhile.
    pub(crate) fn after_read(&self, last_call: Option<CallId>) -> bool {
        last_call.map_or_else(|| self.stage.has_parted(), |call| !self.stage.work_after(call))
    }

    /// Writes `out` and what other threads have left, waiting for room or for another writer; tells whether it had to wait.
    /// `wait` says how long so many bytes may take: what others leave meanwhile has a time of its own. Only the connection's
    /// thread may.
    pub(crate) fn write(&self, out: &mut [IoSlice<'_>], wait: impl Fn(usize) -> Duration) -> io::Result<bool> {
        if self.is_alone() {
            write_within(&*self.transport, out, &wait).inspect_err(|_| self.state.lock().broken = true)
        } else {
            self.write_in_turn(out, &wait)
        }
    }

    /// Whether no other thread writes, or has left anything to write. It stays so while the connection's thread works: only
    /// that thread begins slow calls, and nobody parts from it.
    fn is_alone(&self) -> bool {
        self.stage.is_working() && self.slow_calls() == 0 && !self.left.load(Ordering::Relaxed)
    }

    fn write_in_turn(&self, out: &[IoSlice<'_>], wait: &impl Fn(usize) -> Duration) -> io::Result<bool> {
        let (mut late, mut waited) = (Vec::new(), false);
        {
            let mut state = self.state.lock();
            if state.writing {
                waited = true;
                let deadline = Deadline::after(wait(bytes_in(out)));
                while state.writing {
                    if deadline.has_passed() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    deadline.wait(&self.changed, &mut state);
                }
            }
            state.writing = true;
            self.take_late(&mut state, &mut late);
        }
        let mut parts: Vec<_> = iter::once(IoSlice::new(&late)).chain(out.iter().copied()).collect();
        let mut result = write_within(&*self.transport, &mut parts, wait);
        loop {
            waited |= result.as_ref().is_ok_and(|waited| *waited);
            late.clear();
            let mut state = self.state.lock();
            if result.is_err() || state.late.is_empty() {
                state.writing = false;
                state.broken |= result.is_err();
                self.changed.notify_all();
                return result.map(|_| waited);
            }
            self.take_late(&mut state, &mut late);
            drop(state);
            result = write_within(&*self.transport, &mut [IoSlice::new(&late)], wait);
        }
    }

    fn take_late(&self, state: &mut State, late: &mut Vec<u8>) {
        std::mem::swap(&mut state.late, late);
        self.left.store(false, Ordering::Release);
    }

    /// Writes a frame from another thread, as far as there is room; the connection's thread writes the rest.
    pub(crate) fn post(&self, frame: &[u8]) {
        let mut state = self.state.lock();
        state.leave(frame);
        self.write_late(&mut state);
    }

    /// Writes what other threads have left, as far as there is room, unless someone is writing.
    fn write_late(&self, state: &mut MutexGuard<'_, State>) {
        if state.writing {
            return;
        }
        state.writing = true;
        while !state.late.is_empty() {
            let late = std::mem::take(&mut state.late);
            let mut parts: &mut [_] = &mut [IoSlice::new(&late)];
            let result = MutexGuard::unlocked(state, || write_some(&*self.transport, &mut parts));
            let Err(error) = result else { continue };
            if error.kind() == io::ErrorKind::WouldBlock {
                state.late.splice(..0, parts.iter().flat_map(|part| part.iter().copied()));
                break;
            }
            state.broken = true;
            state.late.clear();
        }
        self.left.store(!state.late.is_empty(), Ordering::Release);
        state.writing = false;
        self.changed.notify_all();
    }

    /// Counts a slow call until what is returned is dropped, which comes after its reply was posted.
    pub(crate) fn slow_begins(self: &Arc<Self>, bytes: usize) -> InFlight {
        self.slow_calls.fetch_add(1, Ordering::Relaxed);
        self.slow_bytes.fetch_add(bytes, Ordering::Relaxed);
        InFlight { line: Arc::clone(self), bytes }
    }

    pub(crate) fn slow_calls(&self) -> usize {
        self.slow_calls.load(Ordering::Acquire)
    }

    pub(crate) fn slow_bytes(&self) -> usize {
        self.slow_bytes.load(Ordering::Relaxed)
    }

    /// Waits until a slow call ends, a drain begins, or [`LOOK`] is over; not at all if there is something to write.
    pub(crate) fn wait_for_change(&self) {
        let deadline = Deadline::after(LOOK);
        let mut state = self.state.lock();
        if self.slow_calls() > 0 && state.late.is_empty() {
            deadline.wait(&self.changed, &mut state);
        }
    }

    /// Takes the connection's place away: wakes its thread, which finds everything closed.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        self.transport.close();
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.is_cut() || self.state.lock().broken
    }

    /// Says goodbye for this reason, or `hello` where none was said, for a thread that has nothing left to answer: it waits
    /// for bytes, or has yet to answer the client's hello. Others notice a drain themselves. Whether it did.
    pub(crate) fn part(&self, hello: &[u8], reason: Status) -> bool {
        // Under the lock: whoever is about to wait for a change can't miss the ring, and the connection's thread, once it finds
        // that another has parted, can't miss what is said.
        let mut state = self.state.lock();
        self.changed.notify_all();
        let Some(last_call) = self.stage.part(|| self.slow_calls() == 0) else { return false };
        match last_call {
            Some(last_call) => state.leave(&Goodbye { last_call, reason }.encode()),
            None => state.leave(hello),
        }
        self.write_late(&mut state);
        let is_said = state.late.is_empty() && !state.writing;
        drop(state);
        // Otherwise the connection's thread ends what it has in hand, or finds left.
        if is_said {
            self.shutdown();
        }
        true
    }

    /// Whether another thread has said goodbye, or the connection's own has written its last byte.
    pub(crate) fn has_parted(&self) -> bool {
        self.stage.has_parted()
    }

    /// Calls that were taken and have no reply yet.
    pub(crate) fn calls(&self) -> usize {
        self.slow_calls().saturating_add(usize::from(self.stage.is_working()))
    }

    /// Ends this side's direction for the connection's thread, which has answered everything.
    pub(crate) fn end(&self) {
        self.stage.end();
        self.shutdown();
    }

    /// Ends this side's direction.
    pub(crate) fn shutdown(&self) {
        // Fails only if the connection is gone, which the next read tells.
        let _gone = self.transport.shutdown();
    }

    pub(crate) fn close(&self) {
        self.transport.close();
    }
}

impl State {
    /// Leaves a frame to be written, unless nothing can be any more.
    fn leave(&mut self, frame: &[u8]) {
        if !self.broken {
            self.late.extend_from_slice(frame);
        }
    }
}

impl InFlight {
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // Under the lock: whoever sees no slow calls sees their replies, and whoever waits for it can't miss the ring.
        let _state = self.line.state.lock();
        self.line.slow_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.line.slow_calls.fetch_sub(1, Ordering::Release);
        self.line.changed.notify_all();
    }
}

/// Writes all of `parts`, waiting for room as long as they may take together; tells whether it had to wait.
fn write_within(
    transport: &dyn Transport,
    mut parts: &mut [IoSlice<'_>],
    wait: &impl Fn(usize) -> Duration,
) -> io::Result<bool> {
    let bytes = bytes_in(parts);
    match write_some(transport, &mut parts) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            // A clock is read only where there is a wait.
            write_all_parts(transport, parts, Deadline::after(wait(bytes))).map(|()| true)
        }
        result => result.map(|()| false),
    }
}

#[cfg(test)]
mod tests;
