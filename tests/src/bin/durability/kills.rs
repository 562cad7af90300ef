//! The server is killed without warning at random moments, starts again on what it left, and its clients go on: each mark
//! that was acknowledged is there once.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use grades_api::GradesClient;
use grades_client::Connection;
use rpc_core::{CallOptions, Channel};
use tests::{Random, RunningServer, Verdict};

use crate::{
    gate::Gate,
    load::{self, Added, Attempts, Doubt, Place, Work, listed, pairs},
    local,
    suite::{Control, Findings, Row, Run},
};

/// Clients that write at the same time: a kill meets several changes under way.
const CLIENTS: usize = 8;

/// So that no student's marks outgrow a reply in the long form.
const STUDENTS: usize = 200;

/// Kills of the short form and of the long one.
const KILLS: (u64, u64) = (20, 1_000);

/// Acknowledged changes from one kill to the next: on average a hundred, so that the long form has a hundred thousand.
const BETWEEN_KILLS: (u64, u64) = (30, 180);

/// The moment of a kill after the last of them: a change takes less than a millisecond, so all of its parts are met.
const MOMENT_MICROS_MAX: u64 = 2_000;

/// One kill in so many comes while the server starts again, in the middle of its recovery.
const KILLED_AGAIN_ONE_IN: u64 = 8;

/// A server starts within some tens of milliseconds: a kill within them meets it at any of its steps.
const START_MICROS_MAX: u64 = 40_000;

/// No client has been acknowledged anything for so long: the service is not coming back.
const HANG_GUARD: Duration = Duration::from_secs(60);

/// Kills that a control may take to show what it must; it mostly needs one or two.
const CONTROL_KILLS_MAX: u64 = 100;

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let kills = if long { KILLS.1 } else { KILLS.0 };
    let mut row = Row::new("server killed (kill -9)");
    let mut scene = Scene::start(Doubt::SameKey);
    for _ in 0..kills {
        row.kills += scene.kill(&mut random);
    }
    row.back = scene.back.iter().max().copied();
    let median = median(&mut scene.back);
    let (work, verdict, replayed) = scene.finish(&mut random);
    row.acknowledged = work.ledger.acknowledged() as u64;
    row.add(verdict);
    row.faults.extend(replayed);
    row.notes.push(format!("back to service: median {:.3} s", median.as_secs_f64()));
    let controls = vec![
        control("kills: a new key for each attempt", Doubt::NewKey, &mut random, |verdict| verdict.doubled),
        control("kills: acknowledged before the commit", Doubt::TakenForDone, &mut random, |verdict| verdict.lost),
    ];
    Findings { rows: vec![row], controls }
}

/// Kills until what must go wrong has gone wrong.
fn control(name: &'static str, doubt: Doubt, random: &mut Random, count: impl Fn(&Verdict) -> u64) -> Control {
    let (mut kills, mut found) = (0, 0);
    while found == 0 && kills < CONTROL_KILLS_MAX {
        let mut scene = Scene::start(doubt);
        kills += (0..10).map(|_| scene.kill(random)).sum::<u64>();
        found = count(&scene.finish(random).1);
    }
    let what = if doubt == Doubt::NewKey { "doubled" } else { "lost" };
    Control { name, seen: format!("{found} {what} after {kills} kills"), failed: found > 0 }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A server and the clients that write to it.
struct Scene {
    server: RunningServer,
    place: Place,
    gate: Arc<Gate>,
    clients: Vec<thread::JoinHandle<Work>>,
    acknowledged: mpsc::Receiver<Instant>,
    /// From each kill to the first change that was acknowledged after it.
    back: Vec<Duration>,
}

impl Scene {
    fn start(doubt: Doubt) -> Self {
        let server = RunningServer::start();
        let session = local::fill(&Connection::open(server.address()).unwrap(), STUDENTS);
        let addresses = server.address().to_owned();
        let place = Place { addresses, session, students: STUDENTS, doubt };
        let gate = Arc::new(Gate::default());
        let (sender, acknowledged) = mpsc::channel();
        let clients = (0..CLIENTS).map(|number| load::start(&place, number, &gate, &sender)).collect();
        Self { server, place, gate, clients, acknowledged, back: Vec::new() }
    }

    /// Kills the server at a random moment and starts it again: how many kills that took.
    fn kill(&mut self, random: &mut Random) -> u64 {
        let (least, most) = BETWEEN_KILLS;
        for _ in 0..least + random.below(most - least) {
            self.acknowledged.recv_timeout(HANG_GUARD).expect("the clients go on");
        }
        pause(random, MOMENT_MICROS_MAX);
        let killed = Instant::now();
        self.server.kill();
        let mut kills = 1;
        while random.one_in(KILLED_AGAIN_ONE_IN) {
            self.server.start_again_without_waiting();
            pause(random, START_MICROS_MAX);
            self.server.kill();
            kills += 1;
        }
        // What was acknowledged before the kill is no sign of life.
        while self.acknowledged.try_recv().is_ok() {}
        self.server.start_again();
        self.gate.open();
        let first = std::iter::repeat_with(|| self.acknowledged.recv_timeout(HANG_GUARD).expect("the clients go on"));
        let back = first.map(|at| at.saturating_duration_since(killed)).find(|back| !back.is_zero());
        self.back.extend(back);
        kills
    }

    /// Lets the clients finish what they are at, and judges: what they have done, what is wrong, and what is wrong with
    /// the answers that are given again.
    fn finish(self, random: &mut Random) -> (Work, Verdict, Vec<String>) {
        self.gate.end();
        let mut work = Work::default();
        for client in self.clients {
            let Work { ledger, added } = client.join().unwrap();
            work.ledger.absorb(ledger);
            work.added.extend(added);
        }
        let channel = Channel::connect(&self.place.addresses).unwrap();
        let replayed = replay(&channel, &self.place, &work.added, random);
        let credential = CallOptions::new().credential(self.place.session.expose());
        let there = listed(&GradesClient::new(channel).with(credential)).unwrap();
        let verdict = work.ledger.judge(pairs(&there));
        (work, verdict, replayed)
    }
}

/// Asks again for some of the marks that were acknowledged long ago: what differs from the first answer.
fn replay(channel: &Channel, place: &Place, added: &[Added], random: &mut Random) -> Vec<String> {
    let some = (0..REPLAYED).map(|_| &added[random.below(added.len() as u64) as usize]);
    let again = some.map(|mark| (mark, load::add(channel, place, mark, Attempts::Many)));
    again.filter(|(mark, again)| *again != Ok(mark.id)).map(|(mark, again)| format!("{mark:?}: {again:?}")).collect()
}

/// Answers asked for again at the end.
const REPLAYED: usize = 500;

/// A random pause. Why a pause: it is the moment of the kill that is random, and nothing is waited for.
fn pause(random: &mut Random, micros_max: u64) {
    thread::sleep(Duration::from_micros(random.below(micros_max)));
}
