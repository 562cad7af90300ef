//! 500 connections that guess as fast as they are answered, while others work.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer, footprint};

use super::guesser::{Guesser, Verdict};
use crate::{
    arguments::Terms,
    honest::{Honest, Rounds},
    report::Report,
};

const GUESSERS: usize = 500;
const ROUNDS: usize = 3;
const CALM: Duration = Duration::from_secs(5);
/// Long enough for the queue of the pool to be full and its waits to end.
const FLOOD: Duration = Duration::from_secs(8);
const QUICK_FLOOD: Duration = Duration::from_secs(3);
/// After an answer. They share a machine with the server; without it they would measure how much processor they leave.
const PAUSE: Duration = Duration::from_millis(20);
/// What one hash works in (argon2id, 19 MiB).
const HASH_BYTES: u64 = 19 << 20;
/// For everything else that grows with 500 connections: 64 KiB each.
const CONNECTION_BYTES: u64 = 64 << 10;
/// What a signed-in client's call may take under a flood, if three times the calm is less.
const P99_FLOOR: Duration = Duration::from_millis(20);

pub(super) fn run(terms: &Terms, report: &mut Report) {
    // With a place for each of them, so that every one is heard.
    flood(terms, report, &["--limit", "guests_max=600"]);
    if terms.long {
        // With fewer places than guessers: most are cut while they wait, and come again.
        flood(terms, report, &[]);
    }
}

fn flood(terms: &Terms, report: &mut Report, arguments: &[&str]) {
    let server = RunningServer::start_with(arguments);
    let before = footprint::resident_bytes(server.pid());
    let session = RawPeer::greeted(server.address()).login(ADMINISTRATOR, PASSWORD);
    let honest = Honest::start(server.address(), session);
    let mut rounds = Rounds::default();
    let (mut counts, mut names) = (HashMap::new(), 0);
    for _ in 0..if terms.long { ROUNDS } else { 1 } {
        let calm = terms.long.then(|| honest.latencies_for(CALM));
        let (time, first_name) = (if terms.long { FLOOD } else { QUICK_FLOOD }, names);
        let verdicts = during_a_flood(server.address(), first_name, || {
            let attacked = honest.latencies_for(time);
            if let Some(calm) = calm {
                rounds.add(&calm, &attacked);
            }
        });
        names += verdicts.len();
        for verdict in verdicts {
            *counts.entry(verdict).or_insert(0_u64) += 1;
        }
    }
    judge(report, &counts);
    if terms.long {
        rounds.judge(report, |calm| calm.saturating_mul(3).max(P99_FLOOR));
    }
    honest.end(report);
    let peak = footprint::peak_bytes(server.pid());
    let slots = thread::available_parallelism().map_or(1, usize::from) / 2;
    let allowed = u64::try_from(slots.max(1)).expect("a few") * HASH_BYTES + GUESSERS as u64 * CONNECTION_BYTES;
    let grown = peak.saturating_sub(before);
    report.figure(format!("memory grew by {} MiB (at most {} MiB)", grown >> 20, allowed >> 20));
    report.check(grown <= allowed, || format!("a flood took {grown} bytes, {allowed} at most are allowed"));
    report.memory(peak);
    report.look_for_panics(&server.log());
}

fn judge(report: &mut Report, counts: &HashMap<Verdict, u64>) {
    report.figure(format!("{GUESSERS} guessers: {counts:?}"));
    let others: Vec<_> =
        counts.keys().filter(|verdict| matches!(verdict, Verdict::Other(_) | Verdict::Nothing)).collect();
    report.check(others.is_empty(), || format!("guesses were answered otherwise than told: {others:?}"));
    // Without these it was no flood: the test would prove nothing.
    for verdict in [Verdict::Wrong, Verdict::Overloaded] {
        report.check(counts.contains_key(&verdict), || format!("no guess was answered as {verdict:?}"));
    }
}

/// Lets all of them guess while `meanwhile` runs. Each name is tried once, so that every guess would be hashed.
fn during_a_flood(address: &str, first_name: usize, meanwhile: impl FnOnce()) -> Vec<Verdict> {
    let stop = AtomicBool::new(false);
    let guess = |number: usize| {
        let (mut guesser, mut verdicts) = (Guesser::new(number, address), Vec::new());
        while !stop.load(Ordering::Relaxed) {
            let name = format!("nobody-{number}-{}", first_name + verdicts.len());
            verdicts.push(guesser.guess(&name));
            thread::sleep(PAUSE);
        }
        verdicts
    };
    let guess = &guess;
    thread::scope(|scope| {
        let guessers: Vec<_> = (0..GUESSERS).map(|number| scope.spawn(move || guess(number))).collect();
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        guessers.into_iter().flat_map(|guesser| guesser.join().expect("a guesser")).collect()
    })
}
