//! 200 peers that send a byte a second, 200 that never read, 200 that say nothing, all at once: each loses its connection at
//! its deadline, and who does nothing wrong does not notice.

mod patient;
mod readers;

use std::time::Duration;

use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer, footprint};

use crate::{
    arguments::Terms,
    honest::{Honest, Rounds},
    report::Report,
};
use patient::Patient;
use readers::Readers;

/// Calm and attacked in turn.
const ROUNDS: usize = 3;
const CALM: Duration = Duration::from_secs(5);
/// A peer that is left alone for so long is left alone for ever.
const GUARD: Duration = Duration::from_secs(90);
/// How much later than at its deadline a connection may be cut.
const LATE_MAX: Duration = Duration::from_secs(1);

/// When the server cuts whom.
struct Deadlines {
    hello: Duration,
    frame: Duration,
    write: Duration,
    idle: Duration,
}

impl Deadlines {
    /// The defaults, but nobody waits ten minutes for a silent peer; without `--long` short ones.
    fn of(terms: &Terms) -> Self {
        let s = Duration::from_secs;
        if terms.long {
            Self { hello: s(5), frame: s(10), write: s(10), idle: s(12) }
        } else {
            Self { hello: s(3), frame: s(3), write: s(3), idle: s(3) }
        }
    }

    fn arguments(&self) -> Vec<String> {
        let Self { hello, frame, write, idle } = self;
        let limits = [("hello_wait", hello), ("frame_wait", frame), ("write_wait", write), ("idle_wait", idle)];
        let set = |(name, wait): (&str, &Duration)| ["--limit".to_owned(), format!("{name}={}", wait.as_millis())];
        // The log tells when who was cut.
        limits.into_iter().flat_map(set).chain(["--log".to_owned(), "debug".to_owned()]).collect()
    }
}

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    let deadlines = Deadlines::of(terms);
    let arguments = deadlines.arguments();
    let server = RunningServer::start_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let mut administrator = RawPeer::greeted(server.address());
    let session = administrator.login(ADMINISTRATOR, PASSWORD);
    let mut readers = Readers::new(&server, &mut administrator, session);
    let honest = Honest::start(server.address(), session);
    let mut rounds = Rounds::default();
    for _ in 0..if terms.long { ROUNDS } else { 1 } {
        let calm = terms.long.then(|| honest.latencies_for(CALM));
        readers.ask();
        let mut patient = Patient::connect(server.address(), &session, &deadlines);
        honest.latencies(); // what the connecting cost is not theirs
        patient.watch();
        readers.until_cut();
        if let Some(calm) = calm {
            rounds.add(&calm, &honest.latencies());
        }
        patient.judge(&mut report, terms);
        readers.judge(&mut report, terms, deadlines.write);
    }
    if terms.long {
        rounds.judge(&mut report, |calm| calm.saturating_mul(2));
    }
    honest.end(&mut report);
    report.memory(footprint::peak_bytes(server.pid()));
    report.look_for_panics(&server.log());
    report
}
