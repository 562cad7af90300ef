//! Several servers on one PostgreSQL database are one service: what one of them ends has ended on all, what one of them did
//! is not done again by another, and a client with all their addresses does not miss one that is gone.

use std::{
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use grades_api::{
    Accounts, AccountsError, Grades, GradesError,
    model::{Coefficient, Mark, NewAccount, Password, Role},
};
use grades_client::{Connection, Session};
use grades_server::{Config, GradesServer, PasswordCost, StoreAddress, SystemClock, init};
use rpc_core::{CallOptions, Channel, Error, Status};
use tests::{
    ADMINISTRATOR, Cli, Database, PASSWORD, RawFrame,
    proxy::{Direction, Fault, How, Proxy},
};

/// Two servers on one database. They are declared first: they stop before it goes.
struct Nodes {
    servers: Vec<GradesServer>,
    database: Database,
}

impl Nodes {
    /// `None` where PostgreSQL is not installed.
    fn start() -> Option<Self> {
        let database = Database::new()?;
        let address: StoreAddress = database.url().parse().unwrap();
        init(address, ADMINISTRATOR, &password(), PasswordCost::FOR_TESTS, &SystemClock).unwrap();
        let mut nodes = Self { servers: Vec::new(), database };
        nodes.start_one();
        nodes.start_one();
        Some(nodes)
    }

    fn start_one(&mut self) {
        let store: StoreAddress = self.database.url().parse().unwrap();
        let mut config = Config::new(store);
        config.listen.set_port(0);
        config.password_cost = PasswordCost::FOR_TESTS;
        self.servers.push(GradesServer::start(config).unwrap());
    }

    fn address(&self, node: usize) -> String {
        self.servers[node].address().to_string()
    }

    /// All addresses, as a client is told them.
    fn addresses(&self) -> String {
        format!("{},{}", self.address(0), self.address(1))
    }

    /// Adds an hour to every wait that was charged. The second that a first failure costs may pass in a test on a busy machine.
    fn prolong_waits(&self) {
        for table in ["account", "stranger"] {
            let longer = "next_allowed_ms = next_allowed_ms + 3600000 WHERE next_allowed_ms > 0";
            self.database.sql(&format!("UPDATE {table} SET {longer}"));
        }
    }

    fn connection(&self, node: usize) -> Connection {
        Connection::open(&self.address(node)).unwrap()
    }

    /// The administrator, signed in at the first node, with a promotion of one student.
    fn school(&self) -> Session {
        let administrator = self.connection(0).login(ADMINISTRATOR, &password()).unwrap();
        administrator.grades.create_promotion("L3").unwrap();
        administrator.grades.add_student("L3", "17", "Grace Hopper").unwrap();
        administrator
    }
}

fn password() -> Password {
    Password::new(PASSWORD)
}

fn mark() -> (Mark, Coefficient) {
    ("12.5".parse().unwrap(), "1".parse().unwrap())
}

/// The labels of all marks of the only student, sorted.
fn labels(session: &Session) -> Vec<String> {
    let mut labels: Vec<String> =
        session.grades.student("L3", "17").unwrap().marks.into_iter().map(|mark| mark.label).collect();
    labels.sort();
    labels
}

#[test]
fn a_session_is_good_on_every_node_and_its_end_holds_on_every_node_at_the_next_call() {
    let Some(nodes) = Nodes::start() else { return };
    let administrator = nodes.school();
    let teacher = NewAccount { name: "tess".to_owned(), role: Role::Teacher, promotions: vec![], student: None };
    administrator.accounts.create_account(&teacher, &password()).unwrap();
    type End = fn(&Session, &Session) -> rpc_core::Result<(), AccountsError>;
    let ends: [End; 4] = [
        |_, own| own.accounts.logout(),
        |administrator, _| administrator.accounts.reset_password("tess", &password()),
        |administrator, _| administrator.accounts.set_role("tess", Role::Student),
        |administrator, _| administrator.accounts.set_disabled("tess", true),
    ];
    for (number, end) in ends.into_iter().enumerate() {
        let here = nodes.connection(0).login("tess", &password()).unwrap();
        let there = nodes.connection(1).resume(here.id());
        assert_eq!(there.accounts.whoami().unwrap().name, "tess");
        end(&administrator, &here).unwrap();
        let at_once = there.accounts.whoami();
        let refused = |error: &_| matches!(error, Error::Refused(refusal) if refusal.status == Status::UNAUTHENTICATED);
        assert!(at_once.as_ref().is_err_and(refused), "end {number} does not hold on the other node: {at_once:?}");
    }
}

#[test]
fn a_request_that_one_node_has_answered_another_answers_from_the_store() {
    let Some(nodes) = Nodes::start() else { return };
    let here = nodes.school();
    let there = nodes.connection(1).resume(here.id());
    let key = Channel::connect(&nodes.address(0)).unwrap().request_key().unwrap();
    let options = CallOptions::new().credential(here.id().expose()).key(key);
    let add = |session: &Session, label: &str| {
        let (mark, coefficient) = mark();
        session.grades.with(options.clone()).add_mark("L3", "17", mark, coefficient, label)
    };
    let first = add(&here, "oral").unwrap();
    assert_eq!(add(&there, "oral").unwrap(), first);
    assert_eq!(labels(&there), ["oral"]);
    let other = add(&there, "another").unwrap_err();
    assert!(matches!(other, Error::Refused(refusal) if refusal.status == Status::KEY_MISMATCH), "{other:?}");
}

#[test]
fn a_call_that_goes_on_to_another_node_is_the_same_bytes_but_for_its_call_id_and_what_is_left_of_its_time() {
    let Some(nodes) = Nodes::start() else { return };
    let id = nodes.school().id();
    let relays = [0, 1].map(|node: usize| Proxy::start(nodes.servers[node].address(), |_| {}));
    let through = |list: &[&Proxy]| {
        let addresses: Vec<String> = list.iter().map(|relay| relay.address().to_string()).collect();
        Connection::open(&addresses.join(",")).unwrap().resume(id)
    };
    let (mark, coefficient) = mark();
    let add = |session: &Session| {
        // A deadline that nobody names would stand in the second attempt only.
        let grades = session.grades.with(CallOptions::new().deadline(Duration::from_secs(10)));
        grades.add_mark("L3", "17", mark, coefficient, "oral").unwrap()
    };
    add(&through(&[&relays[0]]));
    let of_another_call = last_request(&relays[0]);
    // The last byte of the reply is lost: the mark is there, and its client does not know.
    let at = relays[0].passed().1 - 1;
    relays[0].befall(Fault { direction: Direction::Reply, at, how: How::Reset, ..Fault::NONE });
    add(&through(&[&relays[0], &relays[1]]));
    let [first, second] = [0, 1].map(|relay: usize| last_request(&relays[relay]));
    let metadata = HEADER.end + 2; // behind their length
    let (call_id, time_left) = (CALL_ID, metadata + 1..metadata + 5);
    assert_eq!([first[metadata], second[metadata]], [DEADLINE_TAG; 2]);
    let left = |request: &[u8]| u32::from_le_bytes(request[time_left.clone()].try_into().unwrap());
    assert!(left(&second) <= left(&first), "the second attempt may take longer than what was left of the first");
    let rest = |mut request: Vec<u8>| {
        request[call_id.clone()].fill(0);
        request[time_left.clone()].fill(0);
        request
    };
    assert_eq!(rest(first.clone()), rest(second));
    assert_ne!(rest(first), rest(of_another_call), "another call has another key, so what is compared can differ");
    assert_eq!(labels(&nodes.connection(0).resume(id)), ["oral", "oral"]);
}

/// A header, and the call's number in it (protocol.md §2.1).
const HEADER: Range<usize> = 0..16;
const CALL_ID: Range<usize> = 4..8;

/// The first of the metadata: field 1, four bytes (protocol.md §2.3).
const DEADLINE_TAG: u8 = 1 << 3 | 1;

/// The request of the last connection, which has come behind the client's hello.
fn last_request(relay: &Proxy) -> Vec<u8> {
    let mut frames = RawFrame::all_of(&relay.requests());
    assert_eq!(frames.iter().map(|frame| frame.kind).collect::<Vec<_>>(), [1, 2], "a hello and a request");
    frames.remove(1).bytes
}

#[test]
fn what_a_guess_costs_is_charged_on_every_node() {
    let Some(nodes) = Nodes::start() else { return };
    let guess = |node| nodes.connection(node).login(ADMINISTRATOR, &Password::new("not the password at all"));
    assert_eq!(guess(0).unwrap_err(), Error::App(AccountsError::BadCredentials));
    nodes.prolong_waits();
    assert_eq!(guess(1).unwrap_err(), Error::App(AccountsError::TryLater));
    let stranger = |node| nodes.connection(node).login("nobody", &password());
    assert_eq!(stranger(1).unwrap_err(), Error::App(AccountsError::BadCredentials));
    nodes.prolong_waits();
    assert_eq!(stranger(0).unwrap_err(), Error::App(AccountsError::TryLater));
}

#[test]
fn clients_with_both_addresses_go_on_when_a_node_is_gone_and_when_connections_to_the_database_are_cut() {
    let Some(mut nodes) = Nodes::start() else { return };
    let administrator = nodes.school();
    let addresses = nodes.addresses();
    let (progress, done) = std::sync::mpsc::channel();
    let acknowledged: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let session = Connection::open(&addresses).unwrap().resume(administrator.id());
                let progress = progress.clone();
                scope.spawn(move || {
                    let (mark, coefficient) = mark();
                    let add = |n| {
                        let label = format!("{client}-{n:02}");
                        session.grades.add_mark("L3", "17", mark, coefficient, &label).unwrap();
                        session.grades.student_average("L3", "17").unwrap();
                        progress.send(()).unwrap();
                        label
                    };
                    (0..25).map(add).collect::<Vec<_>>()
                })
            })
            .collect();
        for _ in 0..20 {
            done.recv_timeout(Duration::from_secs(30)).unwrap();
        }
        drop(nodes.servers.remove(0)); // in the middle of calls: nobody says goodbye
        for _ in 0..20 {
            done.recv_timeout(Duration::from_secs(30)).unwrap();
        }
        nodes.database.cut_connections();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert_eq!(acknowledged.len(), 100);
    let session = nodes.connection(0).resume(administrator.id());
    assert_eq!(labels(&session), acknowledged, "each is there, and none twice");
}

