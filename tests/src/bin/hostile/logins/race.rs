//! Guesses at one name, side by side on connections of their own: one of them is judged, whichever comes first.

use std::{sync::Barrier, thread};

use tests::{ADMINISTRATOR, RunningServer, footprint};

use super::guesser::{Guesser, Verdict};
use crate::report::Report;

/// Fewer than wait for the pool, so that none is turned away before the race.
const GUESSERS: usize = 24;

pub(super) fn run(report: &mut Report) {
    let server = RunningServer::start();
    for name in [ADMINISTRATOR, "nobody"] {
        let start = Barrier::new(GUESSERS);
        let guess = |number| {
            let mut guesser = Guesser::new(number, server.address());
            start.wait();
            guesser.guess(name)
        };
        let guess = &guess;
        let verdicts: Vec<_> = thread::scope(|scope| {
            let guessers: Vec<_> = (0..GUESSERS).map(|number| scope.spawn(move || guess(number))).collect();
            guessers.into_iter().map(|guesser| guesser.join().expect("a guesser")).collect()
        });
        let judged = verdicts.iter().filter(|verdict| **verdict == Verdict::Wrong).count();
        report.check(judged == 1, || format!("{judged} of {GUESSERS} guesses at {name} were judged: {verdicts:?}"));
    }
    report.memory(footprint::peak_bytes(server.pid()));
    report.look_for_panics(&server.log());
}
