//! The disk fails: it is full, or a write, a sync or a read goes wrong, each at any call of a script. What can't be done is
//! refused with the error that says so, nothing is half done, reads go on, and a power failure now would not change that. When there is room again, or after the restart
//! that a disk that can't be trusted asks for, everything is asked for again and done once.

use std::path::PathBuf;

use grades_api::GradesError;
use grades_server::GradesServer;
use rpc_core::{Channel, Error, Outcome, Status, TransportErrorKind};
use tempfile::TempDir;
use tests::{Crashes, Disk, Fate, Fault, FaultKind, Ledger, Random, Step, check_integrity};

use crate::{
    load::{self, Added, Attempts, Place, listed, pairs},
    local::{self, Beginning},
    suite::{Control, Findings, Row, Run},
};

/// Marks added before the store is closed and opened again, and after: the script's writes, syncs and reads are those of
/// commits, of a checkpoint, of the end of a log and of the beginning of the next.
const MARKS: (usize, usize) = (8, 4);

/// In the short form one call in so many fails; a prime, so that all parts of a commit are met.
const SHORT_STRIDE: u64 = 13;

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let rows = FaultKind::ALL.map(|kind| {
        let (lab, mut row) = (Lab::new(), Row::new(name(kind)));
        let stride = if long || is_rare(kind) { 1 } else { SHORT_STRIDE };
        let mut at = random.below(stride);
        while Trial::new(&lab, kind, &mut row, &mut random).run(at) {
            at += stride;
            row.crash_points += 1;
        }
        if row.crash_points == 0 {
            row.faults.push(format!("{}: nothing failed", name(kind)));
        }
        row
    });
    let controls = vec![control(&mut random)];
    Findings { rows: rows.into(), controls }
}

/// Whether a script has few of the calls that it befalls. A store that fails a sync also has most to get wrong.
const fn is_rare(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::SyncError | FaultKind::OpenError | FaultKind::SizeError | FaultKind::MapError)
}

/// Whether it may befall a call of the service that only reads, which then fails, once.
const fn befalls_reads(kind: FaultKind) -> bool {
    is_rare(kind) && !matches!(kind, FaultKind::SyncError)
        || matches!(kind, FaultKind::ReadError | FaultKind::LockError)
}

const fn name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Full => "disk full",
        FaultKind::FullHalfway => "disk full in the middle of a write",
        FaultKind::WriteError => "a write fails",
        FaultKind::SyncError => "an fsync fails",
        FaultKind::ReadError => "a read fails",
        FaultKind::OpenError => "a file can't be opened",
        FaultKind::SizeError => "a file's size can't be asked",
        FaultKind::LockError => "a lock can't be taken",
        FaultKind::MapError => "the log's index can't be mapped",
        FaultKind::SyncLie => "an fsync is not done",
    }
}

/// Trials that the control may take: one in five power cuts keeps everything.
const CONTROL_TRIALS_MAX: usize = 20;

/// Where trials are made.
struct Lab {
    beginning: Beginning,
    directory: PathBuf,
    /// For what is left after a power failure: not watched.
    other: PathBuf,
    _scratch: TempDir,
}

impl Lab {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path().canonicalize().unwrap();
        Self { beginning: Beginning::new(2), directory: top.join("store"), other: top.join("other"), _scratch: scratch }
    }
}

/// One run of the script with one fault.
struct Trial<'a> {
    lab: &'a Lab,
    row: &'a mut Row,
    random: &'a mut Random,
    kind: FaultKind,
    disk: &'static Disk,
    ledger: Ledger,
    /// Not acknowledged yet.
    open: Vec<Added>,
    steps: Vec<Step>,
    /// Marks asked for so far.
    made: usize,
    has_struck: bool,
    /// Whether the server has once said that it does not know what its disk did.
    in_doubt: bool,
}

impl<'a> Trial<'a> {
    fn new(lab: &'a Lab, kind: FaultKind, row: &'a mut Row, random: &'a mut Random) -> Self {
        let (ledger, open, steps) = (Ledger::default(), Vec::new(), Vec::new());
        let disk = Disk::install();
        Self { lab, row, random, kind, disk, ledger, open, steps, made: 0, has_struck: false, in_doubt: false }
    }

    /// Runs the script with a fault at one of its calls; `false` if it has not so many.
    fn run(&mut self, at: u64) -> bool {
        local::put(&self.lab.beginning.files, &self.lab.directory);
        self.disk.watch(&self.lab.directory);
        self.disk.record();
        self.disk.fail(Some(Fault::new(self.kind, at)));
        for marks in [MARKS.0, MARKS.1] {
            let server = self.open_store();
            let channel = local::channel(&server);
            (0..marks).for_each(|_| self.ask_for_one(&server, &channel));
            self.compare(&channel);
            if self.kind.lasts() && self.disk.has_failed() {
                self.mend(); // there is room again
                self.ask_again(&server, &channel);
            }
            self.cut_power();
            drop(channel);
            local::stop(server, &self.lab.directory);
            self.in_doubt = false; // whoever opens it next reads what is there
        }
        self.mend();
        let server = self.open_store();
        let channel = local::channel(&server);
        self.ask_again(&server, &channel);
        self.compare(&channel);
        self.cut_power();
        drop(channel);
        local::stop(server, &self.lab.directory);
        self.row.faults.extend(check_integrity(&self.lab.directory.join(local::STORE)).err());
        self.row.acknowledged += self.ledger.acknowledged() as u64;
        self.has_struck
    }

