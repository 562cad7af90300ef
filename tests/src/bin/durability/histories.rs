//! Histories: concurrent clients add, correct and read marks while the server is killed or their connections break, on a directory
//! and on a database that three servers share; what each student's clients saw must be one story, in which every call took
//! effect at one moment between its beginning and its end.

mod book;
mod clients;
mod nodes;
mod remote;

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use grades_api::model::SessionId;
use grades_client::Connection;
use rpc_core::{
    CallOptions, Channel,
    transport::{Deadline, Direction, FaultTransport, TcpTransport, Waiting},
};
use tests::{Random, RunningServer, is_linearizable};

use crate::{
    gate::Gate,
    local::{self, Beginning},
    suite::{Control, Findings, Row, Run},
};
use book::{Book, Flaw, Marks};
use clients::{Crowd, History};
use remote::{Remote, Way};

/// Clients that ask of one student at the same time.
const CLIENTS: usize = 6;

/// Calls of each client: with those of the others some seventy to be brought into one order.
const CALLS: usize = 12;

/// Students, each with a history, in the short form and in the long one.
const STUDENTS: (usize, usize) = (20, 200);

/// A server lives so long between kills: some histories' time.
const LIFE_MS: (u64, u64) = (20, 150);

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let students = if long { STUDENTS.1 } else { STUDENTS.0 };
    let killed = under_kills(students, true, &mut random);
    let broken = over_broken_connections(students, &mut random);
    let mut controls = vec![Control {
        name: "histories: a new key for each attempt",
        failed: (0..CONTROL_RUNS_MAX).any(|_| !under_kills(STUDENTS.0, false, &mut random).faults.is_empty()),
        seen: "marks added twice under kills".to_owned(),
    }];
    controls.extend(Flaw::ALL.map(|flaw| control(flaw, &mut random)));
    let mut rows = vec![killed, broken];
    if let Some((row, more)) = nodes::run(long, &mut random) {
        rows.push(row);
        controls.extend(more);
    }
    let sound = Row { name: "histories of a sound book in memory", ..judge(&in_memory(Flaw::None, &mut random)) };
    rows.push(sound);
    Findings { rows, controls }
}

/// Runs of the control without keys: a kill has to meet a change between its commit and its reply.
const CONTROL_RUNS_MAX: usize = 20;

/// What is wrong with histories, and how many calls they hold.
fn judge(histories: &[History]) -> Row {
    let mut row = Row { histories: histories.len() as u64, ..Row::default() };
    for (student, history) in histories.iter().enumerate() {
        row.acknowledged += history.iter().filter(|seen| seen.ended.is_some()).count() as u64;
        if !is_linearizable::<Marks>(history) {
            row.faults.push(format!("the calls of student {student} are no one story: {history:?}"));
        }
    }
    let unknown = histories.iter().flatten().filter(|seen| seen.ended.is_none()).count();
    row.notes.push(format!("{unknown} calls whose outcome their client never knew"));
    row
}

fn under_kills(students: usize, keeps_its_key: bool, random: &mut Random) -> Row {
    let mut server = RunningServer::start();
    let session = local::fill(&Connection::open(server.address()).unwrap(), students);
    let gate = Arc::new(Gate::default());
    let options =
        if keeps_its_key { CallOptions::new() } else { CallOptions::new().deadline(crate::load::ONE_ATTEMPT) };
    let remotes = (0..CLIENTS).map(|_| {
        let channel = Channel::connect(server.address()).unwrap();
        let way = Killed { channel, gate: Arc::clone(&gate), starts: 0 };
        remote(way, session, options.clone(), keeps_its_key, random)
    });
    let remotes: Vec<_> = remotes.collect();
    let crowd = Crowd::start(remotes, students, CALLS, random);
    let (mut kills, mut back) = (0, Duration::ZERO);
    while !crowd.is_done() {
        // Why a pause: the moment of the kill is what is random.
        thread::sleep(Duration::from_millis(LIFE_MS.0 + random.below(LIFE_MS.1 - LIFE_MS.0)));
        let killed = Instant::now();
        server.kill();
        server.start_again();
        gate.open();
        back = back.max(killed.elapsed());
        kills += 1;
    }
    Row { name: "histories under kills", kills, back: Some(back), ..judge(&crowd.finish()) }
}

