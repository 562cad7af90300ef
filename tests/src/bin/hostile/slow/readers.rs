//! Peers that ask for much and read nothing. Whether and when they are cut only the server's log tells: to see it from here
//! would be to read.

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use tests::{RawPeer, RunningServer};

use super::{GUARD, LATE_MAX};
use crate::{arguments::Terms, report::Report, server_log, unread::Unread};

const READERS: usize = 200;
/// What the server collects before it writes.
const COLLECTED_BYTES: usize = 16 << 10;
/// The slowest rate at which a peer may read, a second.
const RATE_BYTES: u32 = 64 << 10;
/// As the server's log has it.
const REASON: &str = "WriteDeadline";
/// Between two looks at the log.
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Readers<'s> {
    server: &'s RunningServer,
    unread: Unread,
    connections: Vec<TcpStream>,
    /// How many the log should tell of.
    asked: usize,
    judged: usize,
}

impl<'s> Readers<'s> {
    pub(super) fn new(server: &'s RunningServer, peer: &mut RawPeer, session: [u8; 32]) -> Self {
        let unread = Unread::prepare(server, peer, session);
        Self { server, unread, connections: Vec::new(), asked: 0, judged: 0 }
    }

    /// Lets all of them ask.
    pub(super) fn ask(&mut self) {
        self.connections = (0..READERS).map(|number| self.unread.ask(number, self.server.address())).collect();
        self.asked += READERS;
    }

    /// Waits until all of them have been cut.
    pub(super) fn until_cut(&self) {
        let began = Instant::now();
        while server_log::closed(&self.server.log(), REASON).len() < self.asked && began.elapsed() < GUARD {
            // Why a pause: a file of another process can't be waited for.
            thread::sleep(LOOK);
        }
    }

    pub(super) fn judge(&mut self, report: &mut Report, terms: &Terms, write_wait: Duration) {
        let bytes = u32::try_from(self.unread.reply_bytes + COLLECTED_BYTES).expect("less than a page of marks");
        let deadline = write_wait + Duration::from_secs(1) * bytes / RATE_BYTES;
        let cut = server_log::closed(&self.server.log(), REASON);
        report.check(cut.len() == self.asked, || format!("{} of {} that never read were cut", cut.len(), self.asked));
        for silent_for in cut.iter().skip(self.judged) {
            report.cut(silent_for.saturating_sub(deadline));
            let in_time = (write_wait..=deadline + LATE_MAX).contains(silent_for);
            report.check(in_time || !terms.long, || format!("who never read was cut after {silent_for:?}"));
        }
        self.judged = cut.len();
        self.connections.clear();
    }
}
