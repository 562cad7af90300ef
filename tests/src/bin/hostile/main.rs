//! The hostile suites: what peers, floods, faults and a machine that runs short can do to a server. Run them through
//! `tests/hostile`, which says how.
//!
//! Each suite is a module with one `run`; [`suite::ALL`] lists them. A suite judges its cases in a [`report::Report`]; a
//! suite that hangs is stopped by its guard, and everything that is wrong makes the exit code 1.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

mod arguments;
mod bad_clients;
mod crowd;
mod drain;
mod exhaustion;
mod faults;
mod guard;
mod honest;
mod limits;
mod logins;
mod report;
mod server_log;
mod slow;
mod suite;
mod unread;

use std::process::ExitCode;

use arguments::{Arguments, USAGE};

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(Arguments::Run { suites, terms }) => suite::run(&suites, &terms),
        Ok(Arguments::List) => {
            suite::list();
            ExitCode::SUCCESS
        }
        Ok(Arguments::Help) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(usage) => {
            eprintln!("{usage}");
            ExitCode::from(2)
        }
    }
}
