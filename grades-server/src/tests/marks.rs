//! Marks, means, corrections and sheets.

use grades_api::{
    GradesError, RowError,
    model::{Coefficient, ImportReport, Mark, MarkId, Sheet, SheetColumn, SheetRow},
};
use rpc_core::{
    Error, Limits, Result,
    tlv::{Buffer, Writer, encode_value},
};

use super::world::World;

fn mark(text: &str) -> Mark {
    text.parse().unwrap()
}

fn coefficient(text: &str) -> Coefficient {
    text.parse().unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, GradesError>) -> GradesError {
    match result {
        Err(Error::App(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// `G1=1, G2=2` and rows `17: 12 13`.
fn sheet(columns: &[(&str, &str)], rows: &[(&str, &[&str])]) -> Sheet {
    Sheet {
        columns: columns
            .iter()
            .map(|(label, weight)| SheetColumn { label: (*label).to_owned(), coefficient: coefficient(weight) })
            .collect(),
        rows: rows
            .iter()
            .map(|(student, marks)| SheetRow {
                student: (*student).to_owned(),
                marks: marks.iter().map(|text| mark(text)).collect(),
            })
            .collect(),
    }
}

#[test]
fn means_are_those_of_the_marks_in_the_store() {
    let world = World::new();
    let root = world.sign_in("root");
    root.grades("create_promotion", |grades| grades.create_promotion("cohort")).unwrap();
    for (number, marks) in [("A", &[("12", "1")][..]), ("B", &[("14", "1"), ("10", "3")]), ("C", &[])] {
        root.grades("add_student", |grades| grades.add_student("cohort", number, number)).unwrap();
        for (value, weight) in marks {
            let add = |grades: &dyn grades_api::Grades| {
                grades.add_mark("cohort", number, mark(value), coefficient(weight), "")
            };
            root.grades("add_mark", add).unwrap();
        }
    }
    let promotion = root.grades("promotion_average", |grades| grades.promotion_average("cohort")).unwrap();
    let mean = promotion.mean.unwrap();
    assert_eq!((mean.hundredths, mean.exact.as_deref()), (1_150, Some("23/2")));
    assert_eq!((promotion.counted, promotion.enrolled, promotion.pending), (2, 3, 0));
    let student = root.grades("student", |grades| grades.student("cohort", "B")).unwrap();
    assert_eq!(student.average.mean.as_ref().unwrap().hundredths, 1_100);
    let average = root.grades("student_average", |grades| grades.student_average("cohort", "B")).unwrap();
    assert_eq!(average, student.average);
    let all = root.grades("students", |grades| grades.students("cohort", None, 10)).unwrap();
    assert_eq!(all.iter().map(|student| student.marks.len()).collect::<Vec<_>>(), [1, 2, 0]);
    assert_eq!(all[1], student);
}

#[test]
fn a_page_has_at_most_five_hundred_students() {
    let world = World::new();
    let root = world.sign_in("root");
    root.grades("create_promotion", |grades| grades.create_promotion("large")).unwrap();
    let rows: Vec<String> = (1..=501).map(|number| number.to_string()).collect();
    let rows: Vec<(&str, &[&str])> = rows.iter().map(|number| (number.as_str(), &["10"][..])).collect();
    let sheet = sheet(&[("G1", "1")], &rows);
    root.grades("import", |grades| grades.import("large", &sheet, false)).unwrap();
    let page = |after: Option<&str>, limit| {
        let page = root.grades("students", |grades| grades.students("large", after, limit)).unwrap();
        page.into_iter().map(|student| student.number).collect::<Vec<_>>()
    };
    for (limit, length) in [(0, 0), (499, 499), (500, 500), (501, 500), (u32::MAX, 500)] {
        assert_eq!(page(None, limit).len(), length, "{limit}");
    }
    assert_eq!(page(None, 500).last().map(String::as_str), Some("500"), "in the order of numbers, not of texts");
    assert_eq!(page(Some("500"), 500), ["501"]);
}

/// The largest promotion that a sheet of one body makes, with the longest labels.
#[test]
fn every_page_fits_into_a_reply_and_the_pages_together_are_the_promotion() {
    let world = World::new();
    let root = world.sign_in("root");
    root.grades("create_promotion", |grades| grades.create_promotion("wide")).unwrap();
    let labels: Vec<String> = (100..200).map(|n| format!("{n}{}", "\u{1f3bb}".repeat(197))).collect();
    let columns: Vec<(&str, &str)> = labels.iter().map(|label| (label.as_str(), "1")).collect();
    let numbers: Vec<String> = (1..=500).map(|number| number.to_string()).collect();
    let rows: Vec<(&str, &[&str])> = numbers.iter().map(|number| (number.as_str(), &["10"; 100][..])).collect();
    let sheet = sheet(&columns, &rows);
    root.grades("import", |grades| grades.import("wide", &sheet, false)).unwrap();
    let (mut listed, mut pages) = (Vec::<String>::new(), 0);
    loop {
        let after = listed.last().map(String::as_str);
        let page = root.grades("students", |grades| grades.students("wide", after, 500)).unwrap();
        let mut reply = Buffer::new();
        let mut out = Writer::new(&mut reply, Limits::new().reply_bytes_max());
        encode_value(&mut out, &page);
        out.finish().expect("a page that fits into a reply");
        if page.is_empty() {
            break;
        }
        listed.extend(page.into_iter().map(|student| student.number));
        pages += 1;
    }
    assert_eq!(listed, numbers);
    assert!((15..30).contains(&pages), "40 MB in {pages} pages");
}

#[test]
fn a_correction_names_the_version_it_saw_and_leaves_what_was_before() {
    let world = World::school();
    let tess = world.sign_in("tess");
    let correct = |version, value: &str, reason: &str| {
        tess.grades("correct_mark", |grades| {
            grades.correct_mark(MarkId(1), version, mark(value), coefficient("2"), reason)
        })
    };
    assert_eq!(refused(correct(1, "15", "")), GradesError::BadName, "a correction without a reason");
    assert_eq!(correct(1, "15", "added up wrong").unwrap(), 2);
    assert_eq!(refused(correct(1, "16", "again")), GradesError::VersionConflict { current: 2 });
    assert_eq!(correct(2, "ABS", "was not there").unwrap(), 3);
    let history = tess.grades("mark_history", |grades| grades.mark_history(MarkId(1))).unwrap();
    let shown: Vec<String> = history
        .iter()
        .map(|change| format!("{} {}→{} {} {}", change.version, change.old, change.new, change.by, change.reason))
        .collect();
    assert_eq!(shown, ["2 14→15 tess added up wrong", "3 15→ABS tess was not there"]);
    let student = tess.grades("student", |grades| grades.student("L3", "17")).unwrap();
    assert_eq!((student.marks[0].mark, student.marks[0].version), (Mark::ABS, 3));
}

#[test]
fn names_that_are_taken_or_no_names_are_refused() {
    let world = World::school();
    let root = world.sign_in("root");
    let promotion = |name: &str| refused(root.grades("create_promotion", |grades| grades.create_promotion(name)));
    assert_eq!(promotion("L3"), GradesError::Conflict);
    assert_eq!(promotion(""), GradesError::BadName);
    let student =
        |number: &str, name: &str| refused(root.grades("add_student", |grades| grades.add_student("L3", number, name)));
    assert_eq!(student("17", "Somebody"), GradesError::Conflict);
    assert_eq!(student("30", "line\nbreak"), GradesError::BadName);
    assert_eq!(student(" 30", "Somebody"), GradesError::BadName);
    let label =
        root.grades("add_mark", |grades| grades.add_mark("L3", "17", mark("10"), coefficient("1"), &"l".repeat(201)));
    assert_eq!(refused(label), GradesError::BadName);
}

#[test]
fn a_sheet_finds_students_by_number_then_by_name_and_enrols_the_others() {
    let world = World::school();
    let tess = world.sign_in("tess");
    let sheet =
        sheet(&[("G1", "1"), ("G2", "2")], &[("17", &["12", "ABS"]), ("Alan", &["7/10", "EXC"]), ("19", &["1", "2"])]);
    let import = |dry_run| tess.grades("import", |grades| grades.import("L3", &sheet, dry_run));
    let report = ImportReport { matched: 2, enrolled: 1, marks: 6 };
    assert_eq!(import(true).unwrap(), report);
    let students = || tess.grades("students", |grades| grades.students("L3", None, 10)).unwrap();
    assert_eq!(students().len(), 2, "a dry run writes nothing");
    assert_eq!(import(false).unwrap(), report);
    let shown: Vec<String> = students().iter().map(|s| format!("{} {} {}", s.number, s.name, s.marks.len())).collect();
    assert_eq!(shown, ["17 Grace 3", "18 Alan 3", "19 19 2"]);
    let again = refused(import(false));
    assert_eq!(again, GradesError::BadRow { row: 0, reason: RowError::AlreadyMarked });
}

#[test]
fn a_sheet_with_a_bad_row_is_refused_whole() {
    #[track_caller]
    fn check(rows: &[(&str, &[&str])], row: u32, reason: RowError) {
        let world = World::school();
        let root = world.sign_in("root");
        root.grades("add_student", |grades| grades.add_student("L3", "20", "Alan")).unwrap();
        let before = root.grades("students", |grades| grades.students("L3", None, 10)).unwrap();
        let sheet = sheet(&[("G1", "1")], rows);
        for dry_run in [true, false] {
            let error = refused(root.grades("import", |grades| grades.import("L3", &sheet, dry_run)));
            assert_eq!(error, GradesError::BadRow { row, reason });
        }
        assert_eq!(root.grades("students", |grades| grades.students("L3", None, 10)).unwrap(), before);
    }
    let good = ("new", &["10"][..]);
    check(&[good, ("17", &[])], 1, RowError::WrongNumberOfCells);
    check(&[good, ("17", &["10", "11"])], 1, RowError::WrongNumberOfCells);
    check(&[good, ("", &["10"])], 1, RowError::BadStudent);
    check(&[good, (&"n".repeat(65), &["10"])], 1, RowError::BadStudent);
    check(&[good, ("Alan", &["10"])], 1, RowError::AmbiguousName);
    check(&[good, ("17", &["10"]), ("Grace", &["11"])], 2, RowError::Twice);
    check(&[good, ("new", &["10"])], 1, RowError::Twice);
}

#[test]
fn a_sheet_that_is_wrong_in_itself_never_reaches_the_store() {
    let world = World::school();
    let root = world.sign_in("root");
    let before = world.state.store.commits();
    for (student, marks) in [("17", &[][..]), ("17", &["10", "11"]), ("", &["10"]), (&"n".repeat(201), &["10"])] {
        let sheet = sheet(&[("G1", "1")], &[("new", &["10"]), ("17", &["11"]), (student, marks)]);
        let error = refused(root.grades("import", |grades| grades.import("L3", &sheet, false)));
        assert!(matches!(error, GradesError::BadRow { row: 2, .. }), "{error:?}");
    }
    assert_eq!(world.state.store.commits(), before);
}

#[test]
fn a_sheet_is_refused_whose_columns_could_not_be_told_apart() {
    let world = World::school();
    let root = world.sign_in("root");
    let labels: Vec<String> = (0..101).map(|n| format!("G{n}")).collect();
    let columns = |count: usize| labels.iter().take(count).map(|label| (label.as_str(), "1")).collect::<Vec<_>>();
    let import =
        |columns: &[(&str, &str)]| root.grades("import", |grades| grades.import("L3", &sheet(columns, &[]), false));
    for bad in [&[][..], &[("G1", "1"), ("G1", "2")], &[("", "1")], &[(" G", "1")], &columns(101)] {
        assert_eq!(refused(import(bad)), GradesError::BadColumns, "{bad:?}");
    }
    for good in [&columns(99), &columns(100)] {
        import(good).unwrap();
    }
}

#[test]
fn a_removed_student_is_gone_with_their_marks_and_the_number_is_free() {
    let world = World::school();
    let tess = world.sign_in("tess");
    tess.grades("remove_student", |grades| grades.remove_student("L3", "17")).unwrap();
    let again = tess.grades("remove_student", |grades| grades.remove_student("L3", "17"));
    assert_eq!(refused(again), GradesError::NotFound);
    let sam = world.sign_in("sam");
    assert_eq!(sam.grades("promotions", |grades| grades.promotions()).unwrap(), []);
    tess.grades("add_student", |grades| grades.add_student("L3", "17", "Another")).unwrap();
    let student = tess.grades("student", |grades| grades.student("L3", "17")).unwrap();
    assert_eq!(student.marks, []);
    assert!(sam.grades("student", |grades| grades.student("L3", "17")).is_err(), "sam is not that student");
}
