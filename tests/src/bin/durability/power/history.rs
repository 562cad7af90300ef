//! One history: clients add marks, every step of the disk is written down, and between the steps stands what clients asked for
//! and what they were told.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use rpc_core::Channel;
use tests::{Crashes, Disk, Fate, Files, Ledger, Random, Step, Synchronous};

use crate::{
    load::{self, Added, Attempts, Place},
    local::{self, Beginning},
};

/// Clients that write at the same time, so that commits hold several changes.
const CLIENTS: usize = 4;

/// What a client did between two steps of the disk.
#[derive(Clone, Debug)]
enum Note {
    Asked(Added),
    Told(Added),
}

/// What happened to a disk, and what clients know.
#[derive(Debug)]
pub(super) struct History {
    /// The disk, and what clients knew, when it began.
    start: Crashes,
    known: Known,
    pub(super) steps: Vec<Step>,
    notes: Vec<Note>,
}

/// What clients know at some point of a history.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    told: BTreeMap<String, Added>,
    /// Sent, and not yet answered.
    pub(super) in_flight: BTreeMap<String, Added>,
}

/// A point of a history: the disk as it is there, and what clients know.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) disk: Crashes,
    pub(super) known: Known,
}

impl Point {
    /// Before anything has happened.
    pub(super) fn beginning(beginning: &Beginning) -> Self {
        Self { disk: Crashes::of(beginning.files.clone()), known: Known::default() }
    }

    /// What is there after the process alone has died here.
    pub(super) fn after_kill(&self) -> Files {
        self.disk.crash(Fate::Kept, &mut Random::new(0)) // nothing is left to chance
    }
}

impl Known {
    /// What the marks that are there are held against.
    pub(super) fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        self.told.values().for_each(|mark| ledger.acknowledge(&mark.label, mark.id));
        self.in_flight.keys().for_each(|label| ledger.unknown(label));
        ledger
    }

    /// Some of the marks that were acknowledged.
    pub(super) fn some_told(&self, random: &mut Random) -> Option<&Added> {
        let some = random.below(self.told.len().max(1) as u64) as usize;
        self.told.values().nth(some)
    }

    fn enter(&mut self, note: &Note) {
        match note {
            Note::Asked(mark) => drop(self.in_flight.insert(mark.label.clone(), mark.clone())),
            Note::Told(mark) => {
                self.in_flight.remove(&mark.label);
                self.told.insert(mark.label.clone(), mark.clone());
            }
        }
    }
}

/// How a history is made.
#[derive(Debug)]
pub(super) struct Recording<'a> {
    pub(super) beginning: &'a Beginning,
    pub(super) directory: &'a Path,
    /// Labels begin with it.
    pub(super) name: String,
    /// Marks that each client adds.
    pub(super) marks: usize,
    /// What a control weakens.
    pub(super) synchronous: Option<Synchronous>,
}

impl Recording<'_> {
    /// Serves the store as it is after a kill at `from`. Clients ask again for what was in flight, and then for more.
    pub(super) fn run(&self, from: &Point) -> History {
        let Self { beginning, directory, marks, .. } = *self;
        let disk = Disk::install();
        local::put(&from.after_kill(), directory);
        disk.watch(directory);
        disk.weaken(self.synchronous);
        disk.record();
        let server = local::serve(directory).unwrap();
        let channel = local::channel(&server);
        let place = beginning.place(&server);
        let notes = Arc::new(Mutex::new(Vec::new()));
        let again: Vec<Added> = from.known.in_flight.values().cloned().collect();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (channel, place, notes) = (channel.clone(), place.clone(), Arc::clone(&notes));
                let mine: Vec<Added> = again.iter().skip(client).step_by(CLIENTS).cloned().collect();
                let name = format!("{}-{client}", self.name);
                thread::spawn(move || client_main(&channel, &place, &notes, mine, &name, marks))
            })
            .collect();
        clients.into_iter().for_each(|client| client.join().unwrap());
        drop(channel);
        local::stop(server, directory); // closing the store is a part of the history
        let notes = std::mem::take(&mut *notes.lock().unwrap());
        History { start: from.disk.clone(), known: from.known.clone(), steps: disk.recorded(), notes }
    }
}

impl History {
    /// How many marks were acknowledged in it.
    pub(super) fn acknowledged(&self) -> u64 {
        self.notes.iter().filter(|note| matches!(note, Note::Told(_))).count() as u64
    }

    /// Calls `visit` with the numbers of some steps, in order, and the point before each of them.
    pub(super) fn visit(&self, mut at: impl Iterator<Item = usize>, mut visit: impl FnMut(&Point)) {
        let mut point = Point { disk: self.start.clone(), known: self.known.clone() };
        let mut next = at.next();
        for (number, step) in self.steps.iter().enumerate() {
            while next == Some(number) {
                visit(&point);
                next = at.next();
            }
            point.disk.step(step);
            if let Step::Mark(note) = step {
                point.known.enter(&self.notes[*note as usize]);
            }
        }
    }

    /// One point.
    pub(super) fn point(&self, at: usize) -> Point {
        let mut found = None;
        self.visit(std::iter::once(at), |point| found = Some(point.clone()));
        found.expect("a step of the history")
    }
}

fn client_main(
    channel: &Channel,
    place: &Place,
    notes: &Mutex<Vec<Note>>,
    again: Vec<Added>,
    name: &str,
    marks: usize,
) {
    let note = |note: Note| {
        let mut notes = notes.lock().unwrap();
        Disk::install().mark(notes.len() as u64);
        notes.push(note);
    };
    let new = (0..marks).map(|position| Added {
        student: (position % place.students).to_string(),
        label: format!("{name}-{position}"),
        key: channel.request_key().unwrap(),
        id: 0,
    });
    for mut mark in again.into_iter().chain(new) {
        note(Note::Asked(mark.clone()));
        mark.id = load::add(channel, place, &mark, Attempts::Many).unwrap();
        note(Note::Told(mark));
    }
}