    /// Ends the fault.
    fn mend(&mut self) {
        self.has_struck |= self.disk.has_failed();
        self.disk.fail(None);
    }

    /// Opens the store, which may fail while the disk does, and must not when it no longer does.
    fn open_store(&mut self) -> GradesServer {
        local::serve(self.lab.directory.as_path()).unwrap_or_else(|error| {
            if !self.disk.has_failed() {
                self.row.faults.push(format!("a good disk is refused: {error}"));
            }
            self.mend();
            local::serve(self.lab.directory.as_path()).unwrap()
        })
    }

    /// Asks once for a mark, and holds against the fault what it is told.
    fn ask_for_one(&mut self, server: &GradesServer, channel: &Channel) {
        let key = channel.request_key().unwrap();
        let mark = Added { student: "0".to_owned(), label: format!("m{}", self.made), key, id: 0 };
        self.made += 1;
        let answer = load::add(channel, &self.place(server), &mark, Attempts::One);
        match &answer {
            Ok(id) => self.ledger.acknowledge(&mark.label, *id),
            Err(error) if error.outcome() == Outcome::Rejected => {}
            Err(_) => self.ledger.unknown(&mark.label),
        }
        if !self.is_right(&answer) {
            self.row.faults.push(format!("{:?}, in doubt: {}: {answer:?}", self.kind, self.in_doubt));
        }
        self.in_doubt |= matches!(&answer, Err(Error::Refused(refusal)) if refusal.status == Status::OUTCOME_UNKNOWN);
        if answer.is_err() {
            self.open.push(mark);
        }
    }

    /// Whether an answer is the one for this fault. Once in doubt a server acknowledges nothing more.
    fn is_right(&self, answer: &Result<u64, Error<GradesError>>) -> bool {
        let status = match answer {
            Ok(_) => return !self.in_doubt,
            Err(Error::Refused(refusal)) => refusal.status,
            // A machine so busy that the one attempt took too long.
            Err(Error::Transport(error)) => {
                return matches!(error.kind, TransportErrorKind::ReplyDeadline | TransportErrorKind::WriteDeadline);
            }
            Err(_) => return false,
        };
        let doubtful = matches!(self.kind, FaultKind::WriteError | FaultKind::SyncError);
        let busy = [Status::DEADLINE_BEFORE_START, Status::DEADLINE_EXCEEDED].contains(&status);
        busy || status == Status::UNAVAILABLE || status == Status::OUTCOME_UNKNOWN && doubtful && !self.in_doubt
    }

    /// Asks for what was not acknowledged with the keys of the first time.
    fn ask_again(&mut self, server: &GradesServer, channel: &Channel) {
        for mark in std::mem::take(&mut self.open) {
            match load::add(channel, &self.place(server), &mark, Attempts::Many) {
                Ok(id) => self.ledger.acknowledge(&mark.label, id),
                Err(error) => self.row.faults.push(format!("{:?}, asked again: {error}", self.kind)),
            }
        }
    }

    /// What can be read must be what was told: reads go on whatever a disk does to writes.
    fn compare(&mut self, channel: &Channel) {
        let grades = local::grades(channel, self.lab.beginning.session);
        let there = match listed(&grades) {
            Err(_) if befalls_reads(self.kind) => listed(&grades), // one read fails
            there => there,
        };
        match there {
            Ok(there) => self.row.add(self.ledger.judge(pairs(&there))),
            Err(error) => self.row.faults.push(format!("{:?}: the marks can't be read: {error}", self.kind)),
        }
    }

    /// What was acknowledged must be there too if the power fails now.
    fn cut_power(&mut self) {
        self.steps.extend(self.disk.recorded());
        self.disk.record();
        let mut disk = Crashes::of(self.lab.beginning.files.clone());
        self.steps.iter().for_each(|step| disk.step(step));
        let fate = Fate::ALL[self.random.below(Fate::ALL.len() as u64) as usize];
        local::put(&disk.crash(fate, self.random), &self.lab.other);
        let left = local::serve(self.lab.other.as_path()).map_err(|error| error.to_string()).and_then(|server| {
            let grades = local::grades(&local::channel(&server), self.lab.beginning.session);
            let there = listed(&grades).map_err(|error| error.to_string());
            drop(grades);
            local::stop(server, &self.lab.other);
            there
        });
        match left {
            Ok(there) => self.row.add(self.ledger.judge(pairs(&there))),
            Err(error) => self.row.faults.push(format!("{:?}, then the power: {error}", self.kind)),
        }
    }

    fn place(&self, server: &GradesServer) -> Place {
        self.lab.beginning.place(server)
    }
}

/// A disk that says that it has synced and has not: nobody can keep a promise on it.
fn control(random: &mut Random) -> Control {
    let (lab, mut row) = (Lab::new(), Row::new(""));
    for _ in 0..CONTROL_TRIALS_MAX {
        Trial::new(&lab, FaultKind::SyncLie, &mut row, random).run(0);
        if row.lost > 0 {
            break;
        }
    }
    Control { name: "disks: fsync fails and says nothing", seen: format!("{} lost", row.lost), failed: row.lost > 0 }
}
