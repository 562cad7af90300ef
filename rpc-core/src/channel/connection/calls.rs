//! The calls of one connection that have not been answered to their callers yet, in the order of their ids.

use std::{collections::VecDeque, sync::Arc};

use super::seat::Seat;
use crate::{
    Method, Opcode, ServiceId, Status, TransportError,
    frame::{CallId, Header},
    tlv::Buffer,
};

/// One call and where its frame stands in the stream of bytes that this side writes.
#[derive(Debug)]
pub(super) struct OpenCall {
    pub(super) id: CallId,
    service: ServiceId,
    opcode: Opcode,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) state: CallState,
}

#[derive(Debug)]
pub(super) enum CallState {
    /// No reply yet. The seat is that of the thread that follows: it sleeps until the reply lies there.
    Waiting(Option<Arc<Seat>>),
    /// The caller has gone; its reply is skipped, and until then the call fills the server's window.
    Abandoned,
    /// The reply, as the reading thread has put it down for a caller that does not wait yet.
    Done(Status, Buffer),
    /// No reply will come.
    Failed(TransportError),
}

#[derive(Debug)]
pub(super) struct Calls {
    /// Ascending by id, as ids are counted up; so a call is found by halving.
    queue: VecDeque<OpenCall>,
    next_id: u32,
    /// Calls that the server has still to answer, and the bytes of their frames: what its window counts.
    open: u32,
    open_bytes: u64,
    /// Calls whose threads follow.
    followers: u32,
}

impl OpenCall {
    /// Wire §2.2: a reply names the method of its request. One that does not is for another call.
    pub(super) fn is_answered_by(&self, reply: &Header) -> bool {
        self.service == reply.service && self.opcode == reply.opcode
    }
}

impl Calls {
    pub(super) const fn new() -> Self {
        Self { queue: VecDeque::new(), next_id: 1, open: 0, open_bytes: 0, followers: 0 }
    }

    /// The id of the next call.
    pub(super) const fn next_id(&self) -> CallId {
        CallId(self.next_id)
    }

    /// Adds a call with [`Calls::next_id`].
    pub(super) fn add(&mut self, method: &Method, start: u64, end: u64) -> CallId {
        let id = self.next_id();
        // Wire §2.2: ids wrap around, and 0 stands for no call.
        self.next_id = self.next_id.wrapping_add(1).max(1);
        self.open = self.open.saturating_add(1);
        self.open_bytes = self.open_bytes.saturating_add(end.saturating_sub(start));
        let state = CallState::Waiting(None);
        self.queue.push_back(OpenCall { id, service: method.service, opcode: method.opcode, start, end, state });
        id
    }

    /// Whether a frame of `bytes` fits the window. A frame larger than the whole window goes alone.
    pub(super) fn has_room(&self, bytes: u64, window_calls: u32, window_bytes: u32) -> bool {
        self.open == 0 || (self.open < window_calls && self.open_bytes.saturating_add(bytes) <= u64::from(window_bytes))
    }

    /// Calls that the server has still to answer.
    pub(super) const fn open(&self) -> u32 {
        self.open
    }

    /// The oldest call that the server has still to answer.
    pub(super) fn first_open(&self) -> Option<&OpenCall> {
        self.queue.iter().find(|call| matches!(call.state, CallState::Waiting(_) | CallState::Abandoned))
    }

    pub(super) fn get(&self, id: CallId) -> Option<&OpenCall> {
        self.queue.get(self.position(id)?)
    }

