//! What a process takes of the machine, read from `/proc` (Linux): processor time and memory.

use std::{fs, thread, time::Duration};

/// Processor time that a process has taken: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a running process");
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name in brackets").1.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<u64>().expect("a number");
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Processor time that a process takes in one second: a thread that spins takes all of it.
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn cpu_in_a_second(pid: u32) -> Duration {
    let before = cpu(pid);
    // Why a pause: what is asked is what the process does while nobody does anything.
    thread::sleep(Duration::from_secs(1));
    cpu(pid).saturating_sub(before)
}

/// The most memory that a process has had resident, in bytes.
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn peak_bytes(pid: u32) -> u64 {
    status_bytes(pid, "VmHWM:")
}

/// The memory that a process has resident now, in bytes.
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn resident_bytes(pid: u32) -> u64 {
    status_bytes(pid, "VmRSS:")
}

/// A number of proc_pid_status(5), which are in KiB.
fn status_bytes(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of this name");
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().expect("a number");
    kib << 10
}
