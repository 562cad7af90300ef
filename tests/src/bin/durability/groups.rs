//! Changes that wait together share a commit and its fsync: with 64 connections adding marks, at most one fsync for eight
//! acknowledged ones, counted at the disk; beside it, in the same run, one change at a time and so an fsync each.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rpc_core::Channel;
use tempfile::TempDir;
use tests::{Disk, Ledger};

use crate::{
    load::{self, Added, Attempts, Place, listed, pairs},
    local::{self, Beginning},
    suite::{Control, Findings, Row, Run},
};

/// Connections that add marks at the same time, and a student for each.
const CLIENTS: usize = 64;

/// Marks that each of them adds, sharing commits, in the short form and in the long one.
const MARKS: (usize, usize) = (25, 250);

/// Marks that each of them adds in its turn: enough for a rate.
const MARKS_IN_TURN: usize = 5;

/// Acknowledged changes for each fsync, at least. How many come while one is under way depends on the disk: where it takes
/// half a millisecond, a build without optimization sees ten to twenty. The one for sixteen that is promised is measured by
/// `tests/bench service`.
const SHARED_MIN: u64 = 8;

pub(crate) fn run(run: Run) -> Findings {
    let lab = Lab::new();
    let shared = lab.add(if run.long { MARKS.1 } else { MARKS.0 }, false);
    let in_turn = lab.add(MARKS_IN_TURN, true);
    let mut row = Row::new("64 connections share commits");
    row.acknowledged = shared.acknowledged;
    row.add(shared.ledger.judge(pairs(&shared.there)));
    row.notes.push(format!("together: {shared}; one at a time: {in_turn}"));
    if shared.per_sync() < SHARED_MIN {
        row.faults.push(format!("only {} changes for each fsync", shared.per_sync()));
    }
    let control = Control {
        name: "groups: one change at a time",
        seen: format!("{} changes for each fsync", in_turn.per_sync()),
        failed: in_turn.per_sync() < SHARED_MIN,
    };
    Findings { rows: vec![row], controls: vec![control] }
}

/// Where marks are added.
struct Lab {
    beginning: Beginning,
    directory: PathBuf,
    _scratch: TempDir,
}

/// What adding marks came to.
struct Tally {
    acknowledged: u64,
    syncs: u64,
    took: Duration,
    ledger: Ledger,
    there: Vec<(String, u64)>,
}

impl Lab {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().canonicalize().unwrap().join("store");
        Self { beginning: Beginning::new(CLIENTS), directory, _scratch: scratch }
    }

    /// Lets every connection add so many marks; in turn, no two of them at the same time.
    fn add(&self, marks: usize, in_turn: bool) -> Tally {
        let disk = Disk::install();
        local::put(&self.beginning.files, &self.directory);
        disk.watch(&self.directory);
        let server = local::serve(self.directory.as_path()).unwrap();
        let place = self.beginning.place(&server);
        let channels: Vec<Channel> = (0..CLIENTS).map(|_| local::channel(&server)).collect();
        let turn = in_turn.then(|| Arc::new(Mutex::new(())));
        let (syncs, began) = (disk.syncs(), Instant::now());
        let clients: Vec<_> = channels
            .into_iter()
            .enumerate()
            .map(|(client, channel)| {
                let (place, turn) = (place.clone(), turn.clone());
                thread::spawn(move || add_marks(&channel, &place, client, marks, turn.as_deref()))
            })
            .collect();
        let mut ledger = Ledger::default();
        clients.into_iter().for_each(|client| ledger.absorb(client.join().unwrap()));
        let (took, syncs) = (began.elapsed(), disk.syncs() - syncs);
        let there = listed(&local::grades(&local::channel(&server), place.session)).unwrap();
        local::stop(server, &self.directory);
        Tally { acknowledged: ledger.acknowledged() as u64, syncs, took, ledger, there }
    }
}

fn add_marks(channel: &Channel, place: &Place, client: usize, marks: usize, turn: Option<&Mutex<()>>) -> Ledger {
    let mut ledger = Ledger::default();
    for position in 0..marks {
        let (student, label) = (client.to_string(), format!("{client}-{position}"));
        let mark = Added { student, label, key: channel.request_key().unwrap(), id: 0 };
        let _turn = turn.map(|turn| turn.lock().unwrap());
        let id = load::add(channel, place, &mark, Attempts::Many).unwrap();
        ledger.acknowledge(mark.label, id);
    }
    ledger
}

impl Tally {
    fn per_sync(&self) -> u64 {
        self.acknowledged / self.syncs.max(1)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, syncs, took, .. } = self;
        let rate = *acknowledged as f64 / took.as_secs_f64();
        write!(f, "{acknowledged} marks, {syncs} fsyncs, {rate:.0} marks/s")
    }
}
