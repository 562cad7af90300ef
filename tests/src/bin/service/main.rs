//! The benchmark of the grades service: what its calls cost beside the cheapest call that signs in, and its writes beside bare
//! SQLite. The same loops as `tests/bench`, whose script runs it: `tests/bench service`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a benchmark says what is wrong by panicking, and its figures are estimates"
)]

#[path = "../bench/arguments.rs"]
mod arguments;
mod bare;
#[path = "../bench/driver.rs"]
mod driver;
#[path = "../bench/process.rs"]
mod process;
#[path = "../bench/row.rs"]
mod row;
mod rows;
#[allow(dead_code, reason = "calls in flight and idle connections are the framework's business")]
#[path = "../bench/run.rs"]
mod run;
#[path = "../bench/scenario.rs"]
mod scenario;
mod store;

use tests::footprint;

/// So that the shared modules find it under one name here and where `tests` is not at hand.
mod measured {
    pub(crate) use tests::{Figure, Measured, Table, TableRow};
}

fn main() {
    driver::drive(&arguments::Program {
        name: "tests/bench service",
        rows: &[rows::WHOAMI, rows::AVERAGE, rows::ADD_ALONE, rows::ADD, bare::IMPORT, rows::IMPORT],
        usual: &["reads", "adds", "import"],
    });
}
