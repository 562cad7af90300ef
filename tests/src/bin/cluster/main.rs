//! A service on three nodes and two databases, and everything that may break in it, broken in turn while clients work. Run it
//! through `tests/cluster`, which builds what it needs and gives it a folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a harness says what is wrong by panicking"
)]

mod events;
mod hold;
mod report;

use std::{path::Path, process::ExitCode, time::Duration};

use tests::{Copying, Site};

/// Nodes: of three, two are left when one is lost, and share its clients.
const NODES: usize = 3;

/// Clients: two a node, so that each event meets some that are in the middle of a call.
const CLIENTS: usize = 6;

/// As with `tests/postgres`: what this needs is not installed.
const NOT_INSTALLED: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (folder, pause, hold) = match arguments.as_slice() {
        [folder] => (folder, Duration::from_secs(30), false),
        [folder, "--short"] => (folder, Duration::from_secs(5), false),
        [folder, "--hold"] => (folder, Duration::ZERO, true),
        _ => {
            eprintln!("usage: tests/cluster [--short | --hold]");
            return ExitCode::from(2);
        }
    };
    println!("{NODES} nodes, a primary and its synchronous standby are starting");
    let Some(mut site) = Site::start(Path::new(folder), Copying::Synchronous, NODES, CLIENTS) else {
        eprintln!("PostgreSQL is not installed: initdb, postgres, pg_basebackup or pg_isready is missing");
        return ExitCode::from(NOT_INSTALLED);
    };
    if hold {
        hold::hold(&mut site);
        return ExitCode::SUCCESS;
    }
    let clients = site.clients();
    let rows = events::play(&mut site, &clients, pause);
    let (told, repeated) = clients.finish();
    let verdict = site.judge(&told);
    report::print(&rows, &told, &verdict, repeated);
    if verdict.faults.is_empty() && told.unknowns() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
