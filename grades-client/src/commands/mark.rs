//! The commands on marks. One mark is named by its id, or by a label that only one of the student's marks has.

use grades_api::{
    Grades,
    model::{MarkEntry, MarkId},
};

use super::{named_promotion, named_student, read_file};
use crate::{
    cli::MarkCommand,
    failure::{Exit, Failure},
    import::{MarkList, parse_coefficient, parse_mark},
    render::{self, View, counted},
};

/// `grades mark …`.
pub(crate) fn mark(grades: &dyn Grades, command: &MarkCommand) -> Result<View, Failure> {
    match command {
        MarkCommand::Add { promotion, number, value, coefficient, label } => {
            let (mark, coefficient) = (parse_mark(value)?, parse_coefficient(coefficient)?);
            let about = named_student(promotion, number);
            let id =
                grades.add_mark(promotion, number, mark, coefficient, label).map_err(Failure::of_grades(&about))?;
            let sentence = format!("mark {id} was added: {mark} ×{coefficient} for {about}");
            Ok(View::done(sentence, &[("id", id.0.into())]))
        }
        MarkCommand::Enter { promotion, file, coefficient, label } => {
            let coefficient = parse_coefficient(coefficient)?;
            let (name, bytes) = read_file(file)?;
            let list = MarkList::parse(&name, &bytes)?;
            list.send(grades, promotion, coefficient, label)?;
            let marks = list.marks.len();
            let about = named_promotion(promotion);
            let sentence = format!("{} added to {about}: {label} ×{coefficient}", counted(marks, "mark"));
            let things =
                [("promotion", promotion.as_str().into()), ("label", label.as_str().into()), ("marks", marks.into())];
            Ok(View::done(sentence, &things))
        }
        MarkCommand::Set { promotion, number, mark, value, coefficient, reason } => {
            let value = parse_mark(value)?;
            let coefficient = coefficient.as_deref().map(parse_coefficient).transpose()?;
            let entry = find(grades, promotion, number, mark)?;
            let coefficient = coefficient.unwrap_or(entry.coefficient);
            let about = named_mark(promotion, number, entry.id);
            let version = grades
                .correct_mark(entry.id, entry.version, value, coefficient, reason)
                .map_err(Failure::of_grades(&about))?;
            let sentence =
                format!("{about} was corrected: {value} ×{coefficient}, before {} ×{}", entry.mark, entry.coefficient);
            Ok(View::done(sentence, &[("id", entry.id.0.into()), ("version", version.into())]))
        }
        MarkCommand::History { promotion, number, mark } => {
            let entry = find(grades, promotion, number, mark)?;
            let about = named_mark(promotion, number, entry.id);
            let changes = grades.mark_history(entry.id).map_err(Failure::of_grades(&about))?;
            Ok(render::history(&changes))
        }
    }
}

/// The one mark of the student that `text` names. Never a guess: a wrong mark corrected is a wrong mean.
fn find(grades: &dyn Grades, promotion: &str, number: &str, text: &str) -> Result<MarkEntry, Failure> {
    let about = named_student(promotion, number);
    let mut marks = grades.student(promotion, number).map_err(Failure::of_grades(&about))?.marks;
    let id = text.parse().ok().map(MarkId);
    marks.retain(|entry| Some(entry.id) == id || entry.label == text);
    match marks.as_slice() {
        [] => Err(Failure::new(Exit::NotFound, format!("{about} has no mark `{text}`"))
            .hint(format!("`grades list '{promotion}' '{number}'` shows the marks with their ids"))),
        [entry] => Ok(entry.clone()),
        several => {
            let ids: Vec<String> = several.iter().map(|entry| entry.id.to_string()).collect();
            Err(Failure::new(Exit::Conflict, format!("`{text}` names several marks of {about}: {}", ids.join(", ")))
                .hint("name the mark by its id, or by a label that is no other mark's id"))
        }
    }
}

fn named_mark(promotion: &str, number: &str, id: MarkId) -> String {
    format!("mark {id} of {}", named_student(promotion, number))
}

#[cfg(test)]
mod tests {
    use super::{super::fake::FakeGrades, *};
    use crate::cli::Output;

    /// A student with marks of these ids and labels, each of version 3.
    fn student(marks: &[(u64, &str)]) -> FakeGrades {
        FakeGrades::with_marks(marks)
    }

