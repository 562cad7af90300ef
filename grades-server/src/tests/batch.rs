//! The marks of a whole test in one call, the same on each backend.

use std::{collections::BTreeSet, thread, time::Duration};

use grades_api::{
    GradesError, RowError, RowFault,
    model::{Mark, MarkId, NewMark},
};
use rpc_core::{Error, Result, Status};

use super::{
    accounts::audited,
    request_keys::{key_drawn_at, status},
    world::{User, World as Fixture},
};
use crate::store::{StoreError, tests::on_each_backend};

fn rows(rows: &[(&str, &str)]) -> Vec<NewMark> {
    let row = |(number, mark): &(&str, &str)| NewMark { number: (*number).to_owned(), mark: mark.parse().unwrap() };
    rows.iter().map(row).collect()
}

fn give(user: &User<'_>, marks: &[NewMark], label: &str) -> Result<Vec<MarkId>, GradesError> {
    user.grades("add_marks", |grades| grades.add_marks("L3", marks, "2".parse().unwrap(), label))
}

/// `number: marks` of each student, oldest mark first.
fn listed(world: &Fixture) -> Vec<String> {
    let students = world.sign_in("root").grades("students", |grades| grades.students("L3", None, 500)).unwrap();
    let shown = |student: grades_api::model::StudentMarks| {
        let marks = student.marks.iter().map(|entry| format!(" {} {}×{}", entry.label, entry.mark, entry.coefficient));
        format!("{}:{}", student.number, marks.collect::<String>())
    };
    students.into_iter().map(shown).collect()
}

const BEFORE: [&str; 2] = ["17: exam 14×1", "18: exam 14×1"];

fn the_marks_of_a_test_are_one_commit_and_their_ids_stand_in_the_order_of_the_rows(world: Fixture) {
    let tess = world.sign_in("tess");
    let before = world.state.store.commits();
    let ids = give(&tess, &rows(&[("18", "12"), ("17", "ABS")]), "oral").unwrap();
    assert_eq!(world.state.store.commits(), before.saturating_add(1));
    assert_eq!(listed(&world), ["17: exam 14×1 oral ABS×2", "18: exam 14×1 oral 12×2"]);
    let newest = |number: &str| {
        let student = tess.grades("student", |grades| grades.student("L3", number)).unwrap();
        student.marks.last().unwrap().id
    };
    assert_eq!(ids, [newest("18"), newest("17")]);
    let audited: Vec<String> = audited(&world).into_iter().filter(|line| line.contains(" add_marks ")).collect();
    let line = |number: &str, id: MarkId| format!("tess add_marks L3/{number} mark {id}");
    assert_eq!(audited, [line("18", ids[0]), line("17", ids[1])]);
}

fn every_row_that_can_not_be_taken_is_named_and_none_is_written(world: Fixture) {
    let tess = world.sign_in("tess");
    let long = "9".repeat(65);
    let marks = rows(&[
        ("18", "12"),
        ("99", "10"),
        ("17", "11"),
        ("17", "12"),
        ("21", "9"),
        ("", "8"),
        (&long, "7"),
        ("a\0b", "6"),
    ]);
    let fault = |row, reason, number: &str| RowFault { row, reason, number: number.to_owned() };
    let mut faults = vec![
        fault(1, RowError::UnknownStudent, "99"),
        fault(3, RowError::Twice, "17"),
        fault(4, RowError::UnknownStudent, "21"),
        fault(5, RowError::BadStudent, ""),
        fault(6, RowError::BadStudent, &long[1..]),
        fault(7, RowError::BadStudent, "a\0b"),
    ];
    assert_eq!(give(&tess, &marks, "oral"), Err(Error::App(GradesError::BadRows { faults: faults.clone() })));
    faults.insert(0, fault(0, RowError::AlreadyMarked, "18"));
    faults.insert(2, fault(2, RowError::AlreadyMarked, "17"));
    assert_eq!(give(&tess, &marks, "exam"), Err(Error::App(GradesError::BadRows { faults })));
    assert_eq!(listed(&world), BEFORE);
    assert!(!audited(&world).iter().any(|line| line.contains(" add_marks ")));
}

