//! A server that has run out of something: what it must do whatever that is. Who has signed in is served on, no thread spins,
//! newcomers are told as far as they can be, and it serves again once there is something.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use rpc_core::Status;
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer, Shortage, footprint};

use crate::{
    arguments::Terms,
    crowd::{ACCOUNTS, Answer, WHOAMI, answer},
    report::Report,
};

pub(crate) mod burst;
pub(crate) mod descriptors;
pub(crate) mod held;
pub(crate) mod threads;

/// Of one second; a thread that spins takes the whole of it.
const SPINS: Duration = Duration::from_millis(500);
/// What is promised once there is something again; without `--long` it is only guarded.
const SERVES_AGAIN_WITHIN: Duration = Duration::from_secs(1);
const GUARD: Duration = Duration::from_secs(60);

/// A server, and a client of it that has signed in while all was well.
struct Scene {
    server: RunningServer,
    witness: RawPeer,
    session: [u8; 32],
}

impl Scene {
    fn open(shortage: Shortage, arguments: &[&str]) -> Self {
        let server = RunningServer::start_short_of(shortage, arguments);
        let mut witness = RawPeer::greeted(server.address());
        let session = witness.login(ADMINISTRATOR, PASSWORD);
        Self { server, witness, session }
    }

    /// Who has signed in is served.
    fn serves(&mut self, report: &mut Report, when: &str) {
        let reply = self.witness.call(ACCOUNTS, WHOAMI, Some(&self.session), &[]);
        report.check(Status(reply.status) == Status::OK, || format!("{when}: a signed-in client got {reply:?}"));
    }

    /// What holds for as long as it lasts.
    fn exhausted(&mut self, report: &mut Report) {
        self.serves(report, "exhausted");
        let cpu = footprint::cpu_in_a_second(self.server.pid());
        report.figure(format!("processor time in a second of exhaustion: {cpu:?}"));
        report.check(cpu < SPINS, || format!("it spins: {cpu:?} of processor time in a second"));
    }

    /// What holds from now on, where what had run out has just been given back.
    fn released(mut self, report: &mut Report, terms: &Terms) {
        let began = Instant::now();
        let within = if terms.long { SERVES_AGAIN_WITHIN } else { GUARD };
        let again = loop {
            let mut newcomer = TcpStream::connect(self.server.address()).expect("the server listens");
            if answer(&mut newcomer) == Answer::Told(Status::OK) || began.elapsed() > GUARD {
                break began.elapsed();
            }
        };
        report.figure(format!("serves a newcomer {again:?} after the release"));
        report.check(again <= within, || format!("a newcomer was served after {again:?}"));
        self.serves(report, "released");
        report.memory(footprint::peak_bytes(self.server.pid()));
        report.look_for_panics(&self.server.log());
    }
}
