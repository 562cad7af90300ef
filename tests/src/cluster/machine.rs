//! One PostgreSQL server as a machine that can be lost: its processes are killed all at once, without a word to anybody.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{psql, run_to_end};

/// Recovery after a crash takes a second or two; the rest is for a machine that is busy with other tests.
const START_MAX: Duration = Duration::from_secs(60);

/// To follow a primary, or to copy an almost empty database, takes a second or two.
const FOLLOWS_MAX: Duration = Duration::from_secs(60);

/// Between two looks at something that another process does.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// A PostgreSQL server with its data. It ends, with its processes, when this is dropped or whoever started it dies.
#[derive(Debug)]
pub struct Machine {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Machine {
    /// A new, empty one, with its data under `folder`; `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// It can't be made.
    #[must_use]
    pub fn new(folder: &Path, port: u16, settings: &str) -> Option<Self> {
        let machine = Self { programs: programs()?, data: folder.join("data"), port, process: None };
        give(folder);
        let mut initdb = machine.command("initdb");
        initdb.args(["--username=grades", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"]);
        run_to_end(initdb.arg(&machine.data), "").ok();
        let more = format!("port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n{settings}\n");
        append(&machine.data.join("postgresql.conf"), &more);
        Some(machine)
    }

    /// A standby of this one: a copy that follows it, once it is started.
    ///
    /// # Panics
    /// It can't be made.
    #[must_use]
    pub fn standby(&self, folder: &Path, port: u16) -> Self {
        let machine = Self { programs: self.programs.clone(), data: folder.join("data"), port, process: None };
        give(folder);
        let mut copy = machine.command("pg_basebackup");
        let source = format!("host=127.0.0.1 port={} user=grades application_name=standby", self.port);
        copy.args(["--dbname", &source, "--checkpoint=fast", "--write-recovery-conf", "--no-sync", "--pgdata"]);
        run_to_end(copy.arg(&machine.data), "").ok();
        append(&machine.data.join("postgresql.conf"), &format!("port = {port}\n"));
        // The last one counts: it waits for nobody when it is promoted, until it has a standby itself.
        append(&machine.data.join("postgresql.auto.conf"), "synchronous_standby_names = ''\n");
        machine
    }

    /// From its next start on it takes encrypted connections only, with this certificate.
    ///
    /// # Panics
    /// The files can't be copied.
    pub fn encrypt(&self, certificate: &Path, key: &Path) {
        for (from, name) in [(certificate, "server.crt"), (key, "server.key")] {
            let to = self.data.join(name);
            fs::copy(from, &to).expect("a file can be copied"); // with its mode
            if let Some((user, group)) = owner() {
                chown(&to, Some(user), Some(group)).expect("a file can be given away");
            }
        }
        append(&self.data.join("postgresql.conf"), "ssl = on\n");
        let only_encrypted = "hostssl all all 127.0.0.1/32 trust\n";
        fs::write(self.data.join("pg_hba.conf"), only_encrypted).expect("a file of settings");
    }

    /// Beside [`encrypt`](Self::encrypt): it lets in only who shows a certificate of these authorities for the name that they
    /// sign in as.
    ///
    /// # Panics
    /// The file can't be copied.
    pub fn ask_for_certificates(&self, authorities: &Path) {
        fs::copy(authorities, self.data.join("clients.crt")).expect("a file can be copied");
        append(&self.data.join("postgresql.conf"), "ssl_ca_file = 'clients.crt'\n");
        fs::write(self.data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 cert\n").expect("a file of settings");
    }

    /// Stops it in the middle of whatever it does: the machine answers for it, and it does not.
    pub fn pause(&self) {
        signal("STOP", &self.processes());
    }

    /// Lets it go on.
    pub fn resume(&self) {
        signal("CONT", &self.processes());
    }

    /// Starts it and waits until it answers.
    ///
    /// # Panics
    /// It does not.
    pub fn start(&mut self) {
        let log = self.data.with_file_name("log");
        let log = fs::File::options().create(true).append(true).open(&log).expect("a log file");
        let mut command = self.command("postgres");
        command.arg("-D").arg(&self.data).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().expect("postgres starts"));
        let by = Instant::now() + START_MAX;
        let port = self.port.to_string();
        while !self
            .command("pg_isready")
            .args(["--quiet", "--host=127.0.0.1", "--port", &port])
            .status()
            .is_ok_and(|s| s.success())
        {
            assert!(Instant::now() < by, "PostgreSQL does not answer:\n{}", self.log());
            thread::sleep(Duration::from_millis(20)); // another process, which can't be waited for
        }
    }

    /// Loses the machine: none of its processes does anything any more.
    ///
    /// # Panics
    /// It was not running.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a running machine");
        signal("STOP", &[process.id()]); // so that it starts no process while its processes are looked for
        let all: Vec<u32> = children(process.id()).into_iter().chain([process.id()]).collect();
        signal("KILL", &all);
        process.wait().expect("a child can be waited for");
        self.free_shared_memory();
    }

    /// It first, and what it has started.
    fn processes(&self) -> Vec<u32> {
        let children = children(self.pid()).into_iter();
        [self.pid()].into_iter().chain(children).collect()
    }

    /// The segment by which PostgreSQL knows that it runs already stays when it is killed. Its number is at the end of
    /// the seventh line of this file.
    fn free_shared_memory(&self) {
        let pid_file = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        if let Some(segment) = pid_file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            drop(Command::new("ipcrm").args(["--shmem-id", segment]).stderr(Stdio::null()).status()); // it may be gone
        }
    }

