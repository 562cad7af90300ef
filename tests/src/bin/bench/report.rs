//! Rounds, medians, ratios: a table for people and JSON for plots.

use serde_json::{Value, json};

use crate::{
    arguments::Arguments,
    process::{self, Measured, Row},
    scenario::{ECHO_BYTES, IDLE_CONNECTIONS, Scenario},
};

/// A figure of a scenario: its name and how it is read off a measurement.
type Figure = (&'static str, fn(&Measured) -> f64);

const LATENCY: &[Figure] = &[
    ("p50 us", |m| m.sample.p50_us),
    ("p99 us", |m| m.sample.p99_us),
    ("server cpu s/100k", |m| m.server_cpu_s / m.sample.calls * 1e5),
];
const THROUGHPUT: &[Figure] = &[
    ("calls/s", |m| m.sample.calls / m.sample.seconds),
    ("server cpu s/100k", |m| m.server_cpu_s / m.sample.calls * 1e5),
];
const SHARED: &[Figure] = &[
    ("calls/s", |m| m.sample.calls / m.sample.seconds),
    ("slowest/mean", |m| m.sample.fairness),
    ("server cpu s/100k", |m| m.server_cpu_s / m.sample.calls * 1e5),
];
const ECHO: &[Figure] =
    &[("MiB/s each way", |m| m.sample.calls / m.sample.seconds * ECHO_BYTES as f64 / (1 << 20) as f64)];
const IDLE: &[Figure] = &[
    ("KiB/connection", |m| m.resident_growth_bytes / IDLE_CONNECTIONS as f64 / 1024.0),
    ("idle cpu s/s", |m| m.idle_cpu_s),
];

const fn figures(scenario: Scenario) -> &'static [Figure] {
    match scenario {
        Scenario::Free | Scenario::Same | Scenario::Split => LATENCY,
        Scenario::Pipeline => THROUGHPUT,
        Scenario::Threads | Scenario::Connections => SHARED,
        Scenario::Echo => ECHO,
        Scenario::Idle => IDLE,
    }
}

/// Measures what was asked for, prints the tables, writes the JSON.
pub(crate) fn run(arguments: &Arguments) {
    let mut all = Vec::new();
    for &scenario in &arguments.scenarios {
        let mut rounds: Vec<Vec<Measured>> = Vec::new();
        for round in 0..arguments.rounds {
            // Another row begins each round, so that a slow minute of the machine does not always meet the same one.
            let mut measured: Vec<(Row, Measured)> = (0..Row::ALL.len())
                .map(|turn| Row::ALL[(turn + round) % Row::ALL.len()])
                .map(|row| (row, process::measure(row, scenario, arguments.seconds)))
                .collect();
            measured.sort_by_key(|(row, _)| Row::ALL.iter().position(|known| known == row));
            rounds.push(measured.into_iter().map(|(_, measured)| measured).collect());
        }
        print(scenario, &rounds);
        all.push(to_json(scenario, &rounds));
    }
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&Value::Array(all)).expect("plain values"))
            .expect("a writable file");
    }
}

fn print(scenario: Scenario, rounds: &[Vec<Measured>]) {
    let figures = figures(scenario);
    println!("\n{} ({} rounds; median, ratio to raw)", scenario.name(), rounds.len());
    print!("{:<14}", "");
    for (name, _) in figures {
        print!("{name:>28}");
    }
    println!();
    for (index, row) in Row::ALL.iter().enumerate() {
        print!("{:<14}", row.name());
        for (_, figure) in figures {
            let value = median(rounds.iter().map(|round| figure(&round[index])));
            let ratio = median(rounds.iter().map(|round| figure(&round[index]) / figure(&round[0])));
            print!("{:>28}", format!("{value:.3} ({ratio:.2}x)"));
        }
        println!();
    }
}

fn to_json(scenario: Scenario, rounds: &[Vec<Measured>]) -> Value {
    let rows = Row::ALL.iter().enumerate().map(|(index, row)| {
        let figures = figures(scenario).iter().map(|(name, figure)| {
            let values: Vec<f64> = rounds.iter().map(|round| figure(&round[index])).collect();
            ((*name).to_owned(), json!(values))
        });
        (row.name().to_owned(), Value::Object(figures.collect()))
    });
    json!({ "scenario": scenario.name(), "rows": Value::Object(rows.collect()) })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
