//! All places held by clients that have signed in, from several addresses: the next one is told that the server is busy, and
//! what a silent client costs is measured.

use rpc_core::Status;
use tests::{Shortage, footprint};

use super::Scene;
use crate::{
    arguments::Terms,
    crowd::{self, Answer, answer},
    report::Report,
};

/// What a server takes by default.
const CONNECTIONS: usize = 4_096;
/// The most that it can be told to take.
const CONNECTIONS_HARD: usize = 8_000;
/// What these may take of memory when they are silent.
const IDLE_BYTES_MAX: u64 = 200 << 20;

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    hold(&mut report, terms, CONNECTIONS, &[]);
    if terms.long {
        hold(&mut report, terms, CONNECTIONS_HARD, &["--limit", "connections_max=8000"]);
    }
    report
}

fn hold(report: &mut Report, terms: &Terms, connections: usize, arguments: &[&str]) {
    if !crowd::may_have(connections) {
        return report.skip(&format!("{connections} connections are more than the file descriptors of a process here"));
    }
    let mut scene = Scene::open(Shortage::None, arguments);
    scene.serves(report, "calm");
    // One place is the witness's.
    let (address, session) = (scene.server.address(), scene.session);
    let sign_in = |number| crowd::sign_in(crowd::connect(number, address).expect("a place in the backlog"), &session);
    let mut peers: Vec<_> = (1..connections).map(sign_in).collect();
    let mut newcomer = crowd::connect(connections, address).expect("a place in the backlog");
    let told = answer(&mut newcomer);
    report.check(told == Answer::Told(Status::BUSY), || format!("one too many was told {told:?}"));
    scene.exhausted(report);
    let resident = footprint::resident_bytes(scene.server.pid());
    report.figure(format!("{connections} silent connections: {} MiB resident", resident >> 20));
    if terms.long && connections == CONNECTIONS_HARD {
        report.check(resident <= IDLE_BYTES_MAX, || format!("{resident} bytes for silent connections"));
    }
    let mut serves = |number: usize| {
        let reply = peers[number].call(crowd::ACCOUNTS, crowd::WHOAMI, Some(&session), &[]);
        report.check(Status(reply.status) == Status::OK, || format!("connection {number} was forgotten: {reply:?}"));
    };
    [0, connections / 2, connections - 2].into_iter().for_each(&mut serves);
    drop(peers);
    scene.released(report, terms);
}
