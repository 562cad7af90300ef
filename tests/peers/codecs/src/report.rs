//! What was measured, for people and for programs, in the form that all benchmarks here write.

use std::path::Path;

use crate::measured::{Figure, Measured, Table, TableRow};

/// What was measured of one codec: nanoseconds of each round, none where the codec can't do it.
pub(crate) struct Line {
    pub(crate) codec: &'static str,
    pub(crate) bytes: usize,
    pub(crate) encode: Vec<f64>,
    pub(crate) decode: Vec<f64>,
    /// Reading without owning any text.
    pub(crate) read: Vec<f64>,
    /// Decoding with two unknown fields in each call and each mark.
    pub(crate) newer: Vec<f64>,
}

/// Which processors the program was built for.
pub(crate) const BUILD: &str =
    if cfg!(target_feature = "avx2") { "built for this processor" } else { "built for any processor" };

/// The table of a sample; ratios are to the first line.
pub(crate) fn table(sample: &str, lines: &[Line]) -> Table {
    let rounds = lines.iter().map(|line| line.decode.len()).max().unwrap_or(0);
    let rows = lines.iter().map(|line| {
        // Who can't read without owning reads by decoding.
        let read = if line.read.is_empty() { &line.decode } else { &line.read };
        let newer = line.newer.iter().zip(&line.decode).map(|(newer, decode)| newer / decode);
        let bytes = if line.bytes > 0 { line.bytes as f64 } else { f64::NAN };
        let figures = vec![
            figure("encoded/s", per_second(&line.encode), rounds),
            figure("decoded/s", per_second(&line.decode), rounds),
            figure("read/s", per_second(read), rounds),
            figure("unknown fields", newer.collect(), rounds),
            figure("bytes", vec![bytes; rounds], rounds),
        ];
        TableRow { name: line.codec.to_owned(), figures }
    });
    Table { name: sample.to_owned(), rows: rows.collect() }
}

/// A figure with a number for each round, NaN where there is none.
fn figure(name: &str, mut rounds: Vec<f64>, count: usize) -> Figure {
    rounds.resize(count, f64::NAN);
    Figure { name: name.to_owned(), rounds }
}

fn per_second(nanoseconds: &[f64]) -> Vec<f64> {
    nanoseconds.iter().map(|ns| 1e9 / ns).collect()
}

/// Writes all rounds.
pub(crate) fn write(measured: &Measured, file: &Path) {
    if let Err(error) = std::fs::write(file, measured.to_json()) {
        eprintln!("codecs: {}: {error}", file.display());
        std::process::exit(1);
    }
}
