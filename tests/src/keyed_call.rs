//! Each keyed method of the service, as a call that tells how often it was executed: for whoever breaks what is between.

use grades_api::{
    Grades, GradesClient, GradesError,
    model::{Coefficient, Mark, MarkId, NewMark, Sheet, SheetColumn, SheetRow},
};

/// A keyed method as a test calls it: `number` names what it is about, so that no two trials meet.
#[derive(Clone, Copy, Debug)]
pub struct KeyedCall {
    /// The method's name.
    pub method: &'static str,
    /// Makes what the call is about.
    pub prepare: fn(&GradesClient, number: u64) -> u64,
    /// Calls it, with what `prepare` has made: what it answers, as a text.
    pub call: fn(&GradesClient, number: u64, made: u64) -> rpc_core::Result<String, GradesError>,
    /// How often it was executed.
    pub count: fn(&GradesClient, number: u64) -> usize,
}

impl KeyedCall {
    /// The promotion that they are about; it is there before the first of them.
    pub const PROMOTION: &'static str = "L3";

    /// One of each keyed method.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self {
                method: "create_promotion",
                prepare: |_, _| 0,
                call: |grades, number, _| grades.create_promotion(&name(number)).map(|()| String::new()),
                count: |grades, number| {
                    grades.promotions().unwrap().iter().filter(|promotion| promotion.name == name(number)).count()
                },
            },
            Self {
                method: "add_student",
                prepare: |_, _| 0,
                call: |grades, number, _| add_student(grades, number).map(|()| String::new()),
                count: |grades, number| usize::from(grades.student(Self::PROMOTION, &name(number)).is_ok()),
            },
            Self {
                method: "remove_student",
                prepare: with_student,
                call: |grades, number, _| grades.remove_student(Self::PROMOTION, &name(number)).map(|()| String::new()),
                count: |grades, number| usize::from(grades.student(Self::PROMOTION, &name(number)).is_err()),
            },
            Self {
                method: "add_mark",
                prepare: with_student,
                call: |grades, number, _| add_mark(grades, number).map(|id| id.to_string()),
                count: marks,
            },
            Self {
                method: "correct_mark",
                prepare: |grades, number| {
                    with_student(grades, number);
                    add_mark(grades, number).unwrap()
                },
                call: |grades, _, made| {
                    grades.correct_mark(MarkId(made), 1, mark(), whole(), "late").map(|version| version.to_string())
                },
                count: |grades, number| {
                    let student = grades.student(Self::PROMOTION, &name(number)).unwrap();
                    student.marks[0].version as usize - 1
                },
            },
            Self {
                method: "import",
                prepare: with_student,
                call: |grades, number, _| {
                    let columns = vec![SheetColumn { coefficient: whole(), label: "exam".to_owned() }];
                    let rows = vec![SheetRow { student: name(number), marks: vec![mark()] }];
                    grades.import(Self::PROMOTION, &Sheet { columns, rows }, false).map(|report| format!("{report:?}"))
                },
                count: marks,
            },
            Self {
                method: "add_marks",
                prepare: with_student,
                call: |grades, number, _| {
                    let marks = [NewMark { number: name(number), mark: mark() }];
                    grades.add_marks(Self::PROMOTION, &marks, whole(), "exam").map(|ids| format!("{ids:?}"))
                },
                count: marks,
            },
        ]
    }
}

fn with_student(grades: &GradesClient, number: u64) -> u64 {
    add_student(grades, number).unwrap();
    0
}

fn add_student(grades: &GradesClient, number: u64) -> rpc_core::Result<(), GradesError> {
    grades.add_student(KeyedCall::PROMOTION, &name(number), &name(number))
}

fn name(number: u64) -> String {
    format!("n{number}")
}

fn mark() -> Mark {
    "12".parse().unwrap()
}

fn whole() -> Coefficient {
    "1".parse().unwrap()
}

fn add_mark(grades: &GradesClient, number: u64) -> rpc_core::Result<u64, GradesError> {
    grades.add_mark(KeyedCall::PROMOTION, &name(number), mark(), whole(), "exam").map(|id| id.0)
}

/// How many marks the student of a trial has.
fn marks(grades: &GradesClient, number: u64) -> usize {
    grades.student(KeyedCall::PROMOTION, &name(number)).unwrap().marks.len()
}
