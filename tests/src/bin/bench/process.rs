//! Rows as processes: starts the server and the client of a row as children, on the processors it is told to, and reads what
//! they cost from `/proc` (Linux).

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{ours, raw, sample::Sample, scenario::Scenario};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// Blocking sockets, a thread per connection, length-prefixed frames.
    Raw,
    /// The same with our waiting strategy.
    RawAdaptive,
    /// The generated stub and the server.
    Ours,
    /// Ours without looking before blocking.
    OursBlock,
}

impl Row {
    pub(crate) const ALL: [Self; 4] = [Self::Raw, Self::RawAdaptive, Self::Ours, Self::OursBlock];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::RawAdaptive => "raw-adaptive",
            Self::Ours => "ours",
            Self::OursBlock => "ours-block",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.name() == name)
    }
}

/// Where the two processes may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    Free,
    Same,
    Split,
}

/// What a row cost in one round, on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) sample: Sample,
    /// Processor seconds while the client ran.
    pub(crate) server_cpu_s: f64,
    /// Processor seconds of the server in one second in which nobody calls.
    pub(crate) idle_cpu_s: f64,
    /// What the server's resident memory grew by.
    pub(crate) resident_growth_bytes: f64,
}

/// Runs as the server of `row`: prints the port, serves until standard input ends.
pub(crate) fn serve(row: Row) {
    let port = match row {
        Row::Raw => raw::start(rpc_core::transport::Waiting::Block, false),
        Row::RawAdaptive => raw::start(rpc_core::transport::Waiting::Adaptive, true),
        Row::Ours => ours::start(rpc_core::transport::Waiting::Adaptive),
        Row::OursBlock => ours::start(rpc_core::transport::Waiting::Block),
    };
    println!("{port}");
    stay();
}

/// Waits until the driver closes its end of the pipe, which it does however it ends.
pub(crate) fn stay() {
    std::io::stdin().read_to_end(&mut Vec::new()).expect("a pipe");
}

/// Measures `row` once.
pub(crate) fn measure(row: Row, scenario: Scenario, seconds: Duration) -> Measured {
    let placement = scenario.placement();
    let mut server = spawn(placement, &["--as-server", row.name()]);
    let line = first_line(&mut server);
    let seconds = seconds.as_secs_f64().to_string();
    let (cpu, resident) = (cpu_seconds(server.id()), resident_bytes(server.id()));
    let mut client =
        spawn(placement, &["--as-client", row.name(), scenario.name(), line.trim(), "--seconds", &seconds]);
    let sample = Sample::from_line(&first_line(&mut client));
    let server_cpu_s = cpu_seconds(server.id()) - cpu;
    let idle_cpu_s = if scenario == Scenario::Idle { cpu_over(server.id(), Duration::from_secs(1)) } else { f64::NAN };
    let resident_growth_bytes = resident_bytes(server.id()) - resident;
    end(client);
    end(server);
    Measured { sample, server_cpu_s, idle_cpu_s, resident_growth_bytes }
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
    line
}

/// A child ends when its input does: so it also ends when this process is killed.
fn end(mut child: Child) {
    drop(child.stdin.take());
    assert!(child.wait().expect("a child").success(), "a child failed");
}

fn cpu_over(pid: u32, time: Duration) -> f64 {
    let before = cpu_seconds(pid);
    std::thread::sleep(time);
    cpu_seconds(pid) - before
}

fn spawn(placement: Placement, arguments: &[&str]) -> Child {
    let this = std::env::current_exe().expect("this program");
    let processor = match (placement, arguments.first()) {
        (Placement::Free, _) => None,
        (Placement::Split, Some(&"--as-client")) => Some("1"),
        (Placement::Same | Placement::Split, _) => Some("0"),
    };
    let mut command = match processor {
        None => Command::new(this),
        Some(processor) => {
            let mut command = Command::new("taskset");
            command.args(["-c", processor]).arg(this);
            command
        }
    };
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program, again (and taskset)")
}

/// Processor time of a process: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a running process");
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name in brackets").1.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory of a process, in bytes: VmRSS of proc_pid_status(5).
fn resident_bytes(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a resident process");
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().expect("a number") * 1024.0
}
