//! Runs a program to its end, with its input given and its output kept, under a deadline: a program that hangs is killed
//! and fails the test that started it.

use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Generous, because tests run beside each other on few cores; no program here takes a tenth of it alone.
const RUN_MAX: Duration = Duration::from_secs(60);

/// What a program left behind. A test that does not look at it tests nothing.
#[derive(Clone, Debug)]
#[must_use]
pub struct Finished {
    /// The command, for messages.
    pub command: String,
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Finished {
    /// What it printed, if it succeeded.
    ///
    /// # Panics
    /// It did not.
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self}");
        self.stdout
    }

    /// What it printed, as JSON, if it succeeded.
    ///
    /// # Panics
    /// It did not, or it printed something else.
    #[must_use]
    pub fn json(self) -> serde_json::Value {
        assert_eq!(self.code, 0, "{self}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{self}"))
    }

    /// What it complained about, if it ended with this code.
    ///
    /// # Panics
    /// It ended with another one, or said nothing.
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self}");
        assert!(!self.stderr.trim().is_empty(), "a failure without a word:\n{self}");
        self.stderr
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(f, "{command} ended with {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// Runs `command` with `input` on its standard input.
///
/// # Panics
/// It does not start, or does not end in time.
pub fn run_to_end(command: &mut Command, input: &str) -> Finished {
    let shown = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{shown} does not start: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = input.to_owned();
    // A program that fails early closes its input; what matters then is how it failed.
    thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let stdout = collect(child.stdout.take().expect("stdout is piped"));
    let stderr = collect(child.stderr.take().expect("stderr is piped"));
    let by = Instant::now() + RUN_MAX;
    let (stdout, stderr) = (within(by, &stdout, &mut child, &shown), within(by, &stderr, &mut child, &shown));
    let status = child.wait().expect("a child can be waited for");
    Finished { command: shown, code: status.code().unwrap_or(-1), stdout, stderr }
}

fn collect(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        drop(send.send(bytes)); // nobody listens any more if the deadline has passed
    });
    receive
}

fn within(by: Instant, bytes: &mpsc::Receiver<Vec<u8>>, child: &mut Child, shown: &str) -> String {
    match bytes.recv_timeout(by.saturating_duration_since(Instant::now())) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => {
            child.kill().expect("a child can be killed");
            child.wait().expect("a child can be waited for");
            panic!("{shown} did not end within {RUN_MAX:?}");
        }
    }
}
