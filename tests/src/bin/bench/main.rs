//! The macro benchmark: rows (raw sockets, raw sockets that wait as we do, ours) × scenarios, client and server in separate
//! processes on loopback, interleaved in several rounds; what is quoted is the median of the rounds and the ratio to `raw`
//! of the same round. Run it through `tests/bench`; `docs/performance.md` says what the figures mean.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark says what is wrong by panicking, and its figures are estimates"
)]

mod arguments;
mod ours;
mod process;
mod raw;
mod report;
mod sample;
mod scenario;

use arguments::{Arguments, Mode, USAGE};

fn main() {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(Arguments { mode: Mode::Help, .. }) => println!("{USAGE}"),
        Ok(Arguments { mode: Mode::Server { row }, .. }) => process::serve(row),
        Ok(Arguments { mode: Mode::Client { row, scenario, port }, seconds, .. }) => {
            println!("{}", scenario.run(row, port, seconds).to_line());
            process::stay();
        }
        Ok(arguments) => report::run(&arguments),
        Err(usage) => {
            eprintln!("{usage}");
            std::process::exit(2);
        }
    }
}
