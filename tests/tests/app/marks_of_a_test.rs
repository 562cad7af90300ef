//! The marks of a whole test: entered with one command, in one call, with one fsync.

use std::fs::File;

use grades_api::{
    Grades as _,
    model::{Coefficient, Mark, NewMark, Password},
};
use grades_client::{Connection, Session};
use grades_server::{Config, GradesServer, PasswordCost, SystemClock, init};
use tests::{ADMINISTRATOR, Disk, PASSWORD, School};

#[test]
fn a_list_of_marks_is_entered_from_a_file_or_from_standard_input() {
    let school = School::open();
    let file = school.file("oral.txt", "18\t12,5\n17\tABS\n");
    let done = school.teacher.json(["mark", "enter", "L3", file.to_str().unwrap(), "--label", "oral", "--coef", "2"]);
    assert_eq!([&done["promotion"], &done["label"]], ["L3", "oral"], "{done}");
    assert_eq!(done["marks"], 2, "{done}");
    school.teacher.run_with_input(["mark", "enter", "L3", "-", "--label", "quiz"], "17 7/10\n").ok();
    // exam 14.5 (2), oral 0 (2), quiz 14 (1); exam 9 (2), oral 12.5 (2)
    assert_eq!(school.teacher.json(["average", "L3", "17"])["exact"], "43/5");
    assert_eq!(school.teacher.json(["average", "L3", "18"])["exact"], "43/4");
}

#[test]
fn a_list_with_a_wrong_line_is_refused_whole_and_each_wrong_line_is_named() {
    let school = School::open();
    let before = school.teacher.json(["list", "L3"]);
    let check = |text: &str, label: &str, names: &[&str]| {
        let complaint = school.teacher.run_with_input(["mark", "enter", "L3", "-", "--label", label], text).fails(8);
        for name in names {
            assert!(complaint.contains(name), "{name:?} is not named for {text:?}:\n{complaint}");
        }
        assert_eq!(school.teacher.json(["list", "L3"]), before, "something was written for {text:?}");
    };
    check("17 12\n18 21\n99\n", "oral", &["2 faults; nothing was sent", "line 2: `21`", "line 3: `99`"]);
    check(
        "17 12\n99 10\n21 9\n",
        "oral",
        &["2 faults; nothing was written", "line 2, student `99`", "line 3, student `21`"],
    );
    check("17 12\n18 10\n", "exam", &["2 faults", "line 1, student `17`", "line 2, student `18`", "labelled `exam`"]);
    check("17 12\n", "", &["label"]);
    let many: String = (0..1_001).map(|number| format!("{number} 12\n")).collect();
    check(&many, "oral", &["1000"]);
}

/// A server in this process, whose disk can be looked at, with a promotion of so many students.
fn with_students(directory: &std::path::Path, students: usize) -> (GradesServer, Session) {
    let password = Password::new(PASSWORD);
    init(directory.to_owned(), ADMINISTRATOR, &password, PasswordCost::FOR_TESTS, &SystemClock).unwrap();
    let mut config = Config::new(directory.to_owned());
    config.listen.set_port(0);
    config.password_cost = PasswordCost::FOR_TESTS;
    let server = GradesServer::start(config).unwrap();
    let session = Connection::open(&server.address().to_string()).unwrap().login(ADMINISTRATOR, &password).unwrap();
    session.grades.create_promotion("L3").unwrap();
    for student in 0..students {
        session.grades.add_student("L3", &student.to_string(), "A Student").unwrap();
    }
    (server, session)
}

#[test]
fn the_marks_of_a_test_take_the_fsync_of_one_mark() {
    const STUDENTS: usize = 30;
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().canonicalize().unwrap().join("store");
    let disk = Disk::install();
    disk.watch(&directory);
    let (server, session) = with_students(&directory, STUDENTS);
    let (mark, coefficient): (Mark, Coefficient) = ("12".parse().unwrap(), "1".parse().unwrap());
    let syncs = |work: &dyn Fn()| {
        let before = disk.syncs();
        work();
        disk.syncs() - before
    };
    let numbers: Vec<String> = (0..STUDENTS).map(|student| student.to_string()).collect();
    let one_by_one = syncs(&|| {
        for number in &numbers {
            session.grades.add_mark("L3", number, mark, coefficient, "one by one").unwrap();
        }
    });
    assert!(one_by_one >= STUDENTS as u64, "{STUDENTS} marks one after the other took {one_by_one} fsyncs");
    let marks: Vec<NewMark> = numbers.iter().map(|number| NewMark { number: number.clone(), mark }).collect();
    let together =
        syncs(&|| assert_eq!(session.grades.add_marks("L3", &marks, coefficient, "together").unwrap().len(), STUDENTS));
    assert_eq!(together, 1);
    drop((session, server));
    File::open(directory.join("lock")).unwrap().lock().unwrap(); // the store is closed before its directory goes
}
