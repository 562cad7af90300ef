//! A real `grades-server` process on a port of its own and a store that nobody else has. It is stopped by its process id
//! when dropped; a test that fails prints what the server logged.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Cli, Finished, Shortage, binary, run_to_end};

/// The name of the administrator that every store begins with.
pub const ADMINISTRATOR: &str = "root";

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "seven lanterns over the quay";

/// Opening a store and binding a port take milliseconds; the rest is for a machine that is busy with other tests.
const START_MAX: Duration = Duration::from_secs(30);

/// A server process and its store.
#[derive(Debug)]
pub struct RunningServer {
    child: Child,
    address: String,
    /// Of `run`, beside those that every server gets.
    arguments: Vec<String>,
    shortage: Shortage,
    users: AtomicU32,
    scratch: TempDir,
}

impl RunningServer {
    /// Makes a store with one administrator and starts a server on it.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with the log going elsewhere: [`log`](Self::log) stays empty.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_with_log(log: impl Into<Stdio>) -> Self {
        Self::start_logging_to(Shortage::None, &[], |_| log.into())
    }

    /// The same, with more arguments of `run`.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_short_of(Shortage::None, arguments)
    }

    /// The same, as a process that the system gives less.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_short_of(shortage: Shortage, arguments: &[&str]) -> Self {
        Self::start_logging_to(shortage, arguments, |scratch| log_file(scratch).into())
    }

    /// Runs `grades-server dev-cert`.
    pub fn dev_cert(directory: &Path, arguments: &[&str]) -> Finished {
        run_to_end(server_command().arg("dev-cert").arg(directory).args(arguments), "")
    }

    fn start_logging_to(shortage: Shortage, arguments: &[&str], log: impl FnOnce(&Path) -> Stdio) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let scratch = tempfile::tempdir().expect("a temporary folder");
        Self::init(&scratch.path().join("store"), ADMINISTRATOR, PASSWORD).ok();
        let mut child = spawn(scratch.path(), "127.0.0.1:0", shortage, &arguments, log(scratch.path()));
        let address = await_address(&mut child, scratch.path());
        Self { child, address, arguments, shortage, users: AtomicU32::new(0), scratch }
    }

    /// Runs `grades-server init`.
    pub fn init(data: &Path, administrator: &str, password: &str) -> Finished {
        let mut command = server_command();
        command.arg("init").arg("--data").arg(data).args(["--admin", administrator, "--password-stdin"]);
        run_to_end(&mut command, &format!("{password}\n"))
    }

    /// Runs `grades-server run` with these arguments, for tests in which it must refuse to.
    pub fn try_run(arguments: &[&str]) -> Finished {
        run_to_end(server_command().arg("run").args(arguments), "")
    }

    /// `HOST:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A folder that lives as long as the server: for files that a test imports, and session files.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// The folder of the store.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.scratch.path().join("store")
    }

    /// The file that the server writes its address to.
    #[must_use]
    pub fn port_file(&self) -> PathBuf {
        port_file(self.scratch.path())
    }

    /// A new user who has not signed in.
    #[must_use]
    pub fn visitor(&self) -> Cli {
        let number = self.users.fetch_add(1, Ordering::Relaxed);
        Cli::new(&self.address, self.scratch.path().join(format!("session-{number}")))
    }

    /// A new user who is signed in as `name`.
    ///
    /// # Panics
    /// The server refuses.
    #[must_use]
    pub fn signed_in(&self, name: &str) -> Cli {
        let cli = self.visitor();
        cli.login(name, PASSWORD).ok();
        cli
    }

    /// A new user who is signed in as the administrator.
    #[must_use]
    pub fn administrator(&self) -> Cli {
        self.signed_in(ADMINISTRATOR)
    }

    /// Kills the process without warning, as a power failure would.
    ///
    /// # Panics
    /// It was dead already.
    pub fn kill(&mut self) {
        assert!(!self.has_ended(), "the server died by itself");
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Starts the server again on the same store and the same port.
    ///
    /// # Panics
    /// It does not start.
    pub fn start_again(&mut self) {
        self.start_again_without_waiting();
        self.address = await_address(&mut self.child, self.scratch.path());
    }

    /// Starts the server again, and does not wait until it serves: for tests that end it before it does.
    ///
    /// # Panics
    /// The program can't be started.
    pub fn start_again_without_waiting(&mut self) {
        let log = log_file(self.scratch.path()).into();
        self.child = spawn(self.scratch.path(), &self.address, self.shortage, &self.arguments, log);
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells the process to stop in order.
    ///
    /// # Panics
    /// It can't be told.
    pub fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        assert!(told.expect("kill starts").success(), "the server can't be told to stop");
    }

    /// Whether the process has ended by itself.
    ///
    /// # Panics
    /// It can't be asked.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the server can be asked").is_some()
    }

    /// Waits for the process to end by itself and says how.
    ///
    /// # Panics
    /// It can't be waited for.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("a child can be waited for").code()
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(self.scratch.path())).unwrap_or_default()
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // Both fail only if the process has ended already, which is what is wanted here.
        drop(self.child.kill());
        drop(self.child.wait());
        if thread::panicking() {
            eprintln!("--- log of the server at {}\n{}", self.address, self.log());
        }
    }
}

fn server_command() -> Command {
    let mut command = Command::new(binary("grades-server"));
    command.env_clear();
    command
}

fn log_path(scratch: &Path) -> PathBuf {
    scratch.join("server.log")
}

fn port_file(scratch: &Path) -> PathBuf {
    scratch.join("address")
}

fn log_file(scratch: &Path) -> File {
    File::options().create(true).append(true).open(log_path(scratch)).expect("a log file")
}

fn spawn(scratch: &Path, listen: &str, shortage: Shortage, arguments: &[String], log: Stdio) -> Child {
    let port_file = port_file(scratch);
    drop(fs::remove_file(&port_file)); // there is none at the first start
    shortage
        .command(scratch)
        .arg("run")
        .arg("--data")
        .arg(scratch.join("store"))
        .args(if arguments.iter().any(|argument| argument == "--listen") { vec![] } else { vec!["--listen", listen] })
        .arg("--port-file")
        .arg(&port_file)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null()) // a server says nothing there
        .stderr(log)
        .spawn()
        .expect("the server starts")
}

/// Waits until the server says where it listens.
fn await_address(child: &mut Child, scratch: &Path) -> String {
    let by = Instant::now() + START_MAX;
    loop {
        // The file is complete once it has a port: the server may be between creating and writing it.
        if let Some(address) = fs::read_to_string(port_file(scratch)).ok().filter(|text| text.trim().contains(':')) {
            return address.trim().to_owned();
        }
        let ended = child.try_wait().expect("the server can be asked");
        if ended.is_some() || Instant::now() > by {
            drop(child.kill());
            let log = fs::read_to_string(log_path(scratch)).unwrap_or_default();
            panic!("the server gave no address (ended: {ended:?}); its log:\n{log}");
        }
        // Why a pause: the file appears in another process, which can't be waited for.
        thread::sleep(Duration::from_millis(5));
    }
}
