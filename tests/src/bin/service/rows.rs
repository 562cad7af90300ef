//! The rows: calls of the service, against a server of its own in a process of its own.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use grades_api::{
    Accounts as _, Grades as _,
    model::{Coefficient, Mark, Sheet, SheetColumn, SheetRow},
};
use grades_client::Session;
use rpc_core::CallOptions;
use tests::{Disk, Random};

use crate::{
    row::Row,
    run::{Run, Sample, fsyncs_file},
    scenario::{Kind, Scenario},
    store::{self, MARKS_PER_STUDENT},
};

/// The cheapest call of someone who has signed in.
pub(crate) const WHOAMI: Row = Row { name: "whoami", serve, call: whoami };

/// A student's mean, asked by the student; where the store grows, of any student, by the administrator.
pub(crate) const AVERAGE: Row = Row { name: "student average", serve, call: average };

/// A mark added, with the commits of others.
pub(crate) const ADD: Row = Row { name: "add mark", serve, call: |run| add(run, Kind::Adds) };

/// A mark added, with a commit of its own.
pub(crate) const ADD_ALONE: Row =
    Row { name: "add mark, a commit each", serve: |scenario| start(scenario, 1), call: |run| add(run, Kind::Adds) };

/// A sheet of marks for a new promotion.
pub(crate) const IMPORT: Row = Row { name: "import", serve, call: import };

/// Marks in the store, where their number is not what is asked for.
pub(crate) const STORE_MARKS: usize = 10_000;

/// Students of an imported sheet: with a hundred columns, as many as an exam board may have, it has 50,000 marks.
pub(crate) const IMPORTED: usize = 500;

/// Where the store grows: as many connections as read.
const CONNECTIONS: usize = 16;

fn serve(scenario: Scenario) -> u16 {
    start(scenario, usize::MAX)
}

fn start(scenario: Scenario, batch_max: usize) -> u16 {
    let store = match scenario.kind {
        Kind::Store => store::with_marks(scenario.amount),
        Kind::Reads => store::with_marks(STORE_MARKS),
        _ => store::copy_with_marks(STORE_MARKS),
    };
    if scenario.kind == Kind::Adds {
        let disk = Disk::install();
        disk.watch(&store);
        thread::spawn(|| {
            let file = fsyncs_file(std::process::id());
            let next = file.with_extension("next");
            loop {
                // Whole or not at all: whoever reads it must not find it empty.
                fs::write(&next, disk.syncs().to_string()).expect("a temporary file");
                fs::rename(&next, &file).expect("a temporary file");
                // An fsync takes milliseconds: what is missed at the edges is one or two of hundreds.
                thread::sleep(Duration::from_millis(2));
            }
        });
    }
    let server = store::serve(&store, batch_max);
    let port = server.address().port();
    std::mem::forget(server); // serves until the process ends
    port
}

/// As many connections as the scenario asks for, all with the session that `sign_in` begins.
fn connections(run: &Run, sign_in: fn(u16) -> Session) -> Vec<Session> {
    let count = if run.scenario.kind == Kind::Store { CONNECTIONS } else { run.scenario.amount };
    let session = sign_in(run.port).id();
    (0..count).map(|_| store::connection(run.port).resume(session)).collect()
}

fn whoami(run: &Run) -> Option<Sample> {
    let sign_in = if run.scenario.kind == Kind::Reads { store::student } else { store::administrator };
    matches!(run.scenario.kind, Kind::Reads | Kind::Store).then(|| {
        let sessions = connections(run, sign_in);
        run.together(sessions.into_iter().map(|session| move || drop(session.accounts.whoami().unwrap())).collect())
    })
}

fn average(run: &Run) -> Option<Sample> {
    match run.scenario.kind {
        Kind::Reads => {
            let (promotion, number) = (store::promotion(0), store::number(0));
            let ask = |session: Session| {
                let (promotion, number) = (&promotion, &number);
                move || drop(session.grades.student_average(promotion, number).unwrap().mean.unwrap())
            };
            Some(run.together(connections(run, store::student).into_iter().map(ask).collect()))
        }
        Kind::Store => {
            let students = (run.scenario.amount / MARKS_PER_STUDENT) as u64;
            let ask = |(seed, session): (u64, Session)| {
                let mut random = Random::new(seed);
                move || {
                    let student = random.below(students) as usize;
                    let mean = session.grades.student_average(&store::promotion(student), &store::number(student));
                    drop(mean.unwrap().mean.unwrap());
                }
            };
            Some(run.together((0..).zip(connections(run, store::administrator)).map(ask).collect()))
        }
        _ => None,
    }
}

fn add(run: &Run, kind: Kind) -> Option<Sample> {
    let (mark, coefficient): (Mark, Coefficient) = ("12.5".parse().unwrap(), "1".parse().unwrap());
    (run.scenario.kind == kind).then(|| {
        let ask = |(seed, session): (u64, Session)| {
            let mut random = Random::new(seed);
            move || {
                let student = 1 + random.below((STORE_MARKS / MARKS_PER_STUDENT - 1) as u64) as usize;
                let (promotion, number) = (store::promotion(student), store::number(student));
                session.grades.add_mark(&promotion, &number, mark, coefficient, "oral").unwrap();
            }
        };
        run.together((0..).zip(connections(run, store::administrator)).map(ask).collect())
    })
}

fn import(run: &Run) -> Option<Sample> {
    if run.scenario.kind != Kind::Import {
        return None;
    }
    let session = store::administrator(run.port);
    let grades = session.grades.with(CallOptions::new().credential(session.id().expose()));
    let columns = run.scenario.amount / IMPORTED;
    let coefficient: Coefficient = "1".parse().unwrap();
    let mark = |student, column| Mark::value(store::ten_thousandths(student, column), 2_000).unwrap();
    let row = |student| SheetRow {
        student: store::number(student),
        marks: (0..columns).map(|column| mark(student, column)).collect(),
    };
    let sheet = Sheet {
        columns: (0..columns).map(|column| SheetColumn { coefficient, label: store::label(column) }).collect(),
        rows: (0..IMPORTED).map(row).collect(),
    };
    let mut next = imported();
    Some(run.one_by_one(|| {
        let promotion = next();
        grades.create_promotion(&promotion).unwrap();
        let report = grades.import(&promotion, &sheet, false).unwrap();
        assert_eq!(report.marks as usize, IMPORTED * columns);
    }))
}

/// Names of promotions that are not there yet.
pub(crate) fn imported() -> impl FnMut() -> String {
    let calls = AtomicUsize::new(0);
    let process = std::process::id();
    let begun = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_micros();
    move || format!("I{process}-{begun}-{}", calls.fetch_add(1, Ordering::Relaxed))
}
