//! Peers that send a byte a second, and peers that send none: strangers in the middle of their hello, and some that have signed
//! in and are in the middle of a frame or between two.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use tests::RawPeer;

use super::{Deadlines, GUARD, LATE_MAX};
use crate::{
    arguments::Terms,
    crowd::{ACCOUNTS, WHOAMI, connect, sign_in},
    report::Report,
};

/// Of each of the four kinds. Strangers are 200 of them, fewer than the 256 that may be.
const EACH: usize = 100;
/// Where these come from: behind the readers.
const FIRST_NUMBER: usize = 1 << 12;
/// How much sooner than at its deadline a cut may seem to come, since the server's clock begins before ours.
const EARLY_MAX: Duration = Duration::from_millis(250);
/// Between two looks at all of them: what a cut is measured to.
const LOOK: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    SlowHello,
    SlowFrame,
    NoHello,
    Idle,
}

/// All of them.
pub(super) struct Patient(Vec<Peer>);

struct Peer {
    kind: Kind,
    stream: TcpStream,
    /// What it has to say, a byte a second.
    says: Vec<u8>,
    said: usize,
    /// Since when the server waits for it, and for how long it will.
    since: Instant,
    deadline: Duration,
    cut: Option<Duration>,
}

impl Patient {
    /// Connects them all; from now on the server waits for each.
    pub(super) fn connect(address: &str, session: &[u8; 32], deadlines: &Deadlines) -> Self {
        let kinds = [
            (Kind::SlowFrame, deadlines.frame),
            (Kind::Idle, deadlines.idle),
            (Kind::SlowHello, deadlines.hello),
            (Kind::NoHello, deadlines.hello),
        ];
        let mut peers = Vec::new();
        for (kind, deadline) in kinds {
            for _ in 0..EACH {
                let since = Instant::now();
                let mut stream = connect(FIRST_NUMBER + peers.len(), address).expect("a place in the backlog");
                let says = match kind {
                    Kind::SlowHello => RawPeer::hello(),
                    Kind::SlowFrame => RawPeer::request(2, ACCOUNTS, WHOAMI, Some(session), &[]),
                    Kind::NoHello | Kind::Idle => Vec::new(),
                };
                let stranger = matches!(kind, Kind::SlowHello | Kind::NoHello);
                if !stranger {
                    stream = sign_in(stream, session).into_stream();
                }
                stream.set_nonblocking(true).expect("a socket of our own");
                let mut peer = Peer { kind, stream, says, said: 0, since, deadline, cut: None };
                if !stranger {
                    peer.since = Instant::now();
                }
                peer.speak();
                peers.push(peer);
            }
        }
        Self(peers)
    }

    /// Lets the slow ones go on until all of them have been cut.
    pub(super) fn watch(&mut self) {
        let began = Instant::now();
        while self.0.iter().any(|peer| peer.cut.is_none()) && began.elapsed() < GUARD {
            self.0.iter_mut().filter(|peer| peer.cut.is_none()).for_each(|peer| {
                peer.speak();
                peer.look();
            });
            thread::sleep(LOOK);
        }
    }

    pub(super) fn judge(&self, report: &mut Report, terms: &Terms) {
        for Peer { kind, deadline, cut, .. } in &self.0 {
            let Some(cut) = *cut else {
                report.check(false, || format!("{kind:?} was left alone"));
                continue;
            };
            report.cut(cut.saturating_sub(*deadline));
            let in_time = cut <= *deadline + LATE_MAX && cut + EARLY_MAX >= *deadline;
            report.check(in_time || !terms.long, || format!("{kind:?} was cut after {cut:?} instead of {deadline:?}"));
        }
    }
}

impl Peer {
    /// Says the bytes that are due: one at once, then one a second.
    fn speak(&mut self) {
        let due = usize::try_from(self.since.elapsed().as_secs()).expect("a short while") + 1;
        while self.said < due.min(self.says.len().saturating_sub(1)) {
            // Whether the server still listens is seen by reading.
            drop(self.stream.write(&self.says[self.said..=self.said]));
            self.said += 1;
        }
    }

    /// Looks whether the server has ended the connection, and passes over what it says before that.
    fn look(&mut self) {
        let mut sink = [0; 256];
        match self.stream.read(&mut sink) {
            Ok(1..) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => self.cut = Some(self.since.elapsed()),
        }
    }
}
