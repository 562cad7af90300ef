//! Stores to serve, filled by bare SQLite, and kept for the next run: ten million marks take a minute to write.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use grades_api::{
    Accounts as _, Grades as _,
    model::{NewAccount, Password, Role, StudentKey},
};
use grades_client::{Connection, Session};
use grades_server::{Config, GradesServer, OpenError, PasswordCost, StartError, SystemClock, init};
use rpc_core::Limits;
use rusqlite::{Connection as Sqlite, Transaction, params};

/// As many as a teacher gives in a year.
pub(crate) const MARKS_PER_STUDENT: usize = 20;
/// As many as a promotion of a large school has.
pub(crate) const STUDENTS_PER_PROMOTION: usize = 500;

const ADMINISTRATOR: &str = "root";
/// The student numbered 0 of the first promotion.
const STUDENT: &str = "sam";
const PASSWORD: &str = "seven lanterns over the quay";

/// Where stores lie.
fn all() -> PathBuf {
    env::var_os("GRADES_BENCH_STORES").map_or_else(env::temp_dir, PathBuf::from)
}

/// Where the store with so many marks lies, for reading; made if it is not there.
pub(crate) fn with_marks(marks: usize) -> PathBuf {
    let made = all().join(format!("grades-bench-{marks}"));
    if !made.is_dir() {
        // Under another name until it is complete: a run that is stopped leaves no half of a store behind.
        let begun = made.with_extension("begun");
        drop(fs::remove_dir_all(&begun)); // an earlier run may have been stopped
        fs::create_dir_all(&begun).expect("a folder for stores");
        make(&begun, marks);
        fs::rename(&begun, &made).expect("the same folder");
    }
    read_through(&made);
    made
}

/// Brings a store into the system's memory: else the first round measures the disk, and each further one less of it.
fn read_through(store: &Path) {
    for file in fs::read_dir(store).expect("a store").map(|file| file.expect("a store")) {
        let mut file = fs::File::open(file.path()).expect("a file of the store");
        io::copy(&mut file, &mut io::sink()).expect("a file that can be read");
    }
}

/// The same for changing: a copy, so that the next run finds as many marks as this one. It takes the place of the copy before,
/// whose run is over: rows take turns.
pub(crate) fn copy_with_marks(marks: usize) -> PathBuf {
    let (kept, copy) = (with_marks(marks), all().join("grades-bench-changed"));
    drop(fs::remove_dir_all(&copy)); // the first run has none
    fs::create_dir_all(&copy).expect("a folder for stores");
    for file in fs::read_dir(kept).expect("a store").map(|file| file.expect("a store")) {
        fs::copy(file.path(), copy.join(file.file_name())).expect("room for a copy");
    }
    copy
}

fn make(store: &Path, marks: usize) {
    let password = Password::new(PASSWORD);
    init(store, ADMINISTRATOR, &password, PasswordCost::STANDARD, &SystemClock).expect("a new store");
    let students = (marks / MARKS_PER_STUDENT).max(1);
    let mut file = open(store);
    // Nothing here is worth keeping through a power cut.
    file.pragma_update(None, "synchronous", "OFF").expect("a setting");
    let transaction = file.transaction().expect("a transaction");
    for first in (0..students).step_by(STUDENTS_PER_PROMOTION) {
        let count = STUDENTS_PER_PROMOTION.min(students - first);
        insert(&transaction, &promotion(first), first, count, MARKS_PER_STUDENT);
    }
    transaction.commit().expect("a commit");
    drop(file);
    let server = serve(store, usize::MAX);
    let root = sign_in(server.address().port(), ADMINISTRATOR);
    let student = Some(StudentKey { promotion: promotion(0), number: number(0) });
    let account = NewAccount { name: STUDENT.to_owned(), role: Role::Student, promotions: Vec::new(), student };
    root.accounts.create_account(&account, &password).expect("a new account");
    assert_eq!(
        root.grades.student_average(&promotion(0), &number(0)).expect("a mean").counted,
        MARKS_PER_STUDENT as u32
    );
    // First: what serves its connection keeps the store open.
    drop(root);
    server.drain();
}

/// The promotion of a student.
pub(crate) fn promotion(student: usize) -> String {
    format!("P{}", student / STUDENTS_PER_PROMOTION)
}

/// The number of a student.
pub(crate) fn number(student: usize) -> String {
    format!("S{student:07}")
}

/// The label of a student's mark.
pub(crate) fn label(mark: usize) -> String {
    format!("exam {mark:03}")
}

/// A mark like any other, in ten-thousandths of a point.
pub(crate) const fn ten_thousandths(student: usize, mark: usize) -> u32 {
    ((student * 7 + mark * 13) % 81) as u32 * 2_500
}

/// The store's file, as whoever looks at it with SQLite's own tools would open it, with the server's durability.
pub(crate) fn open(store: &Path) -> Sqlite {
    let file = Sqlite::open(store.join("grades.sqlite")).expect("a store");
    for (setting, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON")] {
        file.pragma_update(None, setting, value).expect("a setting");
    }
    file
}

/// Adds a promotion with its students and their marks: the rows that an import adds.
pub(crate) fn insert(transaction: &Transaction<'_>, promotion: &str, first: usize, students: usize, marks: usize) {
    transaction.execute("INSERT INTO promotion (name, created_ms) VALUES (?1, 1)", [promotion]).expect("a promotion");
    let promotion = transaction.last_insert_rowid();
    let mut enrol = transaction
        .prepare("INSERT INTO student (promotion, number, name, position) VALUES (?1, ?2, ?2, ?2)")
        .expect("a statement");
    let mut add = transaction
        .prepare(
            "INSERT INTO mark (student, label, code, ten_thousandths, scale, coefficient, created_ms)
             VALUES (?1, ?2, 0, ?3, 2000, 100, 1)",
        )
        .expect("a statement");
    let labels: Vec<String> = (0..marks).map(label).collect();
    for student in first..first + students {
        let row = enrol.insert(params![promotion, number(student)]).expect("a student");
        for (mark, label) in labels.iter().enumerate() {
            add.execute(params![row, label, ten_thousandths(student, mark)]).expect("a mark");
        }
    }
}

/// Starts the service on a store, with limits that let one source make many calls and send a large sheet.
pub(crate) fn serve(store: &Path, batch_max: usize) -> GradesServer {
    let limits = Limits::new()
        .with_body_bytes_max(16 << 20)
        .and_then(|limits| limits.with_heap_bytes_max(64 << 20))
        .and_then(|limits| limits.with_window_bytes_max(16 << 20))
        .expect("limits in range");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let begun = Instant::now();
    loop {
        match GradesServer::start(Config { listen, limits: limits.clone(), batch_max, ..Config::new(store) }) {
            // The server that was asked while the store was made: a thread of it may take a moment longer than its drain.
            Err(StartError::Open(OpenError::InUse(_))) if begun.elapsed() < IN_USE_MAX => thread::yield_now(),
            started => return started.expect("a server"),
        }
    }
}

/// Longer, and someone else serves the store.
const IN_USE_MAX: Duration = Duration::from_secs(5);

pub(crate) fn administrator(port: u16) -> Session {
    sign_in(port, ADMINISTRATOR)
}

pub(crate) fn student(port: u16) -> Session {
    sign_in(port, STUDENT)
}

fn sign_in(port: u16, name: &str) -> Session {
    connection(port).login(name, &Password::new(PASSWORD)).expect("a session")
}

pub(crate) fn connection(port: u16) -> Connection {
    Connection::open(&format!("127.0.0.1:{port}")).expect("a server")
}
