//! A server on a store, mostly a database that it shares with others, as a process that can be killed, paused, started again,
//! and replaced by that of another build.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::machine::{free_port, signal};
use crate::{ADMINISTRATOR, PASSWORD, binary, run_to_end};

/// Opening a store takes milliseconds; the rest is for a busy machine, and for a database that is just coming back.
const START_MAX: Duration = Duration::from_secs(30);

/// A server process. It ends when this is dropped or whoever started it dies.
#[derive(Debug)]
pub struct Node {
    program: PathBuf,
    folder: PathBuf,
    store: String,
    address: String,
    process: Option<Child>,
}

impl Node {
    /// Makes the store with its administrator.
    ///
    /// # Panics
    /// It can't be made.
    pub fn init(store: &str) {
        Self::init_as(&binary("grades-server"), store);
    }

    /// The same, by the server program of another build.
    ///
    /// # Panics
    /// It can't be made.
    pub fn init_as(program: &Path, store: &str) {
        let mut command = Command::new(program);
        command.args(["init", "--admin", ADMINISTRATOR, "--password-stdin"]).env_clear().env("GRADES_STORE", store);
        run_to_end(&mut command, &format!("{PASSWORD}\n")).ok();
    }

    /// Starts one, with its log in `folder`.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(folder: &Path, store: &str) -> Self {
        Self::start_as(&binary("grades-server"), folder, store)
    }

    /// The same, of another build.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_as(program: &Path, folder: &Path, store: &str) -> Self {
        fs::create_dir_all(folder).expect("a folder can be made");
        let address = format!("127.0.0.1:{}", free_port());
        let (program, folder, store) = (program.to_owned(), folder.to_owned(), store.to_owned());
        let mut node = Self { program, folder, store, address, process: None };
        node.start_again();
        node
    }

    /// Starts another build in its place after it was killed or stopped, on this store.
    ///
    /// # Panics
    /// It does not start.
    pub fn start_again_as(&mut self, program: &Path, store: &str) {
        (self.program, self.store) = (program.to_owned(), store.to_owned());
        self.start_again();
    }

    /// Starts it again after it was killed, under the same address.
    ///
    /// # Panics
    /// It does not start.
    pub fn start_again(&mut self) {
        let ready = self.folder.join("address");
        drop(fs::remove_file(&ready)); // there is none at the first start
        let log = fs::File::options().create(true).append(true).open(self.folder.join("log")).expect("a log file");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(&self.program);
        command.args(["run", "--listen", &self.address, "--port-file"]).arg(&ready);
        command.env_clear().env("GRADES_STORE", &self.store).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().expect("setpriv starts"));
        let by = Instant::now() + START_MAX;
        while !ready.exists() {
            assert!(Instant::now() < by, "{} does not answer:\n{}", self.address, self.log());
            thread::sleep(Duration::from_millis(5)); // another process, which can't be waited for
        }
    }

    /// Kills it without warning.
    ///
    /// # Panics
    /// It was not running.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a running node");
        process.kill().expect("a child can be killed");
        process.wait().expect("a child can be waited for");
    }

    /// Stops it in order, and waits until it has ended.
    ///
    /// # Panics
    /// It was not running, or does not end well.
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("a running node");
        signal("TERM", &[process.id()]);
        let status = process.wait().expect("a child can be waited for");
        assert!(status.success(), "{} ended with {status}:\n{}", self.address, self.log());
    }

    /// Stops it in the middle of whatever it does: its sockets stay open, and nobody answers.
    pub fn pause(&self) {
        signal("STOP", &[self.pid()]);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        signal("CONT", &[self.pid()]);
    }

    /// Whether it was not killed.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Its process id.
    ///
    /// # Panics
    /// It is not running.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("a running node").id()
    }

    /// `HOST:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}
