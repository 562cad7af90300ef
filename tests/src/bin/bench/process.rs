//! Rows as processes: starts the server and the client of a row as children, on the processors it is told to, and says
//! what they cost.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    footprint,
    row::Row,
    run::{Sample, fsyncs_file},
    scenario::{Kind, Scenario},
};

/// What a row cost in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) sample: Sample,
    /// Processor seconds of the server in one second in which nobody calls.
    pub(crate) idle_cpu_s: f64,
    /// What the server's resident memory grew by.
    pub(crate) resident_growth_bytes: f64,
}

/// Measures `row` once; none if it has no such scenario.
pub(crate) fn measure(row: Row, scenario: Scenario, time: Duration) -> Option<Cost> {
    let [on_server, on_client] = match scenario.kind {
        Kind::Same => [Some("0"), Some("0")],
        Kind::Split => [Some("0"), Some("1")],
        _ => [None, None],
    };
    let mut server = spawn(on_server, &["--as-server", row.name, &scenario.name()]);
    let port = first_line(&mut server);
    let resident = footprint::resident_bytes(server.id());
    let (pid, seconds) = (server.id().to_string(), time.as_secs_f64().to_string());
    let arguments = ["--seconds", &seconds, "--as-client", row.name, &scenario.name(), port.trim(), &pid];
    let mut client = spawn(on_client, &arguments);
    let line = first_line(&mut client);
    let idle = scenario.kind == Kind::Idle;
    let idle_cpu_s = if idle { idle_cpu_s(server.id()) } else { f64::NAN };
    let resident_growth_bytes = footprint::resident_bytes(server.id()) as f64 - resident as f64;
    end(client);
    let pid = server.id();
    end(server);
    drop(fs::remove_file(fsyncs_file(pid))); // most have none
    let sample = Sample::from_line(&line)?;
    Some(Cost { sample, idle_cpu_s, resident_growth_bytes })
}

/// Waits until the driver closes its end of the pipe, which it does however it ends.
pub(crate) fn stay() {
    std::io::stdin().read_to_end(&mut Vec::new()).expect("a pipe");
    // At once: there may be thousands of connections to take down.
    std::process::exit(0);
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

fn spawn(processor: Option<&str>, arguments: &[&str]) -> Child {
    let this = std::env::current_exe().expect("this program");
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

/// Processor seconds of a process in one second, once what follows upon the last call is over: a connection of ours gives its
/// memory back after 200 ms of silence.
fn idle_cpu_s(pid: u32) -> f64 {
    std::thread::sleep(Duration::from_millis(500));
    footprint::cpu_in_a_second(pid).as_secs_f64()
}