fn over_broken_connections(students: usize, random: &mut Random) -> Row {
    let beginning = Beginning::new(students);
    let scratch = tempfile::tempdir().unwrap();
    let directory: PathBuf = scratch.path().join("store");
    local::put(&beginning.files, &directory);
    let server = local::serve(directory.as_path()).unwrap();
    let remotes = (0..CLIENTS).map(|_| {
        let way = Broken { address: server.address(), random: random.fork(), current: None };
        remote(way, beginning.session, CallOptions::new().deadline(SOON), true, random)
    });
    let remotes: Vec<_> = remotes.collect();
    let crowd = Crowd::start(remotes, students, CALLS, random);
    Row { name: "histories over broken connections", ..judge(&crowd.finish()) }
}

/// A connection that swallows bytes is noticed by nothing but a deadline; a call takes a millisecond.
const SOON: Duration = Duration::from_millis(150);

fn remote<W: Way>(
    way: W,
    session: SessionId,
    options: CallOptions,
    keeps_its_key: bool,
    random: &mut Random,
) -> Remote<W> {
    Remote { way, session, options, keeps_its_key, random: random.fork(), ids: HashMap::new() }
}

/// To a server that is killed and comes back: one channel, which connects again by itself.
struct Killed {
    channel: Channel,
    gate: Arc<Gate>,
    /// How often the server had come up when the attempt began.
    starts: u64,
}

impl Way for Killed {
    fn channel(&mut self) -> Channel {
        self.starts = self.gate.starts();
        self.channel.clone()
    }

    fn failed(&mut self) {
        self.gate.wait(self.starts);
    }
}

/// To a server that goes on, over connections each of which breaks somewhere.
struct Broken {
    address: SocketAddr,
    random: Random,
    current: Option<Channel>,
}

/// A connection breaks within so many bytes: some calls' worth.
const BYTES_MAX: u64 = 4_000;

/// Pieces of bytes that are held up for so long come in another order than they were sent on other connections.
const DELAY_MAX: Duration = Duration::from_micros(300);

impl Way for Broken {
    fn channel(&mut self) -> Channel {
        let Self { address, random, current } = self;
        let connect = || TcpTransport::connect(*address, Deadline::NEVER, Waiting::Block).unwrap();
        current.get_or_insert_with(|| Channel::over(breaking(connect(), random))).clone()
    }

    fn failed(&mut self) {
        self.current = None;
    }
}

fn breaking(tcp: TcpTransport, random: &mut Random) -> FaultTransport {
    let direction = if random.one_in(2) { Direction::Read } else { Direction::Write };
    let faulty = FaultTransport::new(tcp, random.next()).split(direction).delay(direction, DELAY_MAX);
    let at = random.below(BYTES_MAX);
    match random.below(8) {
        0 => faulty.drop_at(direction, at), // seldom: each costs its caller a deadline
        1..4 => faulty.truncate_at(direction, at),
        _ => faulty.reset_at(direction, at),
    }
}

fn in_memory(flaw: Flaw, random: &mut Random) -> Vec<History> {
    let book = Book::new(STUDENTS.0, flaw);
    let books = (0..CLIENTS).map(|_| book.shared(random.fork())).collect();
    Crowd::start(books, STUDENTS.0, CALLS, random).finish()
}

fn control(flaw: Flaw, random: &mut Random) -> Control {
    let row = judge(&in_memory(flaw, random));
    Control {
        name: match flaw {
            Flaw::None => "histories: a book without a flaw",
            Flaw::Forgets => "histories: a book that forgets",
            Flaw::Doubles => "histories: a book that adds twice",
            Flaw::ReadsLate => "histories: a book that reads late",
            Flaw::LosesCorrections => "histories: a book that loses corrections",
        },
        seen: format!("{} of {} histories are no one story", row.faults.len(), row.histories),
        failed: !row.faults.is_empty(),
    }
}
