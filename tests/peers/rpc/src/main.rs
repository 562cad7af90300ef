//! Our calls beside others': the scenarios and loops of `tests/bench`, with a row for each framework. Run it through
//! `tests/peers/run rpc`.

#[path = "../../../src/bin/bench/arguments.rs"]
mod arguments;
#[allow(unreachable_pub, reason = "the library of the tests, where it lies, has it for several programs")]
#[path = "../../../src/bench_service.rs"]
mod bench_service;
#[path = "../../../src/bin/bench/driver.rs"]
mod driver;
#[allow(dead_code, unreachable_pub, reason = "the library of the tests, where it lies, has more uses for it")]
#[path = "../../../src/footprint.rs"]
mod footprint;
#[allow(dead_code, unreachable_pub, reason = "the library of the tests, where it lies, has more uses for it")]
#[path = "../../../src/measured.rs"]
mod measured;
#[allow(dead_code, reason = "ours as it comes is enough here")]
#[path = "../../../src/bin/bench/ours.rs"]
mod ours;
#[path = "../../../src/bin/bench/process.rs"]
mod process;
#[allow(dead_code, reason = "raw sockets that block are enough here")]
#[path = "../../../src/bin/bench/raw.rs"]
mod raw;
#[path = "../../../src/bin/bench/row.rs"]
mod row;
mod rows;
#[path = "../../../src/bin/bench/run.rs"]
mod run;
#[path = "../../../src/bin/bench/scenario.rs"]
mod scenario;

fn main() {
    driver::drive(&arguments::Program {
        name: "tests/peers/run rpc",
        rows: &rows::all(),
        usual: &["free", "same", "split", "pipeline", "threads", "connections", "echo", "idle"],
    });
}
