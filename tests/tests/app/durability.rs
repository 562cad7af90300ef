//! Acknowledged means durable, and once: many client processes add marks at the same time, with and without the server
//! being killed under them, and afterwards each acknowledged mark is there, and none twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use grades_api::{
    Grades,
    model::{MarkId, Password},
};
use grades_client::{Connection, Session};
use tests::{ADMINISTRATOR, PASSWORD, RunningServer};

/// How long one line of a client may take: a kill, a restart and the retries in between take a few seconds at most.
const LINE_MAX: Duration = Duration::from_secs(60);

/// What the clients were told: the number of each acknowledged mark by its label, and the labels that they know nothing of.
#[derive(Default)]
struct Told {
    acknowledged: BTreeMap<String, u64>,
    unknown: BTreeSet<String>,
}

/// Client processes that add marks, and their lines.
struct Clients {
    children: Vec<Child>,
    lines: mpsc::Receiver<String>,
}

impl Clients {
    /// One process for each student, with the session's secret on its standard input.
    fn start(server: &RunningServer, session: &Session, students: usize, marks: usize) -> Self {
        let secret: String = session.id().expose().iter().map(|byte| format!("{byte:02x}")).collect();
        let (send, lines) = mpsc::channel();
        let children = (0..students).map(|student| {
            let mut child = Command::new(env!("CARGO_BIN_EXE_add_marks"))
                .args([server.address(), "load", &student.to_string(), &format!("c{student}"), &marks.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(format!("{secret}\n").as_bytes()).unwrap();
            let (send, stdout) = (send.clone(), child.stdout.take().unwrap());
            thread::spawn(move || BufReader::new(stdout).lines().try_for_each(|line| send.send(line.unwrap())));
            child
        });
        Self { children: children.collect(), lines }
    }

    /// Takes `count` lines, or all that come until the clients end.
    fn listen(&mut self, told: &mut Told, count: usize) {
        for _ in 0..count {
            let line = match self.lines.recv_timeout(LINE_MAX) {
                Ok(line) => line,
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the clients hang"),
            };
            let words: Vec<&str> = line.split(' ').collect();
            if words[0] == "?" {
                eprintln!("{line}"); // shown if the test fails
                told.unknown.insert(words[1].to_owned());
            } else {
                told.acknowledged.insert(words[0].to_owned(), words[1].parse().unwrap());
            }
        }
    }

    /// Takes all lines to the end, and sees that every client ended well.
    fn finish(mut self, told: &mut Told) {
        self.listen(told, usize::MAX);
        for child in &mut self.children {
            assert!(child.wait().unwrap().success());
        }
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        for child in &mut self.children {
            drop(child.kill()); // ended already, unless the test failed
            drop(child.wait());
        }
    }
}

/// A server with a promotion `load` of so many students, and a session.
fn scene(students: usize) -> (RunningServer, Session) {
    let server = RunningServer::start();
    let session = sign_in(&server);
    session.grades.create_promotion("load").unwrap();
    for student in 0..students {
        session.grades.add_student("load", &student.to_string(), &format!("Student {student}")).unwrap();
    }
    (server, session)
}

fn sign_in(server: &RunningServer) -> Session {
    Connection::open(server.address()).unwrap().login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap()
}

/// Every mark of the promotion, as a client of its own reads it.
fn listed(session: &Session) -> Vec<(String, MarkId)> {
    let students = session.grades.students("load", None, 1_000).unwrap();
    students.into_iter().flat_map(|student| student.marks).map(|mark| (mark.label, mark.id)).collect()
}

/// What is wrong, if anything: an acknowledged mark that is not there, one that is there twice or under another number, or
/// one that nobody asked for.
fn compare(told: &Told, listed: &[(String, MarkId)]) -> Result<(), String> {
    let mut left = told.acknowledged.clone();
    let mut seen = BTreeSet::new();
    for (label, id) in listed {
        if !seen.insert(label) {
            return Err(format!("{label} is there twice"));
        }
        match left.remove(label) {
            Some(acknowledged) if acknowledged == id.0 => {}
            Some(acknowledged) => return Err(format!("{label} was acknowledged as {acknowledged} and is {}", id.0)),
            None if told.unknown.contains(label) => {}
            None => return Err(format!("{label} was never asked for")),
        }
    }
    left.pop_first().map_or(Ok(()), |(label, _)| Err(format!("{label} was acknowledged and is not there")))
}

#[test]
fn of_two_thousand_marks_added_by_16_processes_at_once_each_is_there_and_none_twice() {
    let (server, session) = scene(16);
    let mut told = Told::default();
    Clients::start(&server, &session, 16, 125).finish(&mut told);
    assert_eq!((told.acknowledged.len(), told.unknown.len()), (2_000, 0));
    let listed = listed(&session);
    assert_eq!(listed.len(), 2_000);
    compare(&told, &listed).unwrap();
    assert_eq!(session.grades.promotion_average("load").unwrap().mean.unwrap().exact.as_deref(), Some("25/2"));
}

#[test]
fn what_was_acknowledged_before_and_after_a_kill_is_there_and_the_session_lasts() {
    let (mut server, session) = scene(8);
    let mut told = Told::default();
    let mut clients = Clients::start(&server, &session, 8, 150);
    for _ in 0..3 {
        clients.listen(&mut told, 200);
        server.kill(); // in the middle of it: clients wait for replies that will not come
        let before = told.acknowledged.len();
        server.start_again();
        clients.listen(&mut told, 100);
        assert!(told.acknowledged.len() > before, "nothing was acknowledged after the restart");
    }
    clients.finish(&mut told);
    assert!(told.acknowledged.len() > 600, "the session, or the server, did not come back");
    // A connection from before the kills, and a new one, see the same.
    let listed_now = listed(&session);
    compare(&told, &listed_now).unwrap();
    assert_eq!(listed_now, listed(&sign_in(&server)));
}

#[test]
fn the_comparison_finds_what_is_lost_doubled_renumbered_or_made_up() {
    let mark = |label: &str, id| (label.to_owned(), MarkId(id));
    let told =
        Told { acknowledged: [("a".to_owned(), 1), ("b".to_owned(), 2)].into(), unknown: ["c".to_owned()].into() };
    let check =
        |listed: &[(String, MarkId)], good: bool| assert_eq!(compare(&told, listed).is_ok(), good, "{listed:?}");
    check(&[mark("a", 1), mark("b", 2)], true);
    check(&[mark("b", 2), mark("c", 3), mark("a", 1)], true);
    check(&[mark("a", 1)], false);
    check(&[mark("a", 1), mark("b", 2), mark("a", 3)], false);
    check(&[mark("c", 3), mark("a", 1), mark("b", 2), mark("c", 4)], false);
    check(&[mark("a", 1), mark("b", 3)], false);
    check(&[mark("a", 1), mark("b", 2), mark("d", 4)], false);
}
