//! 5,000 connections in one burst, more than the server gives places to strangers: it takes them as they come, keeps the
//! newest, and goes on.

use std::{thread, time::Instant};

use tests::Shortage;

use super::Scene;
use crate::{
    arguments::Terms,
    crowd::{self, Told},
    report::Report,
};

const PEERS: usize = 5_000;
/// As many at once as a machine of a few cores can make.
const THREADS: usize = 8;

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    if !crowd::may_have(PEERS) {
        report.skip(&format!("{PEERS} connections are more than the file descriptors of a process here"));
        return report;
    }
    let mut scene = Scene::open(Shortage::None, &[]);
    scene.serves(&mut report, "calm");
    let (began, address) = (Instant::now(), scene.server.address());
    let mut peers = thread::scope(|scope| {
        let connect = |thread: usize| {
            let mine = (0..PEERS).filter(move |number| number % THREADS == thread);
            mine.map(|number| crowd::connect(number, address).expect("a place in the backlog")).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || connect(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("peers")).collect::<Vec<_>>()
    });
    report.figure(format!("{PEERS} connections within {:?}", began.elapsed()));
    scene.serves(&mut report, "in the burst");
    let told = Told::count(&mut peers);
    report.figure(format!("{PEERS} peers: {told}"));
    report.check(told.admitted > 0, || format!("nobody of a burst was admitted: {told}"));
    report.check(told.nothing == 0 && told.other == 0, || format!("peers wait for nothing: {told}"));
    scene.exhausted(&mut report);
    drop(peers);
    scene.released(&mut report, terms);
    report
}
