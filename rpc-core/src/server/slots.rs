//! Who has a place on the server: counts connections in all, by source, and those that have not signed in. When places
//! run out, the connection that has been silent longest goes; without a silent one, the newcomer is refused.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::{Condvar, Mutex};

use super::observer::ConnectionId;
use crate::{Limits, Peer, transport::Deadline};

/// The places of a server. Shared by its acceptors and its connections.
#[derive(Debug)]
pub(crate) struct Slots<C> {
    next: AtomicU64,
    state: Mutex<State<C>>,
    /// Rung when the last thread of a connection has ended.
    empty: Condvar,
    connections_max: usize,
    guests_max: usize,
    per_source_max: usize,
}

#[derive(Debug)]
struct State<C> {
    /// Whether no newcomer is taken any more.
    closed: bool,
    open: BTreeMap<ConnectionId, Slot<C>>,
    /// Those of `open` without a complete hello. Ascending ids: the first has been silent longest.
    silent: BTreeSet<ConnectionId>,
    /// Those of `open` with a hello that have not signed in.
    guests: BTreeSet<ConnectionId>,
    by_source: HashMap<Source, usize>,
    /// Connections that were cut and whose threads have yet to end.
    ending: usize,
}

#[derive(Debug)]
struct Slot<C> {
    source: Option<Source>,
    connection: C,
}

/// Where a connection comes from, as far as it is limited by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    V4([u8; 4]),
    /// The first 64 bits: what one subscriber has.
    V6([u8; 8]),
}

/// Why a newcomer has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// All are taken.
    Busy,
    /// The server takes no more connections.
    Closed,
}

impl<C: Clone> Slots<C> {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            next: AtomicU64::new(1),
            state: Mutex::new(State {
                closed: false,
                open: BTreeMap::new(),
                silent: BTreeSet::new(),
                guests: BTreeSet::new(),
                by_source: HashMap::new(),
                ending: 0,
            }),
            empty: Condvar::new(),
            connections_max: limits.connections_max(),
            guests_max: limits.guests_max(),
            per_source_max: limits.connections_per_source_max(),
        }
    }

    /// The name of a newcomer. Ascending: a lower one has been here longer.
    pub(crate) fn next_id(&self) -> ConnectionId {
        ConnectionId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Gives a newcomer a place, if need be that of the connection which has been silent longest; that one comes back,
    /// to be closed.
    pub(crate) fn admit(&self, id: ConnectionId, peer: Peer, connection: C) -> Result<Option<C>, NoPlace> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(NoPlace::Closed);
        }
        // Why: a thread that was cut still has its memory; under a flood their number must be bounded as well.
        if state.ending >= self.guests_max {
            return Err(NoPlace::Busy);
        }
        let source = Source::of(peer);
        let victim = self.victim(&state, source)?.and_then(|id| state.cut(id));
        state.open.insert(id, Slot { source, connection });
        state.silent.insert(id);
        if let Some(source) = source {
            let count = state.by_source.entry(source).or_default();
            *count = count.saturating_add(1);
        }
        Ok(victim)
    }

    /// Whose place a newcomer from `source` takes; none if there is a free one, an error if there is none to take.
    fn victim(&self, state: &State<C>, source: Option<Source>) -> Result<Option<ConnectionId>, NoPlace> {
        let from_source = source.and_then(|source| state.by_source.get(&source)).copied().unwrap_or_default();
        if from_source >= self.per_source_max {
            let of_source = |id: &&ConnectionId| state.open.get(id).is_some_and(|slot| slot.source == source);
            return state.silent.iter().find(of_source).copied().map(Some).ok_or(NoPlace::Busy);
        }
        if state.open.len() >= self.connections_max {
            return state.silent.first().copied().map(Some).ok_or(NoPlace::Busy);
        }
        if state.silent.len().saturating_add(state.guests.len()) >= self.guests_max {
            // Without a silent one a guest goes: were the newcomer refused, 256 hellos would lock everyone out.
            return Ok(state.silent.first().or(state.guests.first()).copied());
        }
        Ok(None)
    }

    /// The connection's hello is complete. Where no service asks who calls, that is all it takes.
    pub(crate) fn greeted(&self, id: ConnectionId, signs_in: bool) {
        let mut state = self.state.lock();
        if state.silent.remove(&id) && signs_in {
            state.guests.insert(id);
        }
    }

    /// A credential of the connection was accepted.
    pub(crate) fn signed_in(&self, id: ConnectionId) {
        self.state.lock().guests.remove(&id);
    }

    /// The connection's thread has ended, or never began.
    pub(crate) fn left(&self, id: ConnectionId) {
        let mut state = self.state.lock();
        if state.remove(id).is_none() {
            state.ending = state.ending.saturating_sub(1);
        }
        if state.is_empty() {
            self.empty.notify_all();
        }
    }

    /// Takes no more newcomers; the connections that are open.
    pub(crate) fn close(&self) -> Vec<C> {
        self.state.lock().closed = true;
        self.open()
    }

    /// The connections that are open.
    pub(crate) fn open(&self) -> Vec<C> {
        self.state.lock().open.values().map(|slot| slot.connection.clone()).collect()
    }

    /// Waits until every thread has ended; false if the deadline came first.
    pub(crate) fn wait_until_empty(&self, deadline: Deadline) -> bool {
        let mut state = self.state.lock();
        while !state.is_empty() {
            if deadline.has_passed() {
                return false;
            }
            deadline.wait(&self.empty, &mut state);
        }
        true
    }
}

