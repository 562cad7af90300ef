//! Medians and ratios: tables for people, JSON for programs.

use std::path::Path;

use serde_json::{Value, json};

/// What was measured of a sample.
pub(crate) struct Table {
    pub(crate) sample: &'static str,
    /// prost is the first.
    pub(crate) lines: Vec<Line>,
}

/// What was measured of one codec: nanoseconds of each round, none where the codec can't do it.
pub(crate) struct Line {
    pub(crate) codec: &'static str,
    pub(crate) evolves: bool,
    pub(crate) bytes: usize,
    pub(crate) encode: Vec<f64>,
    pub(crate) decode: Vec<f64>,
    pub(crate) read: Vec<f64>,
    pub(crate) newer: Vec<f64>,
}

const BUILD: &str = if cfg!(target_feature = "avx2") { "native" } else { "plain" };

/// Prints a table for each sample.
pub(crate) fn print(tables: &[Table]) {
    for Table { sample, lines } in tables {
        let Some(prost) = lines.first() else { continue };
        println!(
            "\n{sample}, {BUILD} build; medians, in brackets times faster than prost (reading: than its decoding)"
        );
        println!(
            "{:<15}{:>8}{:>9}{:>22}{:>22}{:>22}{:>26}",
            "", "evolves", "bytes", "encode", "decode", "read", "2 unknown fields"
        );
        for line in lines {
            print!("{:<15}{:>8}", line.codec, if line.evolves { "yes" } else { "" });
            print!("{:>9}", if line.bytes > 0 { line.bytes.to_string() } else { String::new() });
            print!("{:>22}", cell(&line.encode, &prost.encode));
            print!("{:>22}", cell(&line.decode, &prost.decode));
            print!("{:>22}", cell(&line.read, &prost.decode));
            let costs = ratio(&line.newer, &line.decode).map(|ratio| format!("{ratio:.2} of decode"));
            println!("{:>26}", costs.unwrap_or_default());
        }
        for line in lines.iter().filter(|line| line.codec == "ours") {
            let (Some(clone), Some(size)) = (lines.last(), ratio_of(line.bytes, prost.bytes)) else { continue };
            let decode = ratio(&line.decode, &clone.decode).unwrap_or(f64::NAN);
            println!("ours: decoding takes {decode:.2} of clone(), the bytes are {size:.3} of prost's");
        }
    }
}

fn ratio_of(a: usize, b: usize) -> Option<f64> {
    (b > 0).then(|| a as f64 / b as f64)
}

fn cell(times: &[f64], base: &[f64]) -> String {
    let Some(median) = median(times.to_vec()) else { return String::new() };
    let (scale, unit) = if median < 10_000.0 { (1.0, "ns") } else { (1e3, "us") };
    let faster = ratio(base, times).map(|ratio| format!(" ({ratio:.2})"));
    format!("{:.1} {unit}{}", median / scale, faster.unwrap_or_default())
}

/// The median over the rounds of one time over another.
fn ratio(times: &[f64], base: &[f64]) -> Option<f64> {
    median(times.iter().zip(base).map(|(time, base)| time / base).collect())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Writes all medians, and the ratios to prost.
pub(crate) fn write(tables: &[Table], file: &Path) {
    let tables: Vec<Value> = tables.iter().map(table).collect();
    let text = serde_json::to_string_pretty(&json!({ "build": BUILD, "samples": tables })).expect("plain values");
    if let Err(error) = std::fs::write(file, text + "\n") {
        eprintln!("codecs: {}: {error}", file.display());
        std::process::exit(1);
    }
}

fn table(Table { sample, lines }: &Table) -> Value {
    let figure = |times: &[f64], base: &[f64]| {
        median(times.to_vec()).map(|ns| json!({ "ns": ns, "times_faster_than_prost": ratio(base, times) }))
    };
    let lines = lines.iter().map(|line| {
        let prost = lines.first().unwrap_or(line);
        json!({
            "codec": line.codec,
            "evolves": line.evolves,
            "bytes": line.bytes,
            "encode": figure(&line.encode, &prost.encode),
            "decode": figure(&line.decode, &prost.decode),
            "read": figure(&line.read, &prost.decode),
            "two_unknown_fields_of_decode": ratio(&line.newer, &line.decode),
        })
    });
    json!({ "sample": sample, "codecs": lines.collect::<Vec<_>>() })
}
