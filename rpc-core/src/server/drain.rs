//! The end of a server: listeners close first, every connection hears goodbye, calls that were taken finish, and what is
//! not finished by the deadline is cut and told.

use std::sync::{Arc, atomic::Ordering};

use super::{connection::LINGER, line::Line, listener::Acceptor, observer::ConnectionId, shared::Shared};
use crate::{Peer, Status, transport::Deadline};

/// How a drain went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Connections that closed in order.
    pub closed: usize,
    /// Connections that had to be cut.
    pub cut: Vec<Cut>,
}

/// A connection that a drain had to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// The connection.
    pub connection: ConnectionId,
    /// Who made it.
    pub peer: Peer,
    /// Calls that were taken and have no reply: whether they will run to their end is not known.
    pub calls: usize,
}

impl DrainReport {
    /// Whether everything came to its end in time.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.cut.is_empty()
    }
}

/// Stops in order. Called again, it waits for the same end.
pub(super) fn drain(shared: &Arc<Shared>, acceptors: Vec<Acceptor>, deadline: Deadline) -> DrainReport {
    close_listeners(acceptors);
    let lines = part(shared);
    // Peers that heard goodbye while they were idle may not read it for hours; they are given the usual moment.
    if !shared.slots.wait_until_empty(deadline.earlier(Deadline::after(LINGER))) {
        lines.iter().filter(|line| line.has_parted()).for_each(|line| line.close());
        shared.slots.wait_until_empty(deadline);
    }
    let left = shared.slots.open();
    let cut = left.iter().map(|line| Cut { connection: line.id, peer: line.peer, calls: line.calls() }).collect();
    end(shared, &left);
    DrainReport { closed: lines.len().saturating_sub(left.len()), cut }
}

/// Stops at once: says goodbye where that takes no waiting, and cuts everything.
pub(super) fn stop(shared: &Arc<Shared>, acceptors: Vec<Acceptor>) {
    close_listeners(acceptors);
    let lines = part(shared);
    end(shared, &lines);
}

fn close_listeners(acceptors: Vec<Acceptor>) {
    acceptors.into_iter().for_each(Acceptor::stop);
}

/// Lets no newcomer and no new call in, and says goodbye to those who wait; the others hear it from their own threads.
fn part(shared: &Arc<Shared>) -> Vec<Arc<Line>> {
    // Before the goodbyes: see `Line::before_read`.
    shared.draining.store(true, Ordering::SeqCst);
    let lines = shared.slots.close();
    let hello = shared.hello_frame(Status::DRAINING);
    for line in &lines {
        line.part(&hello, Status::DRAINING);
    }
    lines
}

fn end(shared: &Shared, left: &[Arc<Line>]) {
    shared.stopped.store(true, Ordering::Relaxed);
    left.iter().for_each(|line| line.cut());
    shared.pool.close();
}
