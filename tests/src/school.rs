//! A small school: a server with two promotions, and one account of each role, so that a test begins where it is about
//! something. Everything is made through the command line, as an administrator would.

use std::{fs, path::PathBuf};

use crate::{Cli, PASSWORD, RunningServer};

/// A running server and the people of its school.
#[derive(Debug)]
pub struct School {
    /// The server. Declared first: it stops before anything else goes.
    pub server: RunningServer,
    /// The administrator.
    pub administrator: Cli,
    /// `tess`, a teacher of promotion `L3`, not of `M1`.
    pub teacher: Cli,
    /// `sam`, who is student 17 of `L3`.
    pub student: Cli,
}

impl School {
    /// Promotion `L3` with students 17 (Grace Hopper) and 18 (Alan Kay), each with one mark; `M1` with student 21 (Barbara
    /// Liskov); accounts `root`, `tess`, `sam`, all signed in.
    ///
    /// # Panics
    /// A command fails.
    #[must_use]
    pub fn open() -> Self {
        let server = RunningServer::start();
        let administrator = server.administrator();
        let school = |arguments: &[&str]| administrator.run(arguments).ok();
        for (promotion, number, name) in
            [("L3", "17", "Grace Hopper"), ("L3", "18", "Alan Kay"), ("M1", "21", "Barbara Liskov")]
        {
            if number != "18" {
                school(&["promotion", "add", promotion]);
            }
            school(&["student", "add", promotion, name, "--number", number]);
        }
        school(&["mark", "add", "L3", "17", "14.5", "--coef", "2", "--label", "exam"]);
        school(&["mark", "add", "L3", "18", "9", "--coef", "2", "--label", "exam"]);
        let account = |arguments: &[&str]| {
            administrator.run_with_input(arguments, &format!("{PASSWORD}\n")).ok();
        };
        account(&["account", "add", "tess", "--role", "teacher", "--promotion", "L3", "--password-stdin"]);
        account(&["account", "add", "sam", "--role", "student", "--student", "L3", "17", "--password-stdin"]);
        let (teacher, student) = (server.signed_in("tess"), server.signed_in("sam"));
        Self { server, administrator, teacher, student }
    }

    /// Writes a file that lives as long as the school.
    ///
    /// # Panics
    /// It can't be written.
    #[must_use]
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.server.scratch().join(name);
        fs::write(&path, text).expect("a file in the scratch folder");
        path
    }
}