    /// The process id of the server's first process.
    ///
    /// # Panics
    /// It is not running.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("a running machine").id()
    }

    /// Where it listens, on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL in a database of it.
    ///
    /// # Panics
    /// It fails.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        psql(&format!("postgres://grades@127.0.0.1:{}/{database}", self.port), sql)
    }

    /// Waits until a change waits for the standby.
    ///
    /// # Panics
    /// None does.
    pub fn wait_for_stuck_change(&self) {
        self.wait_for("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "t");
    }

    /// Ends the waits of changes for the standby, which PostgreSQL then calls done: how many.
    pub fn cancel_stuck_changes(&self) -> usize {
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        self.sql("postgres", cancel).lines().count()
    }

    /// Waits until it answers a question about itself so.
    pub(super) fn wait_for(&self, question: &str, answer: &str) {
        let by = Instant::now() + FOLLOWS_MAX;
        while self.sql("postgres", question) != answer {
            assert!(Instant::now() < by, "{question} is never {answer}:\n{}", self.log());
            thread::sleep(LOOK_PAUSE);
        }
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.data.with_file_name("log")).unwrap_or_default()
    }

    /// A program of PostgreSQL, as an ordinary user, that does not outlive this process.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if let Some((user, group)) = owner() {
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
        }
        command.arg(self.programs.join(program)).current_dir("/");
        command
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.resume(); // it may be paused, in a test that failed
            signal("QUIT", &[self.pid()]);
        }
        if let Some(mut process) = self.process.take() {
            drop(process.wait()); // it ends at once
        }
    }
}

/// Where the distribution keeps `initdb` and its like; Debian keeps them out of `PATH`.
fn programs() -> Option<PathBuf> {
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let mut all = debian.chain(env::split_paths(&path));
    all.find(|directory| {
        ["initdb", "postgres", "pg_basebackup", "pg_isready"].iter().all(|name| directory.join(name).is_file())
    })
}

/// Who runs PostgreSQL where this runs as root, which it refuses: user and group.
fn owner() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok().filter(|output| output.status.success())?;
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok()
    };
    if number(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|name| Some((number(&["-u", name])?, number(&["-g", name])?)))
}

/// Makes a folder that PostgreSQL may write to.
fn give(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder can be made");
    if let Some((user, group)) = owner() {
        chown(folder, Some(user), Some(group)).expect("a folder can be given away");
    }
}

fn append(file: &Path, text: &str) {
    let before = fs::read_to_string(file).expect("a file of settings");
    fs::write(file, before + "\n" + text).expect("a file of settings"); // as it is there, its owner stays
}

/// A port to listen on, now and after a restart: below those that the system gives to outgoing connections.
#[must_use]
pub fn free_port() -> u16 {
    let first = 20_000 + u16::try_from(process::id() % 5_000).expect("below 5,000");
    (first..32_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok() && is_new(*port)).expect("a free port")
}

/// Whether nobody was given this port yet: who has it may not listen yet.
fn is_new(port: u16) -> bool {
    static GIVEN: std::sync::Mutex<Vec<u16>> = std::sync::Mutex::new(Vec::new());
    let mut given = GIVEN.lock().expect("nobody panics with it");
    let new = !given.contains(&port);
    given.push(port);
    new
}

/// The processes that `parent` has started, by the fourth field of proc_pid_stat(5).
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("the list of processes").flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default(); // it may have ended
        stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok()) == Some(parent)
    };
    numbers.filter(is_child).collect()
}

/// Sends a signal to processes that we have started. One that has ended since they were looked for needs none.
pub(super) fn signal(name: &str, pids: &[u32]) {
    for pid in pids {
        let mut kill = Command::new("kill");
        kill.args([format!("-{name}"), pid.to_string()]).stderr(Stdio::null());
        let is_sent = kill.status().is_ok_and(|status| status.success());
        assert!(is_sent || !Path::new(&format!("/proc/{pid}")).exists(), "{name} could not be sent to {pid}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_ended_needs_no_signal() {
        let mut process = Command::new("true").spawn().expect("a process");
        process.wait().expect("a child can be waited for");
        signal("CONT", &[process.id()]);
    }
}