impl<C> State<C> {
    fn is_empty(&self) -> bool {
        self.open.is_empty() && self.ending == 0
    }

    fn cut(&mut self, id: ConnectionId) -> Option<C> {
        let connection = self.remove(id)?;
        self.ending = self.ending.saturating_add(1);
        Some(connection)
    }

    fn remove(&mut self, id: ConnectionId) -> Option<C> {
        let Slot { source, connection } = self.open.remove(&id)?;
        self.silent.remove(&id);
        self.guests.remove(&id);
        if let Some(source) = source
            && let Some(count) = self.by_source.get_mut(&source)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_source.remove(&source);
            }
        }
        Some(connection)
    }
}

impl Source {
    /// Peers on this machine that came over no network are limited by their number alone.
    fn of(peer: Peer) -> Option<Self> {
        let Peer::Tcp(address) = peer else { return None };
        match address.ip().to_canonical() {
            IpAddr::V4(ip) => Some(Self::V4(ip.octets())),
            IpAddr::V6(ip) => ip.octets().first_chunk().copied().map(Self::V6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(connections: usize, guests: usize, per_source: usize) -> Slots<u64> {
        let limits = Limits::new().with_connections_max(connections).unwrap();
        let limits = limits.with_guests_max(guests).unwrap().with_connections_per_source_max(per_source).unwrap();
        Slots::new(&limits)
    }

    fn peer(address: &str) -> Peer {
        Peer::Tcp(address.parse().unwrap())
    }

    /// Admits a connection; who lost its place for it.
    fn admit(slots: &Slots<u64>, from: Peer) -> Result<Option<u64>, NoPlace> {
        let id = slots.next_id();
        slots.admit(id, from, id.0)
    }

    fn sign_in(slots: &Slots<u64>, id: u64) {
        slots.greeted(ConnectionId(id), true);
        slots.signed_in(ConnectionId(id));
    }

    #[test]
    fn the_last_place_is_given_and_then_the_longest_silent_connection_goes() {
        let slots = slots(3, 8, 8);
        sign_in_first_of(&slots, 3);
        assert_eq!(admit(&slots, Peer::Memory), Ok(Some(2)), "1 has said hello, 2 is silent longest");
        assert_eq!(admit(&slots, Peer::Memory), Ok(Some(3)));
        sign_in(&slots, 4);
        sign_in(&slots, 5);
        assert_eq!(admit(&slots, Peer::Memory), Err(NoPlace::Busy), "nobody is silent");
        slots.left(ConnectionId(5));
        assert_eq!(admit(&slots, Peer::Memory), Ok(None));
    }

    /// `count` connections, of which the first has signed in.
    fn sign_in_first_of(slots: &Slots<u64>, count: usize) {
        for _ in 0..count {
            assert_eq!(admit(slots, Peer::Memory), Ok(None));
            sign_in(slots, 1);
        }
    }

    #[test]
    fn guests_are_held_to_their_own_limit() {
        let slots = slots(8, 2, 8);
        sign_in_first_of(&slots, 3);
        assert_eq!(admit(&slots, Peer::Memory), Ok(Some(2)));
        slots.left(ConnectionId(2));
        slots.greeted(ConnectionId(3), true);
        slots.greeted(ConnectionId(4), true);
        assert_eq!(admit(&slots, Peer::Memory), Ok(Some(3)), "no one is silent, so the oldest guest goes");
        slots.left(ConnectionId(3));
        sign_in(&slots, 4);
        assert_eq!(admit(&slots, Peer::Memory), Ok(None));
    }

    #[test]
    fn where_nobody_signs_in_a_hello_is_enough() {
        let slots = slots(8, 1, 8);
        for id in 1..=3 {
            assert_eq!(admit(&slots, Peer::Memory), Ok(None));
            slots.greeted(ConnectionId(id), false);
        }
    }

    #[test]
    fn a_source_is_held_to_its_share_and_takes_only_its_own_places() {
        let slots = slots(16, 16, 2);
        let (here, port, there) = (peer("192.0.2.1:1"), peer("[::ffff:192.0.2.1]:2"), peer("192.0.2.2:1"));
        assert_eq!(admit(&slots, there), Ok(None));
        assert_eq!(admit(&slots, here), Ok(None));
        assert_eq!(admit(&slots, port), Ok(None));
        assert_eq!(admit(&slots, here), Ok(Some(2)), "not 1, which is silent longer but comes from elsewhere");
        sign_in(&slots, 3);
        sign_in(&slots, 4);
        assert_eq!(admit(&slots, here), Err(NoPlace::Busy));
        assert_eq!(admit(&slots, there), Ok(None));
    }

    #[test]
    fn an_ipv6_source_is_its_first_64_bits() {
        let slots = slots(16, 16, 1);
        assert_eq!(admit(&slots, peer("[2001:db8:0:1::1]:1")), Ok(None));
        assert_eq!(admit(&slots, peer("[2001:db8:0:2::1]:1")), Ok(None));
        assert_eq!(admit(&slots, peer("[2001:db8:0:1:ffff::9]:1")), Ok(Some(1)));
    }

    #[test]
    fn threads_that_were_cut_and_have_not_ended_are_bounded() {
        let slots = slots(8, 2, 8);
        for victim in [None, None, Some(1), Some(2)] {
            assert_eq!(admit(&slots, Peer::Memory), Ok(victim));
        }
        assert_eq!(admit(&slots, Peer::Memory), Err(NoPlace::Busy));
        slots.left(ConnectionId(1));
        assert_eq!(admit(&slots, Peer::Memory), Ok(Some(3)));
    }

    #[test]
    fn it_is_empty_only_when_the_threads_that_were_cut_have_ended() {
        let slots = slots(8, 1, 8);
        assert_eq!(admit(&slots, Peer::Memory), Ok(None));
        assert_eq!(admit(&slots, Peer::Memory), Ok(Some(1)));
        assert_eq!(slots.close(), [2]);
        assert_eq!(admit(&slots, Peer::Memory), Err(NoPlace::Closed));
        let now = Deadline::after(std::time::Duration::ZERO);
        slots.left(ConnectionId(2));
        assert!(!slots.wait_until_empty(now));
        slots.left(ConnectionId(1));
        assert!(slots.wait_until_empty(now));
    }
}
