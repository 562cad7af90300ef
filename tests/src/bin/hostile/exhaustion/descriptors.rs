//! 200 peers and 64 file descriptors: as many as possible are told that the server is busy.

use tests::Shortage;

use super::Scene;
use crate::{
    arguments::Terms,
    crowd::{self, Told},
    report::Report,
};

const DESCRIPTORS: u32 = 64;
const PEERS: usize = 200;

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    let mut scene = Scene::open(Shortage::Descriptors(DESCRIPTORS), &[]);
    scene.serves(&mut report, "calm");
    let connect = |number| crowd::connect(number, scene.server.address()).expect("a place in the backlog");
    let mut peers: Vec<_> = (0..PEERS).map(connect).collect();
    let told = Told::count(&mut peers);
    report.figure(format!("{PEERS} peers: {told}"));
    report.check(told.busy > 0 && told.other == 0, || format!("nobody was told that the server is busy: {told}"));
    report.check(told.nothing == 0, || format!("peers wait for nothing: {told}"));
    scene.exhausted(&mut report);
    drop(peers);
    scene.released(&mut report, terms);
    report
}
