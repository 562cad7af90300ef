//! The commands on promotions and students, and what is read of their marks.

use std::{path::Path, time::Duration};

use grades_api::{Grades, GradesError, model::StudentMarks};
use indicatif::ProgressBar;
use rpc_core::Error;

use super::{named_promotion, named_student, read_file};
use crate::{
    cli::{ColumnCoefficient, PromotionCommand, StudentCommand},
    failure::Failure,
    import::SheetFile,
    render::{self, View},
};

/// Students of one call: 500 with a dozen marks each stay far below the largest reply.
const STUDENTS_A_CALL: u32 = 500;

/// `grades promotion …`.
pub(crate) fn promotion(grades: &dyn Grades, command: &PromotionCommand) -> Result<View, Failure> {
    match command {
        PromotionCommand::Add { name } => {
            let about = named_promotion(name);
            grades.create_promotion(name).map_err(Failure::of_grades(&about))?;
            Ok(View::done(format!("{about} was created"), &[("promotion", name.as_str().into())]))
        }
        PromotionCommand::List => {
            let promotions = grades.promotions().map_err(Failure::of_grades("the promotions"))?;
            Ok(render::promotion_list(&promotions))
        }
    }
}

/// `grades student …`.
pub(crate) fn student(grades: &dyn Grades, command: &StudentCommand) -> Result<View, Failure> {
    match command {
        StudentCommand::Add { promotion, name, number } => {
            let about = named_student(promotion, number);
            grades.add_student(promotion, number, name).map_err(|error| match error {
                // What is missing or not the caller's is the promotion; what exists already is the student.
                Error::App(GradesError::NotFound | GradesError::Forbidden) => {
                    Failure::of_grades(&named_promotion(promotion))(error)
                }
                error => Failure::of_grades(&about)(error),
            })?;
            let things = [
                ("promotion", promotion.as_str().into()),
                ("number", number.as_str().into()),
                ("name", name.as_str().into()),
            ];
            Ok(View::done(format!("{about} was enrolled: {name}"), &things))
        }
        StudentCommand::Remove { promotion, number } => {
            let about = named_student(promotion, number);
            grades.remove_student(promotion, number).map_err(Failure::of_grades(&about))?;
            let things = [("promotion", promotion.as_str().into()), ("number", number.as_str().into())];
            Ok(View::done(format!("{about} was removed, with their marks"), &things))
        }
    }
}

/// `grades average`.
pub(crate) fn average(grades: &dyn Grades, promotion: &str, number: Option<&str>) -> Result<View, Failure> {
    match number {
        None => {
            let average =
                grades.promotion_average(promotion).map_err(Failure::of_grades(&named_promotion(promotion)))?;
            Ok(render::promotion_average(promotion, &average))
        }
        Some(number) => {
            let about = named_student(promotion, number);
            let average = grades.student_average(promotion, number).map_err(Failure::of_grades(&about))?;
            Ok(render::student_average(&about, &average))
        }
    }
}

/// `grades list`.
pub(crate) fn list(grades: &dyn Grades, promotion: &str, number: Option<&str>) -> Result<View, Failure> {
    match number {
        None => Ok(render::sheet(&all_students(grades, promotion)?)),
        Some(number) => {
            let about = named_student(promotion, number);
            let student = grades.student(promotion, number).map_err(Failure::of_grades(&about))?;
            Ok(render::marks_of(&student))
        }
    }
}

/// All students of a promotion, page by page.
fn all_students(grades: &dyn Grades, promotion: &str) -> Result<Vec<StudentMarks>, Failure> {
    let mut students: Vec<StudentMarks> = Vec::new();
    loop {
        let after = students.last().map(|student| student.number.as_str());
        let page = grades
            .students(promotion, after, STUDENTS_A_CALL)
            .map_err(Failure::of_grades(&named_promotion(promotion)))?;
        // A server may give fewer than it was asked for: only an empty page is the end.
        if page.is_empty() {
            return Ok(students);
        }
        students.extend(page);
    }
}

