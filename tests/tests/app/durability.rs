//! Acknowledged means durable, and once: many client processes add marks at the same time, with and without the server
//! being killed under them, and afterwards each acknowledged mark is there, and none twice.

use std::{
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
use tests::{ADMINISTRATOR, Ledger, PASSWORD, RunningServer, Verdict};

/// How long one line of a client may take: a kill, a restart and the retries in between take a few seconds at most.
const LINE_MAX: Duration = Duration::from_secs(60);

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
    fn listen(&mut self, told: &mut Ledger, count: usize) {
        for _ in 0..count {
            let line = match self.lines.recv_timeout(LINE_MAX) {
                Ok(line) => line,
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the clients hang"),
            };
            let words: Vec<&str> = line.split(' ').collect();
            if words[0] == "?" {
                eprintln!("{line}"); // shown if the test fails
                told.unknown(words[1]);
            } else {
                told.acknowledge(words[0], words[1].parse().unwrap());
            }
        }
    }

    /// Takes all lines to the end, and sees that every client ended well.
    fn finish(mut self, told: &mut Ledger) {
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

/// What is there must be what the clients were told.
#[track_caller]
fn compare(told: &Ledger, listed: &[(String, MarkId)]) {
    assert_eq!(told.judge(listed.iter().map(|(label, id)| (label.as_str(), id.0))), Verdict::default());
}

#[test]
fn of_two_thousand_marks_added_by_16_processes_at_once_each_is_there_and_none_twice() {
    let (server, session) = scene(16);
    let mut told = Ledger::default();
    Clients::start(&server, &session, 16, 125).finish(&mut told);
    assert_eq!((told.acknowledged(), told.unknowns()), (2_000, 0));
    let listed = listed(&session);
    assert_eq!(listed.len(), 2_000);
    compare(&told, &listed);
    assert_eq!(session.grades.promotion_average("load").unwrap().mean.unwrap().exact.as_deref(), Some("25/2"));
}

#[test]
fn what_was_acknowledged_before_and_after_a_kill_is_there_and_the_session_lasts() {
    let (mut server, session) = scene(8);
    let mut told = Ledger::default();
    let mut clients = Clients::start(&server, &session, 8, 150);
    for _ in 0..3 {
        clients.listen(&mut told, 200);
        server.kill(); // in the middle of it: clients wait for replies that will not come
        let before = told.acknowledged();
        server.start_again();
        clients.listen(&mut told, 100);
        assert!(told.acknowledged() > before, "nothing was acknowledged after the restart");
    }
    clients.finish(&mut told);
    assert!(told.acknowledged() > 600, "the session, or the server, did not come back");
    // A connection from before the kills, and a new one, see the same.
    let listed_now = listed(&session);
    compare(&told, &listed_now);
    assert_eq!(listed_now, listed(&sign_in(&server)));
}
