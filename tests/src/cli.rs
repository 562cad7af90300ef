//! The `grades` command as one user runs it: their server, their session file, nothing of the environment of the test.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Finished, binary, run_to_end};

/// One user at the command line.
#[derive(Clone, Debug)]
pub struct Cli {
    address: String,
    session_file: PathBuf,
}

impl Cli {
    /// A user of the server at `address` who keeps the session in `session_file`.
    #[must_use]
    pub fn new(address: impl Into<String>, session_file: impl Into<PathBuf>) -> Self {
        Self { address: address.into(), session_file: session_file.into() }
    }

    /// Where the session is kept.
    #[must_use]
    pub fn session_file(&self) -> &Path {
        &self.session_file
    }

    /// The bare program, with neither server nor session file, for tests of just that.
    ///
    /// The environment is empty but for a home that does not exist: no setting of the machine reaches a test.
    #[must_use]
    pub fn command() -> Command {
        let mut command = Command::new(binary("grades"));
        command.env_clear().env("HOME", "/nonexistent").env("LANG", "C.UTF-8");
        command
    }

    /// Runs a command.
    pub fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Finished {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that reads its standard input.
    pub fn run_with_input<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I, input: &str) -> Finished {
        run_to_end(self.prepared().args(arguments), input)
    }

    /// Runs a command and reads its output as JSON.
    #[must_use]
    pub fn json<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> serde_json::Value {
        run_to_end(self.prepared().args(["--output", "json"]).args(arguments), "").json()
    }

    /// The program with this user's server and session file, for whoever wants to start it alone.
    #[must_use]
    pub fn prepared(&self) -> Command {
        let mut command = Self::command();
        command.args(["--server", &self.address]).arg("--session-file").arg(&self.session_file);
        command
    }

    /// Signs in.
    pub fn login(&self, name: &str, password: &str) -> Finished {
        self.run_with_input(["login", name, "--password-stdin"], &format!("{password}\n"))
    }
}