/// `grades import`.
pub(crate) fn import(
    grades: &dyn Grades,
    promotion: &str,
    file: &Path,
    coefficients: &[ColumnCoefficient],
    dry_run: bool,
) -> Result<View, Failure> {
    let (name, bytes) = read_file(file)?;
    let sheet = SheetFile::parse(&name, &bytes, coefficients)?;
    // Drawn on standard error, and only if that is a terminal.
    let spinner = ProgressBar::new_spinner().with_message(format!("importing {} students", sheet.sheet.rows.len()));
    spinner.enable_steady_tick(Duration::from_millis(100));
    let report = sheet.send(grades, promotion, dry_run);
    spinner.finish_and_clear();
    Ok(render::import_report(promotion, report?, dry_run))
}

#[cfg(test)]
mod tests {
    use super::{super::fake::FakeGrades, *};
    use crate::{cli::Output, failure::Exit};

    #[test]
    fn a_list_asks_for_page_after_page_until_one_is_empty() {
        #[track_caller]
        fn check(students: u32, page_max: usize) {
            let fake = FakeGrades::with_students(students).pages_of(page_max);
            let numbers: Vec<String> =
                all_students(&fake, "L3").unwrap().into_iter().map(|student| student.number).collect();
            assert_eq!(numbers, fake.numbers(), "{students} students, {page_max} a page");
        }
        check(0, 500);
        check(1, 500);
        check(500, 500);
        check(501, 500);
        check(1_200, 500);
        check(7, 3);
    }

    #[test]
    fn a_promotion_that_is_not_there_is_named() {
        let fake = FakeGrades::with_students(1);
        let failure = list(&fake, "M9", None).unwrap_err();
        assert_eq!(failure.exit, Exit::NotFound);
        assert!(failure.message.contains("promotion `M9`"), "{failure:?}");
    }

    #[test]
    fn a_student_that_exists_already_is_named_but_a_missing_promotion_too() {
        #[track_caller]
        fn check(promotion: &str, exit: Exit, named: &str) {
            let fake = FakeGrades::with_students(2);
            let command =
                StudentCommand::Add { promotion: promotion.into(), name: "Ada".into(), number: "0001".into() };
            let failure = student(&fake, &command).unwrap_err();
            assert_eq!(failure.exit, exit);
            assert!(failure.message.starts_with(named), "{failure:?}");
        }
        check("L3", Exit::Conflict, "student `0001` of `L3`");
        check("M9", Exit::NotFound, "promotion `M9`");
    }

    #[test]
    fn the_mean_of_a_student_counts_students_as_that_of_a_promotion_does() {
        let fake = FakeGrades::with_students(2);
        let text = average(&fake, "L3", Some("0001")).unwrap().to_text(Output::Json).unwrap();
        for part in ["\"counted\": 1", "\"enrolled\": 1", "\"pending\": 0", "\"marks\": 1", "\"average\": \"12.00\""] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn an_import_that_can_not_be_read_sends_nothing() {
        let fake = FakeGrades::with_students(1);
        let failure = import(&fake, "L3", Path::new("/nonexistent/f.csv"), &[], false).unwrap_err();
        assert_eq!(failure.exit, Exit::InvalidData);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"s,G1\n0001,21\n").unwrap();
        assert_eq!(import(&fake, "L3", file.path(), &[], false).unwrap_err().exit, Exit::InvalidData);
        assert_eq!(fake.imports(), 0);
    }

    #[test]
    fn an_import_is_one_call() {
        let fake = FakeGrades::with_students(1);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"s,G1,G2\n0001,12,13\nNew,1,2\n").unwrap();
        let view = import(&fake, "L3", file.path(), &["G2=2".parse().unwrap()], true).unwrap();
        assert_eq!(fake.imports(), 1);
        assert_eq!(view.to_text(Output::Csv).unwrap(), "promotion,matched,enrolled,marks,dry_run\nL3,1,1,4,true\n");
    }
}
