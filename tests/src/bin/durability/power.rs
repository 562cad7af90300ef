//! The power fails: what was written and not synced is kept, lost, torn or reordered, at any step of the disk. The store opens
//! on whatever is left, is whole, and holds each acknowledged mark once.
//!
//! Histories come in pairs. The second begins where the first was killed: what that had written and not synced was still
//! there to be read and to be answered from, and the power may take it away later.

mod beginnings;
mod history;

use std::path::PathBuf;

use grades_api::GradesClient;
use grades_server::GradesServer;
use tempfile::TempDir;
use tests::{Disk, Fate, Random, Step, Synchronous, Verdict, check_integrity};

use crate::{
    load::{self, Attempts, listed, pairs},
    local::{self, Beginning},
    suite::{Control, Findings, Row, Run},
};
use history::{History, Point, Recording};

/// Few, so that the store stays small and is quickly written again.
const STUDENTS: usize = 3;

/// Pairs of histories in the short form and in the long one.
const PAIRS: (usize, usize) = (2, 60);

/// Points looked at in each history: every sync among them, as far as they go.
const POINTS: usize = 100;

/// Marks that each client adds in a history, at most: enough that SQLite makes checkpoints in some of them.
const MARKS_MAX: u64 = 80;

/// Histories that a control may take to show what it must; it mostly needs one.
const CONTROL_HISTORIES_MAX: u64 = 20;

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let mut lab = Lab::new();
    let mut row = Row::new("power cut (any write not synced)");
    for pair in 0..if long { PAIRS.1 } else { PAIRS.0 } {
        lab.beginning = Beginning::new(STUDENTS); // whose session is fresh, however long all of this takes
        let marks = 1 + random.below(MARKS_MAX) as usize;
        let start = Point::beginning(&lab.beginning);
        let first = lab.recording(format!("{pair}a"), marks).run(&start);
        lab.judge(&first, &mut random, &mut row);
        let killed = first.point(moment_of_death(&first.steps, &mut random));
        let second = lab.recording(format!("{pair}b"), marks / 4).run(&killed);
        lab.judge(&second, &mut random, &mut row);
        row.histories += 2;
    }
    let ([first, later], beginnings) = beginnings::run(long, &mut random);
    let mut controls = vec![
        lab.control("power: PRAGMA synchronous = OFF", Synchronous::Off, &mut random),
        lab.control("power: PRAGMA synchronous = NORMAL", Synchronous::Normal, &mut random),
    ];
    controls.extend(beginnings);
    Findings { rows: vec![row, first, later], controls }
}

/// Where histories are made and their crashes looked at.
struct Lab {
    beginning: Beginning,
    directory: PathBuf,
    _scratch: TempDir,
}

impl Lab {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().canonicalize().unwrap().join("store");
        Self { beginning: Beginning::new(STUDENTS), directory, _scratch: scratch }
    }

    /// Crashes a history at many points and judges what is left.
    fn judge(&self, history: &History, random: &mut Random, row: &mut Row) {
        self.look_at_a_copy();
        let points = points(&history.steps, random);
        row.acknowledged += history.acknowledged();
        history.visit(points.into_iter(), |point| {
            let fate = Fate::ALL[random.below(Fate::ALL.len() as u64) as usize];
            row.crash_points += 1;
            match self.after(point, fate, random) {
                Ok(verdicts) => verdicts.into_iter().for_each(|verdict| row.add(verdict)),
                Err(fault) => row.faults.push(format!("{fate:?}: {fault}")),
            }
        });
    }

    /// What is there after a crash is judged without waiting for the disk: nobody crashes it again.
    fn look_at_a_copy(&self) {
        let disk = Disk::install();
        disk.watch(&self.directory);
        disk.pretend_to_sync(true);
    }

    /// Opens what is left after a crash: how it differs from what clients know, at once and after they have asked again for
    /// what was in flight and for something that they had been told.
    fn after(&self, point: &Point, fate: Fate, random: &mut Random) -> Result<[Verdict; 2], String> {
        local::put(&point.disk.crash(fate, random), &self.directory);
        let verdicts = self.ask(point, random)?;
        check_integrity(&self.directory.join(local::STORE))?;
        Ok(verdicts)
    }

    fn ask(&self, point: &Point, random: &mut Random) -> Result<[Verdict; 2], String> {
        let server =
            local::serve(self.directory.as_path()).map_err(|error| format!("the store does not open: {error}"))?;
        let verdicts = self.compare(&server, point, random);
        local::stop(server, &self.directory);
        verdicts
    }

    fn compare(&self, server: &GradesServer, point: &Point, random: &mut Random) -> Result<[Verdict; 2], String> {
        let channel = local::channel(server);
        let grades = local::grades(&channel, self.beginning.session);
        let place = self.beginning.place(server);
        let mut ledger = point.known.ledger();
        let at_once = ledger.judge(pairs(&there(&grades)?));
        for mark in point.known.in_flight.values().chain(point.known.some_told(random)) {
            let id =
                load::add(&channel, &place, mark, Attempts::Many).map_err(|error| format!("asked again: {error}"))?;
            if mark.id != 0 && mark.id != id {
                return Err(format!("{} was acknowledged as {} and is {id}", mark.label, mark.id));
            }
            ledger.acknowledge(&mark.label, id);
        }
        Ok([at_once, ledger.judge(pairs(&there(&grades)?))])
    }

    /// Records with the protection off until something is lost.
    fn control(&self, name: &'static str, synchronous: Synchronous, random: &mut Random) -> Control {
        let (mut row, mut histories) = (Row::new(name), 0);
        while row.lost == 0 && histories < CONTROL_HISTORIES_MAX {
            histories += 1;
            let start = Point::beginning(&self.beginning);
            let recording = Recording { synchronous: Some(synchronous), ..self.recording(format!("{histories}"), 20) };
            self.judge(&recording.run(&start), random, &mut row);
        }
        let Row { lost, crash_points, .. } = row;
        Control { name, seen: format!("{lost} lost at {crash_points} crash points"), failed: lost > 0 }
    }

    fn recording(&self, name: String, marks: usize) -> Recording<'_> {
        Recording { beginning: &self.beginning, directory: &self.directory, name, marks, synchronous: None }
    }
}

fn there(grades: &GradesClient) -> Result<Vec<(String, u64)>, String> {
    listed(grades).map_err(|error| format!("the marks can't be read: {error}"))
}

/// Before and after each sync, and some points between them; in order.
fn points(steps: &[Step], random: &mut Random) -> Vec<usize> {
    let syncs = steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::Sync { .. }));
    let mut points: Vec<usize> = syncs.flat_map(|(at, _)| [at, at + 1]).filter(|at| *at < steps.len()).collect();
    while points.len() > POINTS {
        points.swap_remove(random.below(points.len() as u64) as usize);
    }
    points.extend((points.len()..POINTS).map(|_| random.below(steps.len() as u64) as usize));
    points.sort_unstable();
    points
}

/// Any step; every other time a sync that did not come: the changes before it can be read, and are not on the disk.
fn moment_of_death(steps: &[Step], random: &mut Random) -> usize {
    let any = random.below(steps.len() as u64) as usize;
    let mut syncs = (any..steps.len()).filter(|at| matches!(steps[*at], Step::Sync { .. }));
    if random.one_in(2) { syncs.next().unwrap_or(any) } else { any }
}
