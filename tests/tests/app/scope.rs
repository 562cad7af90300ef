//! Whose promotions and whose marks a session reaches, as a person at the command line meets it: each command by each role,
//! on what is theirs and on what is not, with its exit code. Which role may call a method at all is `access.rs`.

use tests::{Cli, School};

#[test]
fn a_session_reaches_exactly_the_objects_that_are_its_own() {
    #[track_caller]
    fn check(school: &School, command: &str, [administrator, teacher, student]: [i32; 3]) {
        let arguments: Vec<&str> = command.split(' ').collect();
        let run = |cli: &Cli| cli.run(&arguments).code;
        assert_eq!(run(&school.student), student, "{command} by the student");
        assert_eq!(run(&school.teacher), teacher, "{command} by the teacher");
        assert_eq!(run(&school.administrator), administrator, "{command} by the administrator");
        assert_eq!(run(&school.server.visitor()), 4, "{command} by nobody");
    }
    let school = School::open();
    school.administrator.run(["mark", "add", "M1", "21", "11", "--label", "exam"]).ok();
    let sheet = school.file("sheet.csv", "student,quiz\n17,12\n");
    let sheet = sheet.to_str().unwrap();

    check(&school, "average L3", [0, 0, 5]);
    check(&school, "average L3 17", [0, 0, 0]);
    check(&school, "average L3 18", [0, 0, 6]);
    check(&school, "average L3 99", [6, 6, 6]);
    check(&school, "average M1", [0, 5, 5]);
    check(&school, "average M1 21", [0, 5, 6]);

    check(&school, "list L3", [0, 0, 5]);
    check(&school, "list L3 17", [0, 0, 0]);
    check(&school, "list L3 18", [0, 0, 6]);
    check(&school, "list M1", [0, 5, 5]);
    check(&school, "list M1 21", [0, 5, 6]);

    check(&school, "mark add L3 17 12 --label oral", [0, 0, 5]);
    check(&school, "mark add M1 21 12 --label oral", [0, 5, 5]);
    check(&school, "mark set L3 17 exam 15 --reason test", [0, 0, 5]);
    check(&school, "mark set L3 18 exam 15 --reason test", [0, 0, 6]);
    check(&school, "mark set M1 21 exam 15 --reason test", [0, 5, 6]);
    check(&school, "mark history L3 17 exam", [0, 0, 5]);
    check(&school, "mark history M1 21 exam", [0, 5, 6]);

    check(&school, &format!("import L3 {sheet} --dry-run"), [0, 0, 5]);
    check(&school, &format!("import M1 {sheet} --dry-run"), [0, 5, 5]);

    check(&school, "student add M1 Someone --number 22", [0, 5, 5]);
    check(&school, "student remove M1 22", [0, 5, 5]);
    check(&school, "promotion add X1", [0, 5, 5]);
    check(&school, "account list", [0, 5, 5]);
    check(&school, "account attach tess X1", [0, 5, 5]);
    check(&school, "account detach tess X1", [0, 5, 5]);
    check(&school, "account bind sam L3 17", [0, 5, 5]);
    check(&school, "session list root", [0, 5, 5]);
    check(&school, "session list", [0, 0, 0]);
    check(&school, "whoami", [0, 0, 0]);
}

#[test]
fn a_list_of_promotions_shows_only_the_callers_own() {
    let school = School::open();
    let seen = |cli: &Cli| -> Vec<String> {
        let promotions = cli.json(["promotion", "list"])["promotions"].as_array().unwrap().clone();
        promotions.iter().map(|promotion| promotion["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(seen(&school.administrator), ["L3", "M1"]);
    assert_eq!(seen(&school.teacher), ["L3"]);
    assert_eq!(seen(&school.student), ["L3"]);
}

#[test]
fn a_teacher_gains_and_loses_a_promotion_at_once() {
    let school = School::open();
    school.teacher.run(["average", "M1"]).fails(5);
    school.administrator.run(["account", "attach", "tess", "M1"]).ok();
    school.teacher.run(["average", "M1"]).ok();
    school.administrator.run(["account", "detach", "tess", "M1"]).ok();
    school.teacher.run(["average", "M1"]).fails(5);
}

#[test]
fn a_student_account_sees_whom_it_is_bound_to_now() {
    let school = School::open();
    school.administrator.run(["account", "bind", "sam", "L3", "18"]).ok();
    school.student.run(["average", "L3", "18"]).ok();
    school.student.run(["average", "L3", "17"]).fails(6);
    school.administrator.run(["account", "unbind", "sam"]).ok();
    school.student.run(["average", "L3", "18"]).fails(6);
}
