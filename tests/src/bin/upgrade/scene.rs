//! What both ways of upgrading have in common: a school, clients that mark it, and what they were told at the end.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use grades_api::{
    Grades as _,
    model::{Coefficient, Mark, Password, SessionId},
};
use grades_client::{Connection, Session};
use rpc_core::{CallOptions, Channel, RequestKey};
use tests::{ADMINISTRATOR, Clients, Finished, Ledger, PASSWORD, Verdict, run_to_end};

/// Clients, and a student for each; one student more for what is tried beside them.
const CLIENTS: usize = 4;

/// The promotion that they mark.
const PROMOTION: &str = "load";

/// Acknowledged marks before the next thing happens: every client is at work by then.
const MARKS_BETWEEN: usize = 40;

/// A step that takes longer hangs: ten times what a start on a busy machine takes.
const STEP_MAX: Duration = Duration::from_secs(60);

/// The school as the earlier build has made it, with its clients at work.
pub(crate) struct Scene {
    pub(crate) session: SessionId,
    clients: Clients,
}

/// What became of a scene.
pub(crate) struct End {
    pub(crate) told: Ledger,
    pub(crate) verdict: Verdict,
    pub(crate) repeated: u64,
}

impl Scene {
    /// Signs in at the first of the servers, makes the school, and starts the clients.
    pub(crate) fn begin(addresses: &[String]) -> Self {
        let session = sign_in(&addresses[0]);
        session.grades.create_promotion(PROMOTION).unwrap();
        for student in 0..=CLIENTS {
            session.grades.add_student(PROMOTION, &student.to_string(), &format!("Student {student}")).unwrap();
        }
        let clients = Clients::start(addresses, PROMOTION, session.id(), CLIENTS);
        Self { session: session.id(), clients }
    }

    /// Does something while the clients work, and waits until each of them has been served after it.
    pub(crate) fn step<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        self.clients.wait_for(MARKS_BETWEEN, STEP_MAX);
        let began = Instant::now();
        let done = work();
        match self.clients.all_served(began, STEP_MAX) {
            Ok(back) => println!("  {name:66} all served after {:.2} s", back.as_secs_f64()),
            Err(left) => panic!("{name}: {left} clients were not served within {STEP_MAX:?}"),
        }
        done
    }

    /// Lets the clients finish, and holds what they were told against what is there.
    pub(crate) fn end(self, address: &str) -> End {
        let (told, repeated) = self.clients.finish();
        let session = Connection::open(address).unwrap().resume(self.session);
        let read = |student: usize| session.grades.student(PROMOTION, &student.to_string()).unwrap().marks;
        let marks: Vec<_> = (0..CLIENTS).flat_map(read).collect();
        let verdict = told.judge(marks.iter().map(|mark| (mark.label.as_str(), mark.id.0)));
        End { told, verdict, repeated }
    }
}

/// A session of the administrator.
pub(crate) fn sign_in(address: &str) -> Session {
    Connection::open(address).unwrap().login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap()
}

/// A keyed change that can be sent to any server again, and the number that it was answered with.
pub(crate) struct Change {
    key: RequestKey,
    label: String,
    answer: u64,
}

impl Change {
    /// Adds a mark to the student whom no client marks.
    pub(crate) fn make(address: &str, session: SessionId, label: &str) -> Self {
        let key = Channel::connect(address).unwrap().request_key().unwrap();
        let answer = send(address, session, key, label);
        Self { key, label: label.to_owned(), answer }
    }

    /// Sends it again: a server that has not done it itself answers as the one that has.
    pub(crate) fn repeat(&self, address: &str, session: SessionId) {
        assert_eq!(send(address, session, self.key, &self.label), self.answer, "{} was done again", self.label);
    }

    /// The control: without what makes it the same change, it is done again.
    pub(crate) fn is_another_with_another_key(&self, address: &str, session: SessionId) {
        assert_ne!(
            Self::make(address, session, &self.label).answer,
            self.answer,
            "a new key was answered as an old one"
        );
    }
}

fn send(address: &str, session: SessionId, key: RequestKey, label: &str) -> u64 {
    let options = CallOptions::new().credential(session.expose()).key(key);
    let grades = Connection::open(address).unwrap().grades().with(options);
    let (mark, coefficient): (Mark, Coefficient) = ("12.5".parse().unwrap(), "1".parse().unwrap());
    grades.add_mark(PROMOTION, &CLIENTS.to_string(), mark, coefficient, label).unwrap().0
}

/// Uses the `grades` program of one build with a server of the other, as someone does who has not upgraded yet or has before.
/// What the other build does not know is refused, and not done.
pub(crate) fn use_command(program: &Path, address: &str, scratch: &Path) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let session_file = scratch.join("session");
    let run = |arguments: &[&str], input: &str| {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", "/nonexistent")
            .args(["--server", address, "--session-file"])
            .arg(&session_file);
        run_to_end(command.args(arguments), input)
    };
    run(&["login", ADMINISTRATOR, "--password-stdin"], &format!("{PASSWORD}\n")).ok();
    run(&["mark", "add", PROMOTION, &CLIENTS.to_string(), "7/10", "--label", "by hand"], "").ok();
    assert!(run(&["list", PROMOTION, &CLIENTS.to_string()], "").ok().contains("by hand"));
    assert!(run(&["average", PROMOTION], "").ok().contains(PROMOTION));
    // A label of its own each time: a student who has a mark of the label is refused.
    let label = format!("entered to {address} by {}", NEXT.fetch_add(1, Ordering::Relaxed));
    let batch = ["mark", "enter", PROMOTION, "-", "--label", &label];
    let finished = run(&batch, &format!("{CLIENTS} 12\n"));
    let is_done = run(&["list", PROMOTION, &CLIENTS.to_string()], "").ok().contains(&label);
    match finished.code {
        0 => assert!(is_done, "{finished}"),
        2 => assert!(finished.stderr.contains("unrecognized subcommand"), "{finished}"),
        _ => {
            assert!(!is_done && finished.stderr.contains("incompatible build"), "{finished}");
            finished.fails(1);
        }
    }
    run(&["logout"], "").ok();
}

/// Starts a server that must refuse to serve its store: what it complains about.
pub(crate) fn refused(server: &Path, store: &str) -> String {
    let mut command = Command::new(server);
    command.args(["run", "--listen", "127.0.0.1:0"]).env_clear().env("GRADES_STORE", store);
    let finished: Finished = run_to_end(&mut command, "");
    finished.fails(1)
}
