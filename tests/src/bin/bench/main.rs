//! The macro benchmark: rows (raw sockets, raw sockets that wait as we do, ours) × scenarios, client and server in separate
//! processes on loopback, interleaved in several rounds. Run it through `tests/bench`; `docs/performance.md` says what the
//! figures mean. `tests/peers/rpc` compiles the same modules, with the rows of others beside ours.
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
mod driver;
mod ours;
mod process;
mod raw;
mod row;
mod run;
mod scenario;

use arguments::Program;
use tests::{bench_service, footprint};

/// So that these modules find it under one name here and where `tests` is not at hand.
mod measured {
    pub(crate) use tests::{Figure, Measured, Table, TableRow};
}

fn main() {
    driver::drive(&Program {
        name: "tests/bench",
        rows: &[raw::RAW, raw::ADAPTIVE, ours::OURS, ours::BLOCK],
        usual: &["free", "same", "split", "pipeline", "threads", "connections", "echo", "idle"],
    });
}
