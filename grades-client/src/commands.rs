//! What the commands do, against the traits and not against a connection: the same functions serve the command line, the
//! tests, and whoever else implements the traits.

mod accounts;
pub(crate) use accounts::{account, login, logout, passwd, session, whoami};

mod grades;
pub(crate) use grades::{average, import, list, promotion, student};

mod mark;
pub(crate) use mark::mark;

#[cfg(test)]
mod fake;

/// How messages name a promotion.
fn named_promotion(promotion: &str) -> String {
    format!("promotion `{promotion}`")
}

/// How messages name a student.
fn named_student(promotion: &str, number: &str) -> String {
    format!("student `{number}` of `{promotion}`")
}
