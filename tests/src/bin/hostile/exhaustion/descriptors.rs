//! A server that may have few file descriptors, and peers who take them all: it tells as many as it can that it is busy,
//! serves who is signed in, does not spin, and takes newcomers again as soon as descriptors are free.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use rpc_core::Status;
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer};

use crate::{arguments::Terms, report::Report, victim};

/// As the shell's `ulimit` takes it.
const DESCRIPTORS: &str = "-n 64";
const PEERS: usize = 200;
/// A peer that is told nothing for so long is told nothing. Shorter than the 5 s after which a silent one is cut, since the
/// server must not look as if it answered when it only gave up.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
/// Of one second; a thread that spins takes the whole of it.
const SPINS: Duration = Duration::from_millis(500);
/// What the issue allows once descriptors are free; elsewhere only a guard.
const SERVES_AGAIN_WITHIN: Duration = Duration::from_secs(1);
const GUARD: Duration = Duration::from_secs(60);

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    let server = RunningServer::start_short_of(&[DESCRIPTORS], &[]);
    let mut honest = RawPeer::greeted(server.address());
    let session = honest.login(ADMINISTRATOR, PASSWORD);
    let mut serves = |report: &mut Report, when: &str| {
        let reply = honest.call(0x41, 3, Some(&session), &[]);
        report.check(Status(reply.status) == Status::OK, || format!("{when}: a signed-in client got {reply:?}"));
    };
    serves(&mut report, "calm");

    let mut peers: Vec<_> =
        (0..PEERS).map(|_| TcpStream::connect(server.address()).expect("a place in the backlog")).collect();
    let (mut admitted, mut busy, mut closed, mut silent) = (0, 0, 0, 0);
    for peer in &mut peers {
        match answer(peer) {
            Answer::Told(Status::OK) => admitted += 1,
            Answer::Told(Status::BUSY) => busy += 1,
            Answer::Told(other) => report.check(false, || format!("a newcomer was told {other:?}")),
            Answer::Closed => closed += 1,
            Answer::Nothing => silent += 1,
        }
    }
    report.figure(format!(
        "{PEERS} peers: {admitted} admitted, {busy} told busy, {closed} closed, {silent} left waiting"
    ));
    report.check(busy > 0, || "nobody was told that the server is busy".to_owned());
    report.check(admitted + busy + closed + silent == PEERS, || "peers are missing".to_owned());
    report.check(admitted < 64, || format!("{admitted} peers in a server of 64 descriptors"));
    serves(&mut report, "exhausted");
    let cpu = victim::cpu_in_a_second(server.pid());
    report.figure(format!("processor time in a second of exhaustion: {cpu:?}"));
    report.check(cpu < SPINS, || format!("it spins: {cpu:?} of processor time in a second"));

    drop(peers);
    let began = Instant::now();
    let again = serves_again(server.address());
    report.figure(format!("serves again {again:?} after the descriptors are free"));
    let within = if terms.long { SERVES_AGAIN_WITHIN } else { GUARD };
    report.check(again.is_some_and(|after| after <= within), || {
        format!("a newcomer was not served within {:?}", began.elapsed())
    });
    serves(&mut report, "afterwards");
    report.memory(victim::peak_bytes(server.pid()));
    report.look_for_panics(&server.log());
    report
}

enum Answer {
    Told(Status),
    Closed,
    Nothing,
}

/// Says hello and reads what the server says to it.
fn answer(peer: &mut TcpStream) -> Answer {
    peer.set_read_timeout(Some(TOLD_WITHIN)).expect("a socket takes a deadline");
    // Whoever was refused before can't be told any more: what counts is what was said.
    drop(peer.write_all(&RawPeer::hello()));
    let mut header = [0; 16];
    match peer.read_exact(&mut header) {
        Ok(()) => Answer::Told(Status(u16::from_le_bytes([header[14], header[15]]))),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
            Answer::Nothing
        }
        Err(_) => Answer::Closed,
    }
}

/// When a newcomer is served, from now on.
fn serves_again(address: &str) -> Option<Duration> {
    let began = Instant::now();
    while began.elapsed() < GUARD {
        let mut peer = TcpStream::connect(address).ok()?;
        if matches!(answer(&mut peer), Answer::Told(Status::OK)) {
            return Some(began.elapsed());
        }
    }
    None
}
