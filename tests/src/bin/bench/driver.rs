//! The driver: rounds in which all rows take turns, then a table for people and JSON for `docs/performance.md`.

use crate::{
    arguments::{Arguments, Mode, Program},
    measured::{Figure, Measured, Table, TableRow},
    process::{self, Cost},
    run::Sample,
    scenario::{Kind, Scenario},
};

/// Does what the command line says: measures, or is one of the children that it starts itself as.
pub(crate) fn drive(program: &Program<'_>) {
    match Arguments::parse(program, std::env::args().skip(1)) {
        Some(Arguments { mode: Mode::Help, .. }) => println!("{}", program.usage()),
        Some(Arguments { mode: Mode::Server(row, scenario), .. }) => {
            println!("{}", (row.serve)(scenario));
            process::stay();
        }
        Some(Arguments { mode: Mode::Client(row, run), .. }) => {
            println!("{}", (row.call)(&run).map(Sample::to_line).unwrap_or_default());
            process::stay();
        }
        Some(arguments) => measure(&arguments),
        None => {
            eprintln!("{}", program.usage());
            std::process::exit(2);
        }
    }
}

fn measure(arguments: &Arguments) {
    let mut measured = Measured::here();
    for &scenario in &arguments.scenarios {
        let table = table(arguments, scenario);
        println!("\n{}", table.to_text());
        measured.tables.push(table);
    }
    if let Some(file) = &arguments.json {
        std::fs::write(file, measured.to_json()).expect("a writable file");
    }
}

fn table(arguments: &Arguments, scenario: Scenario) -> Table {
    let rows = &arguments.rows;
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); rows.len()];
    for round in 0..arguments.rounds {
        // Another row begins each round, so that a slow minute of the machine does not always meet the same one.
        for turn in 0..rows.len() {
            let index = (turn + round) % rows.len();
            costs[index].extend(process::measure(rows[index], scenario, arguments.seconds));
        }
    }
    let figures = figures(scenario.kind);
    // A row that has no such scenario is left out.
    let rows = rows.iter().zip(&costs).filter(|(_, costs)| !costs.is_empty()).map(|(row, costs)| {
        let figures = figures.iter().map(|(name, figure)| {
            let rounds = costs.iter().map(|cost| figure(cost, scenario.amount as f64)).collect();
            Figure { name: (*name).to_owned(), rounds }
        });
        TableRow { name: row.name.to_owned(), figures: figures.collect() }
    });
    Table { name: scenario.name(), rows: rows.collect() }
}

/// A figure of a scenario: its name and how it is read off a measurement, if the scenario is of some amount.
type Read = (&'static str, fn(&Cost, f64) -> f64);

const P50: Read = ("p50 µs", |cost, _| cost.sample.p50_us);
const P99: Read = ("p99 µs", |cost, _| cost.sample.p99_us);
const RATE: Read = ("calls/s", |cost, _| cost.sample.calls / cost.sample.seconds);
const MIB: Read =
    ("MiB/s each way", |cost, bytes| cost.sample.calls / cost.sample.seconds * bytes / f64::from(1 << 20));
const FAIR: Read = ("slowest / mean", |cost, _| cost.sample.fairness);
const SERVER_CPU: Read = ("server CPU s/100k", |cost, _| cost.sample.server_cpu_s / cost.sample.calls * 1e5);
const CLIENT_CPU: Read = ("client CPU s/100k", |cost, _| cost.sample.client_cpu_s / cost.sample.calls * 1e5);
const FSYNCS: Read = ("fsyncs/add", |cost, _| cost.sample.fsyncs / cost.sample.calls);
const MARKS: Read = ("marks/s", |cost, marks| marks / (cost.sample.p50_us / 1e6));
const KIB: Read = ("KiB/connection", |cost, connections| cost.resident_growth_bytes / connections / 1024.0);
const IDLE_CPU: Read = ("CPU s/s", |cost, _| cost.idle_cpu_s);

const fn figures(kind: Kind) -> &'static [Read] {
    match kind {
        Kind::Free | Kind::Same | Kind::Split => &[P50, P99, SERVER_CPU, CLIENT_CPU],
        Kind::Pipeline => &[RATE, SERVER_CPU, CLIENT_CPU],
        Kind::Threads | Kind::Connections => &[RATE, P99, FAIR, SERVER_CPU, CLIENT_CPU],
        Kind::Echo => &[MIB, P99],
        Kind::Idle => &[KIB, IDLE_CPU],
        Kind::Reads | Kind::Store => &[RATE, P99, SERVER_CPU],
        Kind::Adds => &[RATE, P99, FSYNCS, SERVER_CPU],
        Kind::Import => &[MARKS],
    }
}
