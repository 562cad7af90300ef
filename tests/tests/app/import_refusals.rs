//! Sheets that can't be taken: one wrong cell refuses the whole file, names its line, column and text, and nothing is
//! written. Also what may look wrong and is not.

use tests::School;

const GOOD: &str = "student,G1,G2\n17,12,13\nNew Student,9,10\n";

fn check(school: &School, text: &str, names: &[&str]) {
    let file = school.file("sheet.csv", text);
    let before = school.teacher.json(["list", "L3"]);
    for extra in [&[][..], &["--dry-run"]] {
        let mut arguments = vec!["import", "L3", file.to_str().unwrap()];
        arguments.extend(extra);
        let complaint = school.teacher.run(&arguments).fails(8);
        for name in names {
            assert!(complaint.contains(name), "{name:?} is not named for {text:?}:\n{complaint}");
        }
    }
    assert_eq!(school.teacher.json(["list", "L3"]), before, "something was written for {text:?}");
}

#[test]
fn a_wrong_cell_refuses_the_whole_file_and_is_named_with_its_place() {
    let school = School::open();
    check(&school, "student,G1,G2\n17,12,13\n18,21,10\n", &["3", "G1", "21"]);
    check(&school, "student,G1,G2\n17,12,13\n18,10,20.5\n", &["3", "G2", "20.5"]);
    check(&school, "student,G1,G2\n17,12,absent\n18,10,11\n", &["2", "G2", "absent"]);
    check(&school, "student,G1,G2\n17,12,-1\n18,10,11\n", &["2", "G2", "-1"]);
    check(&school, "student,G1,G2\n17,12,12.00001\n18,10,11\n", &["2", "G2", "12.00001"]);
    check(&school, "student,G1,G2\n17,12,\n18,10,11\n", &["2", "G2"]);
    check(&school, "student,G1,G2\n17,12,13\n18,11/10,11\n", &["3", "G1", "11/10"]);
}

#[test]
fn a_row_with_a_wrong_number_of_cells_refuses_the_whole_file() {
    let school = School::open();
    check(&school, "student,G1,G2\n17,12,13\n18,10\n", &["3"]);
    check(&school, "student,G1,G2\n17,12,13,14\n18,10,11\n", &["2"]);
}

#[test]
fn a_row_without_a_student_or_with_the_same_student_twice_refuses_the_whole_file() {
    let school = School::open();
    check(&school, "student,G1\n17,12\n,13\n", &["3"]);
    check(&school, "student,G1\n17,12\n18,10\n17,13\n", &["4", "17"]);
    check(&school, "student,G1\n17,12\nGrace Hopper,13\n", &["3", "Grace Hopper"]);
}

#[test]
fn a_name_that_two_students_have_refuses_the_whole_file() {
    let school = School::open();
    school.teacher.run(["student", "add", "L3", "Alan Kay", "--number", "19"]).ok();
    check(&school, "student,G1\n17,12\nAlan Kay,13\n", &["3", "Alan Kay"]);
}

#[test]
fn a_second_mark_of_one_label_refuses_the_whole_file() {
    let school = School::open();
    check(&school, "student,G1,exam\n18,12,13\n", &["2", "exam"]);
    check(&school, "student,G1,G1\n17,12,13\n", &["G1"]);
}

#[test]
fn a_sheet_without_rows_columns_or_a_known_promotion_is_refused() {
    let school = School::open();
    check(&school, "", &[]);
    check(&school, "student\n17\n", &[]);
    let file = school.file("sheet.csv", GOOD);
    school.administrator.run(["import", "nowhere", file.to_str().unwrap()]).fails(6);
    school.teacher.run(["import", "M1", file.to_str().unwrap()]).fails(5);
    school.student.run(["import", "L3", file.to_str().unwrap()]).fails(5);
    let complaint = school.teacher.run(["import", "L3", file.to_str().unwrap(), "--coef", "G9=2"]).fails(8);
    assert!(complaint.contains("G9"), "{complaint}");
    let complaint = school.teacher.run(["import", "L3", file.to_str().unwrap(), "--coef", "G1=heavy"]).fails(8);
    assert!(complaint.contains("heavy"), "{complaint}");
}

#[test]
fn semicolons_quotes_and_a_byte_order_mark_are_no_mistakes() {
    let school = School::open();
    let text = "\u{feff}student;G1;\"G2; second\"\r\n17;12,5;13\r\n\"Curie; Marie\";ABS;7/10\r\n";
    let file = school.file("sheet.csv", text);
    let report = school.teacher.json(["import", "L3", file.to_str().unwrap(), "--coef", "G1=2"]);
    assert_eq!([&report["matched"], &report["enrolled"], &report["marks"]], [1, 1, 4], "{report}");
    // exam 14.5 (2), G1 12.5 (2), G2 13 (1)
    assert_eq!(school.teacher.json(["average", "L3", "17"])["exact"], "67/5");
    let enrolled = &school.teacher.json(["list", "L3", "Curie; Marie"])["students"][0];
    assert_eq!([&enrolled["name"], &enrolled["average"]], ["Curie; Marie", "4.67"], "{enrolled}");
}

#[test]
fn a_first_cell_that_matches_nobody_enrols_a_student() {
    let school = School::open();
    let file = school.file("sheet.csv", GOOD);
    let report = school.teacher.json(["import", "L3", file.to_str().unwrap()]);
    assert_eq!([&report["matched"], &report["enrolled"], &report["marks"]], [1, 1, 4], "{report}");
    let student = &school.teacher.json(["list", "L3", "New Student"])["students"][0];
    assert_eq!([&student["number"], &student["name"], &student["average"]], ["New Student", "New Student", "9.50"]);
}