fn a_label_that_names_no_test_is_refused(world: Fixture) {
    let tess = world.sign_in("tess");
    for label in ["", " ", "line\nbreak", &"l".repeat(201)] {
        assert_eq!(give(&tess, &rows(&[("17", "12")]), label), Err(Error::App(GradesError::BadName)), "{label:?}");
    }
    assert_eq!(listed(&world), BEFORE);
}

fn a_call_takes_a_thousand_rows(world: Fixture) {
    let root = world.sign_in("root");
    let enrolled = world.state.store.write(None, |tx| {
        let promotion = tx.promotion("L3")?.ok_or(StoreError::Failed)?;
        (1_001..=2_001).try_for_each(|n: u32| tx.insert_student(promotion, &n.to_string(), "same name").map(drop))
    });
    enrolled.unwrap();
    let marks = |count: usize| -> Vec<NewMark> {
        (1_001..).take(count).map(|n| NewMark { number: u32::to_string(&n), mark: Mark::EXC }).collect()
    };
    let count = || {
        let count = world.state.store.write(None, |tx| tx.count("mark")).map_err(|error: StoreError| error);
        usize::try_from(count.unwrap()).unwrap()
    };
    let before = count();
    assert_eq!(give(&root, &marks(1_001), "c"), Err(Error::App(GradesError::TooManyRows { rows_max: 1_000 })));
    assert_eq!(count(), before);
    for (rows, label) in [(999, "a"), (1_000, "b"), (0, "d")] {
        let before = count();
        assert_eq!(give(&root, &marks(rows), label).unwrap().len(), rows);
        assert_eq!(count(), before.saturating_add(rows));
    }
}

fn a_test_that_is_sent_again_with_its_key_is_answered_again_and_entered_once(world: Fixture) {
    let tess = world.sign_in("tess");
    let [good, bad] = [world.clock_now(), world.clock_now().minus(Duration::from_secs(1))].map(key_drawn_at);
    let marks = rows(&[("17", "12"), ("18", "13")]);
    let ids = give(&tess.keyed(good, b"body"), &marks, "oral").unwrap();
    assert_eq!(give(&tess.keyed(good, b"body"), &marks, "oral").unwrap(), ids);
    let refused = give(&tess.keyed(bad, b"body"), &marks, "oral").unwrap_err();
    assert!(matches!(&refused, Error::App(GradesError::BadRows { faults }) if faults.len() == 2), "{refused:?}");
    assert_eq!(give(&tess.keyed(bad, b"body"), &marks, "oral"), Err(refused), "the faults are kept too");
    assert_eq!(status(give(&tess.keyed(good, b"other"), &marks, "more")), Status::KEY_MISMATCH);
    assert_eq!(listed(&world), ["17: exam 14×1 oral 12×2", "18: exam 14×1 oral 13×2"]);
}

fn tests_that_are_entered_at_the_same_time_are_all_there(world: Fixture) {
    let labels = |thread: usize| (0..5).map(move |test| format!("{thread}-{test}"));
    thread::scope(|scope| {
        for thread in 0..4 {
            let world = &world;
            scope.spawn(move || {
                let tess = world.sign_in("tess");
                let marks = rows(&[("17", "12"), ("18", "13")]);
                labels(thread).for_each(|label| drop(give(&tess, &marks, &label).unwrap()));
            });
        }
    });
    for number in ["17", "18"] {
        let student = world.sign_in("root").grades("student", |grades| grades.student("L3", number)).unwrap();
        let found: BTreeSet<String> = student.marks.into_iter().map(|entry| entry.label).collect();
        assert_eq!(found, (0..4).flat_map(labels).chain(["exam".to_owned()]).collect());
    }
}

on_each_backend!(
    tests_that_are_entered_at_the_same_time_are_all_there,
    the_marks_of_a_test_are_one_commit_and_their_ids_stand_in_the_order_of_the_rows,
    every_row_that_can_not_be_taken_is_named_and_none_is_written,
    a_label_that_names_no_test_is_refused,
    a_call_takes_a_thousand_rows,
    a_test_that_is_sent_again_with_its_key_is_answered_again_and_entered_once,
);
