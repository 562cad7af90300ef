//! The samples as prost wants them: bytes of any length for the session, every field with a default; and the same as a newer
//! sender has them.

use crate::{newer, sample};

/// A [`sample::Call`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Call {
    #[prost(bytes = "vec", tag = "1")]
    session: Vec<u8>,
    #[prost(uint64, tag = "2")]
    promotion: u64,
    #[prost(uint64, tag = "3")]
    student: u64,
    #[prost(double, tag = "4")]
    value: f64,
    #[prost(double, tag = "5")]
    coefficient: f64,
    #[prost(string, tag = "6")]
    label: String,
}

/// A [`newer::Call`]: what it has in common with [`Call`], and the rest.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewerCall {
    #[prost(bytes = "vec", tag = "1")]
    session: Vec<u8>,
    #[prost(uint64, tag = "2")]
    promotion: u64,
    #[prost(uint64, tag = "3")]
    student: u64,
    #[prost(double, tag = "4")]
    value: f64,
    #[prost(double, tag = "5")]
    coefficient: f64,
    #[prost(string, tag = "6")]
    label: String,
    #[prost(uint64, tag = "7")]
    at_ms: u64,
    #[prost(string, tag = "8")]
    remark: String,
}

/// A [`sample::Promotion`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Promotion {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    students: Vec<Student>,
}

/// A [`sample::Student`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Student {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "3")]
    grades: Vec<Grade>,
}

/// A [`sample::Grade`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Grade {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(double, tag = "2")]
    coefficient: f64,
    #[prost(uint64, tag = "3")]
    at_ms: u64,
    #[prost(string, tag = "4")]
    label: String,
}

/// A [`newer::Promotion`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewerPromotion {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    students: Vec<NewerStudent>,
}

/// A [`newer::Student`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewerStudent {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "3")]
    grades: Vec<NewerGrade>,
}

/// A [`newer::Grade`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewerGrade {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(double, tag = "2")]
    coefficient: f64,
    #[prost(uint64, tag = "3")]
    at_ms: u64,
    #[prost(string, tag = "4")]
    label: String,
    #[prost(uint64, tag = "5")]
    version: u64,
    #[prost(string, tag = "6")]
    remark: String,
}

impl From<&sample::Call> for Call {
    fn from(call: &sample::Call) -> Self {
        let sample::Call { session, promotion, student, value, coefficient, ref label } = *call;
        Self { session: session.to_vec(), promotion, student, value, coefficient, label: label.clone() }
    }
}

impl From<&sample::Promotion> for Promotion {
    fn from(promotion: &sample::Promotion) -> Self {
        Self { name: promotion.name.clone(), students: promotion.students.iter().map(Student::from).collect() }
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
        Self { value, coefficient, at_ms, label: label.clone() }
    }
}

impl From<&sample::Call> for NewerCall {
    fn from(call: &sample::Call) -> Self {
        let Call { session, promotion, student, value, coefficient, label } = call.into();
        let remark = newer::REMARK.to_owned();
        Self { session, promotion, student, value, coefficient, label, at_ms: newer::NUMBER, remark }
    }
}

impl From<&sample::Promotion> for NewerPromotion {
    fn from(promotion: &sample::Promotion) -> Self {
        Self { name: promotion.name.clone(), students: promotion.students.iter().map(NewerStudent::from).collect() }
    }
}

impl From<&sample::Student> for NewerStudent {
    fn from(student: &sample::Student) -> Self {
        let grades = student.grades.iter().map(NewerGrade::from).collect();
        Self { id: student.id, name: student.name.clone(), grades }
    }
}

impl From<&sample::Grade> for NewerGrade {
    fn from(grade: &sample::Grade) -> Self {
        let Grade { value, coefficient, at_ms, label } = grade.into();
        let remark = newer::REMARK.to_owned();
        Self { value, coefficient, at_ms, label, version: newer::NUMBER, remark }
    }
}
