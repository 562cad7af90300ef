//! More peers than threads: whoever gets none is told that the server is busy, and so is a login that needs one of the pool.

use rpc_core::Status;
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, Shortage};

use super::Scene;
use crate::{
    arguments::Terms,
    crowd::{self, Told},
    report::Report,
};

/// A server that nobody talks to has a dozen.
const THREADS: u32 = 48;
const PEERS: usize = 200;

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    let shortage = Shortage::Threads(THREADS);
    if !shortage.can_be_had() {
        report.skip("the threads of a process can only be limited by root, as another user");
        return report;
    }
    let mut scene = Scene::open(shortage, &[]);
    scene.serves(&mut report, "calm");
    let connect = |number| crowd::connect(number, scene.server.address()).expect("a place in the backlog");
    let mut peers: Vec<_> = (0..PEERS).map(connect).collect();
    let told = Told::count(&mut peers);
    report.figure(format!("{PEERS} peers, {THREADS} threads: {told}"));
    let admitted_max = usize::try_from(THREADS).expect("a small number");
    report.check(told.admitted < admitted_max, || format!("more peers than threads: {told}"));
    report.check(told.busy + told.admitted == PEERS, || format!("somebody was not told that it is busy: {told}"));
    scene.exhausted(&mut report);
    let login = [RawPeer::text(1, ADMINISTRATOR), RawPeer::text(2, PASSWORD)].concat();
    let reply = scene.witness.call(crowd::ACCOUNTS, crowd::LOGIN, None, &login);
    report.check(Status(reply.status) == Status::OK, || format!("the pool lost the thread it had: {reply:?}"));
    drop(peers);
    scene.released(&mut report, terms);
    report
}