#[test]
fn of_320_marks_that_16_clients_add_at_two_nodes_at_once_each_is_there_and_none_twice() {
    let Some(nodes) = Nodes::start() else { return };
    let administrator = nodes.school();
    let began = Instant::now();
    let mut acknowledged: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..16)
            .map(|client| {
                let session = nodes.connection(client % 2).resume(administrator.id());
                scope.spawn(move || {
                    let (mark, coefficient) = mark();
                    let add = |n| {
                        let label = format!("{client:02}-{n:02}");
                        session.grades.add_mark("L3", "17", mark, coefficient, &label).unwrap();
                        label
                    };
                    (0..20).map(add).collect::<Vec<_>>()
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    eprintln!("{} marks in {:?}", acknowledged.len(), began.elapsed());
    acknowledged.sort();
    assert_eq!(labels(&administrator), acknowledged);
}

#[test]
fn a_text_that_the_database_has_no_place_for_is_answered_like_any_other() {
    let Some(nodes) = Nodes::start() else { return };
    let administrator = nodes.school();
    let login = nodes.connection(0).login("a\0", &password());
    assert!(matches!(login, Err(Error::App(AccountsError::BadCredentials))), "{login:?}");
    nodes.prolong_waits();
    let again = nodes.connection(1).login("a\0", &password());
    assert!(matches!(again, Err(Error::App(AccountsError::TryLater))), "it was not charged: {again:?}");
    let (grades, accounts) = (&administrator.grades, &administrator.accounts);
    assert_eq!(grades.promotion_average("L3\0"), Err(Error::App(GradesError::NotFound)));
    assert_eq!(grades.remove_student("L3", "17\0"), Err(Error::App(GradesError::NotFound)));
    assert_eq!(accounts.set_disabled("a\0", true), Err(Error::App(AccountsError::NotFound)));
    assert_eq!(grades.students("L3", Some("\0"), 10).unwrap().len(), 1);
}

#[test]
fn the_command_line_takes_several_addresses_and_keeps_its_session_when_one_is_gone() {
    let Some(mut nodes) = Nodes::start() else { return };
    nodes.school();
    let scratch = tempfile::tempdir().unwrap();
    let cli = Cli::new(nodes.addresses(), scratch.path().join("session"));
    cli.login(ADMINISTRATOR, PASSWORD).ok();
    for gone in [0, 0] {
        cli.run(["mark", "add", "L3", "17", "14"]).ok();
        assert!(cli.run(["average", "L3", "17"]).ok().contains("14.00"));
        if nodes.servers.len() > 1 {
            drop(nodes.servers.remove(gone));
        }
    }
}
