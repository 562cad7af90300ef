//! Marks and means through the command line: golden means, corrections with their history, removal.

use tests::{Cli, RunningServer, School};

/// Marks with their coefficients; the exact mean, what is shown of it, and whether it is provisional.
type Golden = (&'static [(&'static str, &'static str)], Option<&'static str>, Option<&'static str>, u64);

const GOLDEN: &[Golden] = &[
    (&[("12", "2"), ("8.5", "1"), ("15", "0.5")], Some("80/7"), Some("11.43"), 0),
    (&[("12", "2"), ("ABS", "1")], Some("8"), Some("8.00"), 0),
    (&[("12", "2"), ("EXC", "1")], Some("12"), Some("12.00"), 0),
    (&[("12", "2"), ("ATT", "1")], Some("12"), Some("12.00"), 1),
    (&[("5.75", "3"), ("6.25", "3"), ("10.5", "2")], Some("57/8"), Some("7.13"), 0),
    (&[("5.5", "0.2"), ("9.2", "0.2"), ("15.3", "0.2")], Some("10"), Some("10.00"), 0),
    (&[("7/10", "1"), ("15/20", "1")], Some("29/2"), Some("14.50"), 0),
    (&[("18/20", "1"), ("3/10", "1"), ("1/5", "1")], Some("28/3"), Some("9.33"), 0),
    (&[("14", "0")], None, None, 0),
    (&[], None, None, 0),
    (&[("14,5", "1"), ("14.5/20", "1")], Some("29/2"), Some("14.50"), 0),
    (&[("0", "1")], Some("0"), Some("0.00"), 0),
];

fn enrol(cli: &Cli, promotion: &str, number: &str, marks: &[(&str, &str)]) {
    cli.run(["student", "add", promotion, &format!("Student {number}"), "--number", number]).ok();
    for (position, (value, coefficient)) in marks.iter().enumerate() {
        let label = format!("mark {position}");
        cli.run(["mark", "add", promotion, number, value, "--coef", coefficient, "--label", &label]).ok();
    }
}

#[test]
fn a_mean_is_exact_and_rounded_once_when_shown() {
    let server = RunningServer::start();
    let cli = server.administrator();
    cli.run(["promotion", "add", "golden"]).ok();
    for (row, (marks, exact, shown, pending)) in GOLDEN.iter().enumerate() {
        let number = row.to_string();
        enrol(&cli, "golden", &number, marks);
        let average = cli.json(["average", "golden", &number]);
        assert_eq!(average["exact"].as_str(), *exact, "{marks:?}: {average}");
        assert_eq!(average["average"].as_str(), *shown, "{marks:?}: {average}");
        assert_eq!(average["pending"], *pending, "{marks:?}: {average}");
        assert_eq!(average["counted"], u64::from(exact.is_some()), "{marks:?}: {average}");
    }
}

#[test]
fn every_student_weighs_the_same_in_a_promotions_mean() {
    let server = RunningServer::start();
    let cli = server.administrator();
    cli.run(["promotion", "add", "cohort"]).ok();
    enrol(&cli, "cohort", "A", &[("12", "1")]);
    enrol(&cli, "cohort", "B", &[("14", "1"), ("10", "3")]);
    enrol(&cli, "cohort", "C", &[]);
    let average = cli.json(["average", "cohort"]);
    assert_eq!(average["exact"], "23/2", "pooled marks would give 11.20: {average}");
    assert_eq!(average["average"], "11.50");
    assert_eq!([&average["counted"], &average["enrolled"], &average["pending"]], [2, 3, 0], "{average}");
    enrol(&cli, "cohort", "D", &[("11.5", "1"), ("ATT", "1")]);
    let average = cli.json(["average", "cohort"]);
    assert_eq!([&average["counted"], &average["enrolled"], &average["pending"]], [3, 4, 1], "{average}");
    assert_eq!(average["exact"], "23/2");
}

#[test]
fn a_promotion_without_students_has_no_mean() {
    let server = RunningServer::start();
    let cli = server.administrator();
    cli.run(["promotion", "add", "empty"]).ok();
    let average = cli.json(["average", "empty"]);
    assert!(average["average"].is_null() && average["exact"].is_null(), "{average}");
    assert_eq!([&average["counted"], &average["enrolled"]], [0, 0], "{average}");
    assert!(cli.json(["list", "empty"])["students"].as_array().unwrap().is_empty());
}

#[test]
fn a_correction_changes_the_mean_and_keeps_what_was_there() {
    let school = School::open();
    let teacher = &school.teacher;
    teacher.run(["mark", "set", "L3", "17", "exam", "15,25", "--reason", "page 2 was not counted"]).ok();
    teacher.run(["mark", "set", "L3", "17", "exam", "16", "--coef", "3", "--reason", "again"]).ok();
    assert_eq!(teacher.json(["average", "L3", "17"])["exact"], "16");
    let mark = &teacher.json(["list", "L3", "17"])["students"][0]["marks"][0];
    assert_eq!([&mark["value"], &mark["coefficient"], &mark["label"]], ["16", "3", "exam"], "{mark}");
    let changes = teacher.json(["mark", "history", "L3", "17", "exam"])["changes"].clone();
    let corrections: Vec<_> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            ["old", "new", "old_coefficient", "new_coefficient", "by", "reason"]
                .map(|key| change[key].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        corrections,
        [["14.5", "15.25", "2", "2", "tess", "page 2 was not counted"], ["15.25", "16", "2", "3", "tess", "again"]]
    );
}

#[test]
fn a_removed_student_takes_the_marks_along() {
    let school = School::open();
    assert_eq!(school.teacher.json(["average", "L3"])["exact"], "47/4");
    school.teacher.run(["student", "remove", "L3", "18"]).ok();
    let average = school.teacher.json(["average", "L3"]);
    assert_eq!([&average["exact"], &average["enrolled"]], [&serde_json::json!("29/2"), &serde_json::json!(1)]);
    school.teacher.run(["average", "L3", "18"]).fails(6);
    school.teacher.run(["student", "remove", "L3", "18"]).fails(6);
    school.teacher.run(["student", "add", "L3", "Alan Kay", "--number", "18"]).ok();
    assert!(school.teacher.json(["average", "L3", "18"])["average"].is_null(), "old marks came back");
}

#[test]
fn names_and_numbers_are_text_of_any_script() {
    let school = School::open();
    for (number, name) in [("GP-0001", "Zoë Müller-O'Neill"), ("007", "李小龍"), ("étudiant 9", "Ім'я Прізвище")]
    {
        school.teacher.run(["student", "add", "L3", name, "--number", number]).ok();
        let student = &school.teacher.json(["list", "L3", number])["students"][0];
        assert_eq!([&student["number"], &student["name"]], [number, name]);
    }
    school.teacher.run(["list", "L3", "7"]).fails(6); // 007 is another number than 7
}