    #[test]
    fn a_mark_is_found_by_id_or_by_a_label_of_its_own() {
        #[track_caller]
        fn check(marks: &[(u64, &str)], text: &str, expected: Result<u64, Exit>) {
            let found = find(&student(marks), "L3", "0001", text);
            assert_eq!(found.map(|entry| entry.id.0).map_err(|failure| failure.exit), expected, "{text}");
        }
        let marks = [(4, "exam"), (5, "quiz"), (6, "quiz"), (7, "4"), (8, "8")];
        check(&marks, "5", Ok(5));
        check(&marks, "exam", Ok(4));
        check(&marks, "quiz", Err(Exit::Conflict));
        check(&marks, "4", Err(Exit::Conflict));
        check(&marks, "7", Ok(7));
        check(&marks, "8", Ok(8));
        check(&marks, "9", Err(Exit::NotFound));
        check(&[], "exam", Err(Exit::NotFound));
    }

    #[test]
    fn a_correction_names_the_version_it_saw_and_keeps_the_coefficient() {
        #[track_caller]
        fn check(coefficient: Option<&str>, expected: u32) {
            let fake = student(&[(4, "exam")]);
            let command = MarkCommand::Set {
                promotion: "L3".into(),
                number: "0001".into(),
                mark: "exam".into(),
                value: "15".into(),
                coefficient: coefficient.map(Into::into),
                reason: "typo".into(),
            };
            mark(&fake, &command).unwrap();
            assert_eq!(fake.corrections(), [(4, 3, expected)]);
        }
        check(None, 100);
        check(Some("2.5"), 250);
    }

    /// `grades mark enter L3 FILE --label oral --coef C`, of a file that holds `text`.
    fn enter(fake: &FakeGrades, promotion: &str, text: &str, coefficient: &str) -> Result<View, Failure> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        let (promotion, coefficient, label) = (promotion.into(), coefficient.into(), "oral".into());
        mark(fake, &MarkCommand::Enter { promotion, file: file.path().to_owned(), coefficient, label })
    }

    #[test]
    fn the_marks_of_a_test_are_one_call() {
        let fake = FakeGrades::with_students(3);
        let view = enter(&fake, "L3", "0003 12\n0001 ABS\n", "2").unwrap();
        assert_eq!(fake.tests(), ["oral ×2: 0003 12, 0001 ABS"]);
        assert_eq!(fake.calls(), 1);
        assert_eq!(view.to_text(Output::Csv).unwrap(), "promotion,label,marks\nL3,oral,2\n");
        assert_eq!(view.to_text(Output::Table).unwrap(), "2 marks added to promotion `L3`: oral ×2\n");
    }

    #[test]
    fn what_only_the_server_finds_wrong_is_named_by_its_line() {
        let fake = FakeGrades::with_students(3);
        let failure = enter(&fake, "L3", "0003 12\n\n99 ABS\n0001 13\n98 ATT\n", "2").unwrap_err();
        assert_eq!(failure.exit, Exit::InvalidData);
        assert!(failure.message.ends_with("has 2 faults; nothing was written"), "{failure:?}");
        let unknown = "no student of the promotion has this number";
        let [first, second] =
            [("3", "99"), ("5", "98")].map(|(line, number)| format!("line {line}, student `{number}`: {unknown}"));
        assert_eq!(failure.details, [first, second]);
        assert!(failure.hint.is_some_and(|hint| hint.contains("student add")));
        let elsewhere = enter(&fake, "M9", "0001 12\n", "1").unwrap_err();
        assert_eq!((elsewhere.exit, &elsewhere.message[..14]), (Exit::NotFound, "promotion `M9`"));
    }

    #[test]
    fn a_list_with_a_wrong_line_or_coefficient_is_refused_before_any_call() {
        let fake = FakeGrades::with_students(1);
        for (text, coefficient) in [("0001 21\n", "1"), ("0001 12\n", "heavy"), ("", "1")] {
            assert_eq!(enter(&fake, "L3", text, coefficient).unwrap_err().exit, Exit::InvalidData, "{text:?}");
        }
        assert_eq!(fake.calls(), 0);
    }

    #[test]
    fn a_value_that_is_no_mark_is_refused_before_any_call() {
        #[track_caller]
        fn check(value: &str, coefficient: &str) {
            let fake = student(&[]);
            let command = MarkCommand::Add {
                promotion: "L3".into(),
                number: "0001".into(),
                value: value.into(),
                coefficient: coefficient.into(),
                label: String::new(),
            };
            assert_eq!(mark(&fake, &command).unwrap_err().exit, Exit::InvalidData);
            assert_eq!(fake.calls(), 0);
        }
        check("21", "1");
        check("-1", "1");
        check("good", "1");
        check("12", "-1");
        check("12", "heavy");
    }
}
