//! The samples as a newer sender has them: each call and each mark has two fields more, which an older reader skips.

use crate::sample;

/// A [`sample::Call`] with two fields more.
#[derive(Debug, rpc_core::Message, minicbor::Encode)]
pub(crate) struct Call {
    #[tag(1)]
    #[cbor(n(0), with = "minicbor::bytes")]
    session: [u8; 16],
    #[tag(2)]
    #[n(1)]
    promotion: u64,
    #[tag(3)]
    #[n(2)]
    student: u64,
    #[tag(4)]
    #[n(3)]
    value: f64,
    #[tag(5)]
    #[n(4)]
    coefficient: f64,
    #[tag(6)]
    #[n(5)]
    label: String,
    #[tag(7)]
    #[n(6)]
    at_ms: u64,
    #[tag(8)]
    #[n(7)]
    remark: String,
}

/// A [`sample::Promotion`] with newer students.
#[derive(Debug, rpc_core::Message, minicbor::Encode)]
pub(crate) struct Promotion {
    #[tag(1)]
    #[n(0)]
    name: String,
    #[tag(2)]
    #[n(1)]
    students: Vec<Student>,
}

/// A [`sample::Student`] with newer marks.
#[derive(Debug, rpc_core::Message, minicbor::Encode)]
pub(crate) struct Student {
    #[tag(1)]
    #[n(0)]
    id: u64,
    #[tag(2)]
    #[n(1)]
    name: String,
    #[tag(3)]
    #[n(2)]
    grades: Vec<Grade>,
}

/// A [`sample::Grade`] with two fields more.
#[derive(Debug, rpc_core::Message, minicbor::Encode)]
pub(crate) struct Grade {
    #[tag(1)]
    #[n(0)]
    value: f64,
    #[tag(2)]
    #[n(1)]
    coefficient: f64,
    #[tag(3)]
    #[n(2)]
    at_ms: u64,
    #[tag(4)]
    #[n(3)]
    label: String,
    #[tag(5)]
    #[n(4)]
    version: u64,
    #[tag(6)]
    #[n(5)]
    remark: String,
}

/// What the text field more holds.
pub(crate) const REMARK: &str = "seen twice";

/// What the number more holds.
pub(crate) const NUMBER: u64 = 1_767_225_600_000;

impl From<&sample::Call> for Call {
    fn from(call: &sample::Call) -> Self {
        let sample::Call { session, promotion, student, value, coefficient, ref label } = *call;
        let (label, remark) = (label.clone(), REMARK.to_owned());
        Self { session, promotion, student, value, coefficient, label, at_ms: NUMBER, remark }
    }
}

impl From<&sample::Promotion> for Promotion {
    fn from(promotion: &sample::Promotion) -> Self {
        let students = promotion.students.iter().map(Student::from).collect();
        Self { name: promotion.name.clone(), students }
    }
}

impl From<&sample::Student> for Student {
    fn from(student: &sample::Student) -> Self {
        let grades = student.grades.iter().map(Grade::from).collect();
        Self { id: student.id, name: student.name.clone(), grades }
    }
}

impl From<&sample::Grade> for Grade {
    fn from(grade: &sample::Grade) -> Self {
        let sample::Grade { value, coefficient, at_ms, ref label } = *grade;
        let (label, remark) = (label.clone(), REMARK.to_owned());
        Self { value, coefficient, at_ms, label, version: NUMBER, remark }
    }
}