    pub(super) fn get_mut(&mut self, id: CallId) -> Option<&mut OpenCall> {
        let index = self.position(id)?;
        self.queue.get_mut(index)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut OpenCall> {
        self.queue.iter_mut()
    }

    /// Says where the thread sleeps that waits for the reply, if it does.
    pub(super) fn seat(&mut self, id: CallId, seat: Option<Arc<Seat>>) {
        let follows = seat.is_some();
        if let Some(OpenCall { state: CallState::Waiting(waiting), .. }) = self.get_mut(id) {
            let followed = std::mem::replace(waiting, seat).is_some();
            self.followers = self.followers.saturating_add(u32::from(follows)).saturating_sub(u32::from(followed));
        }
    }

    /// Whether threads sleep until another brings their replies.
    pub(super) const fn has_followers(&self) -> bool {
        self.followers > 0
    }

    /// The seat of the thread that has followed longest.
    pub(super) fn first_follower(&self) -> Option<&Arc<Seat>> {
        if self.followers == 0 {
            return None;
        }
        self.queue.iter().find_map(|call| match &call.state {
            CallState::Waiting(seat) => seat.as_ref(),
            _ => None,
        })
    }

    /// The server has answered the call: it leaves the window, and stays to be asked for its reply.
    pub(super) fn finish(&mut self, id: CallId, status: Status, body: Buffer) {
        let Some(index) = self.position(id) else { return };
        let Some(call) = self.queue.get_mut(index) else { return };
        let bytes = call.end.saturating_sub(call.start);
        if matches!(call.state, CallState::Waiting(_) | CallState::Abandoned) {
            self.open = self.open.saturating_sub(1);
            self.open_bytes = self.open_bytes.saturating_sub(bytes);
        }
        call.state = CallState::Done(status, body);
    }

    /// Takes the call out: the server has answered it, or never will.
    pub(super) fn remove(&mut self, id: CallId) -> Option<OpenCall> {
        let call = self.take(self.position(id)?)?;
        if let CallState::Waiting(Some(_)) = call.state {
            self.followers = self.followers.saturating_sub(1);
        }
        if matches!(call.state, CallState::Waiting(_) | CallState::Abandoned) {
            self.open = self.open.saturating_sub(1);
            self.open_bytes = self.open_bytes.saturating_sub(call.end.saturating_sub(call.start));
        }
        Some(call)
    }

    /// Takes the call out if its caller need not wait any longer.
    pub(super) fn take_ended(&mut self, id: CallId) -> Option<CallState> {
        let index = self.position(id)?;
        match self.queue.get(index)?.state {
            CallState::Done(..) | CallState::Failed(_) => self.take(index).map(|call| call.state),
            CallState::Waiting(_) | CallState::Abandoned => None,
        }
    }

    fn take(&mut self, index: usize) -> Option<OpenCall> {
        if index == 0 { self.queue.pop_front() } else { self.queue.remove(index) }
    }

    /// Fails every call that waits and for which `error` has an answer; drops abandoned ones among them. Returns the
    /// seats to wake.
    pub(super) fn fail(&mut self, mut error: impl FnMut(&OpenCall) -> Option<TransportError>) -> Vec<Arc<Seat>> {
        let mut seats = Vec::new();
        let (mut open, mut open_bytes, mut followers) = (self.open, self.open_bytes, self.followers);
        self.queue.retain_mut(|call| {
            if matches!(call.state, CallState::Done(..) | CallState::Failed(_)) {
                return true;
            }
            let Some(error) = error(call) else { return true };
            open = open.saturating_sub(1);
            open_bytes = open_bytes.saturating_sub(call.end.saturating_sub(call.start));
            let before = std::mem::replace(&mut call.state, CallState::Failed(error));
            match before {
                CallState::Waiting(seat) => {
                    followers = followers.saturating_sub(u32::from(seat.is_some()));
                    seats.extend(seat);
                }
                CallState::Abandoned => return false,
                CallState::Done(..) | CallState::Failed(_) => {}
            }
            true
        });
        (self.open, self.open_bytes, self.followers) = (open, open_bytes, followers);
        seats
    }

    #[inline]
    fn position(&self, id: CallId) -> Option<usize> {
        let first = self.queue.front()?.id;
        if first == id { Some(0) } else { self.search(id, first) } // replies mostly come in order
    }

    fn search(&self, id: CallId, first: CallId) -> Option<usize> {
        let distance = |id: CallId| id.0.wrapping_sub(first.0);
        self.queue.binary_search_by_key(&distance(id), |call| distance(call.id)).ok()
    }
}

/// Whether `id` comes after `other`, by serial number arithmetic (RFC 1982).
pub(super) const fn is_later(id: CallId, other: CallId) -> bool {
    let distance = id.0.wrapping_sub(other.0);
    distance != 0 && distance < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Retry, Shape, TransportErrorKind};

    static METHOD: Method = Method {
        service: ServiceId(1),
        opcode: Opcode(1),
        name: "method",
        retry: Retry::NotSent,
        slow: false,
        deadline: None,
        access: "",
        arguments: &[],
        reply: || Shape::Value("()"),
        error: || Shape::Value("()"),
    };

    #[test]
    fn ids_wrap_around_without_zero_and_are_still_found() {
        let mut calls = Calls::new();
        calls.next_id = u32::MAX - 1;
        let ids: Vec<u32> = (0..4).map(|_| calls.add(&METHOD, 0, 10).0).collect();
        assert_eq!(ids, [u32::MAX - 1, u32::MAX, 1, 2]);
        assert!(ids.iter().all(|id| calls.get_mut(CallId(*id)).is_some_and(|call| call.id.0 == *id)));
        assert!(calls.get_mut(CallId(3)).is_none());
        assert!(is_later(CallId(1), CallId(u32::MAX)) && !is_later(CallId(u32::MAX), CallId(1)));
        assert!(!is_later(CallId(7), CallId(7)));
    }

    #[test]
    fn the_window_counts_calls_and_bytes_until_they_are_answered() {
        let mut calls = Calls::new();
        assert!(calls.has_room(1 << 40, 1, 1), "a first call always fits");
        let first = calls.add(&METHOD, 0, 60);
        assert!(calls.has_room(40, 2, 100));
        assert!(!calls.has_room(41, 2, 100));
        assert!(!calls.has_room(1, 1, 100));
        calls.finish(first, Status::OK, Buffer::new());
        assert!(calls.has_room(100, 1, 100));
        calls.remove(first).unwrap();
        assert_eq!((calls.open(), calls.open_bytes), (0, 0));
    }

    #[test]
    fn failing_spares_what_is_done_and_forgets_what_is_abandoned() {
        let mut calls = Calls::new();
        let ids: Vec<CallId> = (0..3).map(|_| calls.add(&METHOD, 0, 10)).collect();
        calls.finish(ids[0], Status::OK, Buffer::new());
        calls.get_mut(ids[1]).unwrap().state = CallState::Abandoned;
        let error = TransportError { kind: TransportErrorKind::Closed, outcome: Outcome::NotSent };
        calls.fail(|_| Some(error));
        assert!(matches!(calls.take_ended(ids[0]), Some(CallState::Done(..))));
        assert!(calls.get_mut(ids[1]).is_none());
        assert!(matches!(calls.take_ended(ids[2]), Some(CallState::Failed(_))));
        assert_eq!(calls.open(), 0);
    }
}
