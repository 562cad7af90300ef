//! Two builds on one store: the programs of an earlier commit and those of this tree. Run it through `tests/upgrade`, which
//! builds the earlier ones. On PostgreSQL both serve at the same time while one replaces the other; an SQLite file is handed from
//! one to the other. Clients work through all of it, and nothing that they were told may be missing at the end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a harness says what is wrong by panicking"
)]

mod file;
mod rolling;
mod scene;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use tests::binary;

/// As with `tests/postgres`: what this needs is not installed.
const NOT_INSTALLED: u8 = 3;

/// The programs of the two builds.
struct Builds {
    earlier: Programs,
    this: Programs,
}

struct Programs {
    server: PathBuf,
    command: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [earlier] = arguments.as_slice() else {
        eprintln!("usage: tests/upgrade [REV]");
        return ExitCode::from(2);
    };
    let earlier = Path::new(earlier);
    let builds = Builds {
        earlier: Programs { server: earlier.join("grades-server"), command: earlier.join("grades") },
        this: Programs { server: binary("grades-server"), command: binary("grades") },
    };
    let scratch = tempfile::tempdir().unwrap();
    println!("PostgreSQL, one server after the other is replaced:");
    let Some((rolling, versions)) = rolling::play(&builds, scratch.path()) else {
        eprintln!("SKIPPED: PostgreSQL is not installed");
        return ExitCode::from(NOT_INSTALLED);
    };
    println!("\nSQLite, the file is handed over:");
    let file = file::play(&builds, scratch.path(), versions);
    println!(
        "\n{:24} {:>14} {:>6} {:>8} {:>14} {:>16}",
        "", "acknowledged", "lost", "doubled", "never settled", "calls repeated"
    );
    let mut sound = true;
    for (name, end) in [("PostgreSQL", rolling), ("SQLite", file)] {
        let (told, verdict) = (end.told, end.verdict);
        println!(
            "{name:24} {:>14} {:>6} {:>8} {:>14} {:>16}",
            told.acknowledged(),
            verdict.lost,
            verdict.doubled,
            told.unknowns(),
            end.repeated
        );
        verdict.faults.iter().for_each(|fault| eprintln!("{fault}"));
        sound &= verdict.faults.is_empty() && told.unknowns() == 0;
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
