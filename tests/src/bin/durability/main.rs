//! The durability tests: what was acknowledged is there, once, whatever happened to the server, its disk or the network. Each
//! suite has a control beside it: with the protection off it must fail. Run it through `tests/durability`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

mod arguments;
mod report;
mod suite;

mod gate;
mod load;
mod local;

mod cuts;
mod disks;
mod groups;
mod histories;
mod kills;
mod power;

mod failovers;

use std::process::ExitCode;

use arguments::{Arguments, usage};

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(Arguments { help: true, .. }) => {
            println!("{}", usage());
            ExitCode::SUCCESS
        }
        Ok(arguments) => report::run(&arguments),
        Err(usage) => {
            eprintln!("{usage}");
            ExitCode::from(2)
        }
    }
}
