//! Requests with long arguments, which are written from where the caller has them: no copy is made of them, neither for the
//! queue nor for another attempt. Only the caller's own thread can do so, so it writes at once, or copies after all where
//! another thread writes.

use std::{
    fmt,
    io::{self, IoSlice},
    slice,
    time::Instant,
};

use parking_lot::MutexGuard;

use super::{Connection, NotBegun, Outgoing, Patience, State};
use crate::{
    frame::CallId,
    tlv::{Aside, Gap, Writer},
};

/// What a request's body leaves out.
#[derive(Clone, Copy)]
pub(in crate::channel) struct Lent<'a> {
    /// Where the long arguments belong in the body.
    pub(in crate::channel) gaps: &'a [Gap],
    /// Writes the arguments: the same ones each time, since the caller lends them for as long as it waits.
    pub(in crate::channel) arguments: &'a dyn Fn(&mut Writer<'_>),
}

impl Lent<'_> {
    pub(super) fn bytes(&self) -> usize {
        self.gaps.iter().map(|gap| gap.bytes).fold(0, usize::saturating_add)
    }
}

impl fmt::Debug for Lent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").field("gaps", &self.gaps).finish_non_exhaustive()
    }
}

impl Connection {
    /// Writes what is queued and then the call. What is left when patience ends, or when the call has ended, is copied
    /// and stays queued.
    pub(super) fn begin_lent(
        &self,
        state: &mut MutexGuard<'_, State>,
        call: &Outgoing<'_>,
        lent: &Lent<'_>,
        patience: Patience,
        now: Instant,
    ) -> Result<CallId, NotBegun> {
        if state.output.is_writing() {
            return Err(NotBegun::Writing);
        }
        let id = state.append(call, now, lent.bytes())?;
        // Invariant: there is something to write, nobody writes, and a connection that has not ended is not broken.
        let Some(chunk) = self.take_in_hand(state, lent.bytes()) else { return Err(NotBegun::Writing) };
        let body = chunk.len().saturating_sub(call.body.len());
        let (result, rest) = MutexGuard::unlocked(state, || {
            let pieces = Pieces { chunk: &chunk, passed: 0, body, gaps: lent.gaps.iter() };
            let mut turn =
                Turn { connection: self, pieces, patience, mine: id, result: Ok(()), rest: Vec::new(), done: false };
            turn.write_all(lent);
            (std::mem::replace(&mut turn.result, Ok(())), std::mem::take(&mut turn.rest))
        });
        if rest.is_empty() {
            let written = chunk.len();
            state.output.put_back(chunk, written);
        } else {
            state.output.put_back(rest, 0);
        }
        if state.end_turn(result) {
            self.flush(state, &patience, Some(id)); // what others have queued meanwhile
        }
        Ok(id)
    }
}

/// The right to write, with arguments that are lent. Dropping it before all is written or copied, as in a panic of the
/// arguments' own code, ends the connection: half a frame can't be taken back.
struct Turn<'t> {
    connection: &'t Connection,
    pieces: Pieces<'t>,
    patience: Patience,
    mine: CallId,
    result: io::Result<()>,
    /// What could not be written.
    rest: Vec<u8>,
    done: bool,
}

/// The queue and the body after it, whose gaps have yet to be filled.
struct Pieces<'t> {
    chunk: &'t [u8],
    passed: usize,
    /// Where the body begins.
    body: usize,
    gaps: slice::Iter<'t, Gap>,
}

impl<'t> Pieces<'t> {
    /// What stands before this gap and has not been passed; `None` if it is not the next one.
    fn before(&mut self, gap: Gap) -> Option<&'t [u8]> {
        let next = *self.gaps.next()?;
        if next != gap {
            return None;
        }
        let passed = std::mem::replace(&mut self.passed, self.body.saturating_add(gap.at));
        self.chunk.get(passed..self.passed)
    }

    /// What stands after the last gap.
    fn after(&mut self) -> Option<&'t [u8]> {
        match self.gaps.next() {
            None => self.chunk.get(self.passed..),
            Some(_) => None,
        }
    }
}

impl Turn<'_> {
    fn write_all(&mut self, lent: &Lent<'_>) {
        let mut copy = self.connection.shared.pool.take();
        let mut as_counted = true;
        let mut show = |gap: Gap, bytes: &[u8]| match self.pieces.before(gap) {
            Some(before) if as_counted => self.write(&mut [IoSlice::new(before), IoSlice::new(bytes)]),
            _ => as_counted = false,
        };
        let mut aside = Aside::Show(&mut show);
        let mut writer = Writer::with_aside(&mut copy, usize::MAX, &mut aside);
        (lent.arguments)(&mut writer);
        // Finished, so that the pool knows how much of it was needed.
        let is_whole = writer.finish().is_ok();
        self.connection.shared.pool.put(copy);
        if let Some(after) = self.pieces.after()
            && as_counted
            && is_whole
        {
            self.write(&mut [IoSlice::new(after)]);
            self.done = true;
        }
    }

    /// Writes, or once that has failed copies.
    fn write(&mut self, mut parts: &mut [IoSlice<'_>]) {
        if self.result.is_ok() {
            self.result = self.connection.write_parts(&mut parts, &self.patience, Some(self.mine));
        }
        parts.iter().for_each(|part| self.rest.extend_from_slice(part));
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.connection.transport.close();
            self.connection.state.lock().fail_writing(io::ErrorKind::InvalidData);
        }
    }
}
