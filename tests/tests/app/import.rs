//! Real marks: two promotions of a real school, imported as one call and one transaction each, against means computed here
//! from the files alone, with whole numbers and no line of the program.

use std::{collections::BTreeMap, fs, path::PathBuf};

use tests::{Cli, RunningServer};

/// G1 + G2 + 2·G3 of each student; a student's mean is that over 4.
type Points = BTreeMap<String, u64>;

const COEFFICIENTS_SUM: u64 = 4;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

fn points(name: &str) -> Points {
    let text = fs::read_to_string(file(name)).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("student,G1,G2,G3"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let mark = |column: usize| cells[column].parse::<u64>().unwrap();
            (cells[0].to_owned(), mark(1) + mark(2) + 2 * mark(3))
        })
        .collect()
}

/// `numerator/denominator` as the program has to show it: in lowest terms, and rounded half up at two decimals.
fn expected(numerator: u64, denominator: u64) -> (String, String) {
    let divisor = greatest_common_divisor(numerator, denominator);
    let (top, bottom) = (numerator / divisor, denominator / divisor);
    let exact = if bottom == 1 { top.to_string() } else { format!("{top}/{bottom}") };
    let hundredths = (200 * numerator + denominator) / (2 * denominator);
    (exact, format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

fn import(cli: &Cli, promotion: &str, name: &str, extra: &[&str]) -> serde_json::Value {
    let path = file(name);
    let mut arguments = vec!["import", promotion, path.to_str().unwrap()];
    arguments.extend(["--coef", "G1=1", "--coef", "G2=1", "--coef", "G3=2"]);
    arguments.extend(extra);
    cli.json(arguments)
}

fn check(name: &str, students: usize) {
    let server = RunningServer::start();
    let cli = server.administrator();
    cli.run(["promotion", "add", "real"]).ok();

    let report = import(&cli, "real", name, &["--dry-run"]);
    assert_eq!([&report["enrolled"], &report["marks"]], [students, 3 * students], "{report}");
    assert!(cli.json(["list", "real"])["students"].as_array().unwrap().is_empty(), "a dry run wrote something");

    let report = import(&cli, "real", name, &[]);
    assert_eq!([&report["matched"], &report["enrolled"], &report["marks"]], [0, students, 3 * students], "{report}");

    let points = points(name);
    assert_eq!(points.len(), students);
    let average = cli.json(["average", "real"]);
    let denominator = COEFFICIENTS_SUM * u64::try_from(students).unwrap();
    let (exact, shown) = expected(points.values().sum(), denominator);
    assert_eq!([&average["exact"], &average["average"]], [&exact, &shown], "{average}");
    assert_eq!([&average["counted"], &average["enrolled"], &average["pending"]], [students, students, 0]);

    // One list has them all; its means are the ones that `average` shows, as the test after this one sees to.
    let listed = cli.json(["list", "real"]);
    let listed = listed["students"].as_array().unwrap();
    assert_eq!(listed.len(), students);
    for student in listed {
        let number = student["number"].as_str().unwrap();
        assert_eq!(student["average"].as_str().unwrap(), expected(points[number], COEFFICIENTS_SUM).1, "{student}");
        assert_eq!(student["marks"].as_array().unwrap().len(), 3, "{student}");
    }
    for (number, sum) in &points {
        let average = cli.json(["average", "real", number]);
        let (exact, shown) = expected(*sum, COEFFICIENTS_SUM);
        assert_eq!([&average["exact"], &average["average"]], [&exact, &shown], "{number}: {average}");
    }
}

#[test]
fn the_marks_of_649_students_give_the_means_computed_outside_the_program() {
    check("marks-portuguese.csv", 649);
}

#[test]
fn the_marks_of_395_students_give_the_means_computed_outside_the_program() {
    check("marks-mathematics.csv", 395);
}

#[test]
fn the_computation_outside_the_program_knows_the_golden_means() {
    assert_eq!(expected(80, 7), ("80/7".into(), "11.43".into()));
    assert_eq!(expected(57, 8), ("57/8".into(), "7.13".into())); // 7.125: half up
    assert_eq!(expected(48, 4), ("12".into(), "12.00".into()));
    assert_eq!(expected(0, 4), ("0".into(), "0.00".into()));
}
