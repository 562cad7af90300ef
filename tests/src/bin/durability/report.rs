//! Runs the suites and prints the table, the controls beside it, and whether all of it is as it must be.

use std::{process::ExitCode, time::Instant};

use tests::Random;

use crate::{
    arguments::Arguments,
    suite::{Control, Findings, Row, Run},
};

/// Faults shown of a row: the first ones tell, a thousand more do not.
const FAULTS_SHOWN: usize = 5;

/// Runs the suites in order. Failure if one of them found something, or if a control found nothing.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Arguments { suites, long, seed, .. } = arguments;
    println!("seed {seed}, {} form", if *long { "long" } else { "short" });
    let mut all = Findings::default();
    for suite in suites {
        let begin = Instant::now();
        // A suite alone makes the same choices as among others.
        let random = Random::new(suite.name().bytes().fold(*seed, |sum, byte| sum.rotate_left(8) ^ u64::from(byte)));
        let found = suite.run(Run { long: *long, random });
        println!("{}: {:.1} s", suite.name(), begin.elapsed().as_secs_f64());
        all.rows.extend(found.rows);
        all.controls.extend(found.controls);
    }
    print_rows(&all.rows);
    print_controls(&all.controls);
    let good = all.rows.iter().all(Row::is_good) && all.controls.iter().all(|control| control.failed);
    if good {
        println!("\nnothing lost, nothing done twice; every control failed as it must");
        return ExitCode::SUCCESS;
    }
    for row in all.rows.iter().filter(|row| !row.is_good()) {
        eprintln!("{}: {} lost, {} doubled", row.name, row.lost, row.doubled);
        row.faults.iter().take(FAULTS_SHOWN).for_each(|fault| eprintln!("  {fault}"));
    }
    for control in all.controls.iter().filter(|control| !control.failed) {
        eprintln!("the control did not fail, so the suite can find nothing: {}", control.name);
    }
    eprintln!("FAILED; repeat it with --seed {seed}");
    ExitCode::FAILURE
}

fn print_rows(rows: &[Row]) {
    println!(
        "\n{:<34} {:>6} {:>12} {:>5} {:>7} {:>12} {:>9} {:>9} {:>8}",
        "", "kills", "acknowledged", "lost", "doubled", "crash points", "failovers", "histories", "s back"
    );
    for row in rows {
        let figure = |figure: u64| if figure == 0 { "-".to_owned() } else { figure.to_string() };
        println!(
            "{:<34} {:>6} {:>12} {:>5} {:>7} {:>12} {:>9} {:>9} {:>8}",
            row.name,
            figure(row.kills),
            figure(row.acknowledged),
            row.lost,
            row.doubled,
            figure(row.crash_points),
            figure(row.failovers),
            figure(row.histories),
            row.back.map_or_else(|| "-".to_owned(), |back| format!("{:.2}", back.as_secs_f64())),
        );
        row.notes.iter().for_each(|note| println!("    {note}"));
    }
}

fn print_controls(controls: &[Control]) {
    if controls.is_empty() {
        return;
    }
    println!("\ncontrols: the protection off, so they must fail");
    for Control { name, seen, failed } in controls {
        println!("{name:<48} {seen}: {}", if *failed { "fails as it must" } else { "DID NOT FAIL" });
    }
}
