//! What the commands do, against the traits and not against a connection: the same functions serve the command line, the
//! tests, and whoever else implements the traits.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use crate::failure::Failure;

mod accounts;
pub(crate) use accounts::{account, login, logout, passwd, session, whoami};

mod grades;
pub(crate) use grades::{average, import, list, promotion, student};

mod mark;
pub(crate) use mark::mark;

#[cfg(test)]
mod fake;

/// What a file that is named on the command line holds, and how messages name it; `-` is standard input.
fn read_file(file: &Path) -> Result<(String, Vec<u8>), Failure> {
    let (name, bytes) = if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        (file.display().to_string(), fs::read(file))
    };
    match bytes {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(Failure::invalid(format!("can't read {name}: {error}")).hint("check the name of the file")),
    }
}

/// How messages name a promotion.
fn named_promotion(promotion: &str) -> String {
    format!("promotion `{promotion}`")
}

/// How messages name a student.
fn named_student(promotion: &str, number: &str) -> String {
    format!("student `{number}` of `{promotion}`")
}
