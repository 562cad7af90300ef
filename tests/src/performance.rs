//! `docs/performance.md` as far as it is made of what was measured: the tables, the goals with their verdicts, the plots.

use crate::{
    measured::{Measured, Table, shown},
    plot::{BYTES, Lines, Panel},
};

/// What `tests/performance` measures, each into a file of its own.
pub const MEASURED: [&str; 8] = ["calls", "peers", "service", "growth", "stores", "weight", "codecs", "codecs-native"];

/// A figure that was promised.
#[derive(Clone, Copy)]
struct Goal {
    number: u8,
    what: &'static str,
    /// The file, the table in it (`*`: each) and the figure in that.
    at: [&'static str; 3],
    row: &'static str,
    /// The rows that it is measured against, each, perhaps of another table; none if the figure stands for itself.
    over: &'static [&'static str],
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}
use Bound::{AtLeast, AtMost};

const RAW: &[&str] = &["raw"];
/// Raw sockets that wait as ours do: what the framework adds to them may take a quarter of their time.
const ADAPTIVE: &[&str] = &["raw-adaptive"];
const PEERS: &[&str] = &["tarpc", "tarpc-mt", "tonic", "tonic-mt", "ttrpc", "thrift", "capnp-rpc"];

const fn goal(
    number: u8,
    what: &'static str,
    at: [&'static str; 3],
    over: &'static [&'static str],
    bound: Bound,
) -> Goal {
    Goal { number, what, at, row: "ours", over, bound }
}

const fn of(row: &'static str, goal: Goal) -> Goal {
    Goal { row, ..goal }
}

const CPU: &str = "server CPU s/100k";

const GOALS: [Goal; 34] = [
    goal(1, "one call, free placement, p50", ["calls", "free", "p50 µs"], RAW, AtMost(0.15)),
    goal(1, "the same, p99", ["calls", "free", "p99 µs"], RAW, AtMost(0.2)),
    goal(1, "the same, processor time of the server", ["calls", "free", CPU], RAW, AtMost(0.35)),
    goal(1, "the same, p50, over raw sockets that wait as we do", ["calls", "free", "p50 µs"], ADAPTIVE, AtMost(1.25)),
    goal(1, "the same, p50, over the fastest peer", ["peers", "free", "p50 µs"], PEERS, AtMost(1.0 / 6.0)),
    goal(1, "both sides on one processor, p50", ["calls", "same", "p50 µs"], RAW, AtMost(1.0)),
    goal(1, "the same, p99", ["calls", "same", "p99 µs"], RAW, AtMost(1.05)),
    goal(1, "the same, processor time of the server", ["calls", "same", CPU], RAW, AtMost(1.05)),
    goal(1, "the same, p50, over raw sockets that wait as we do", ["calls", "same", "p50 µs"], ADAPTIVE, AtMost(1.25)),
    goal(1, "processor time of 2,000 idle connections, s/s", ["calls", "idle", "CPU s/s"], &[], AtMost(0.0)),
    goal(2, "64 calls in flight, calls/s", ["calls", "pipeline", "calls/s"], &[], AtLeast(4e6)),
    goal(2, "the same, over raw sockets", ["calls", "pipeline", "calls/s"], RAW, AtLeast(4.0)),
    goal(2, "the same, over raw sockets that wait as we do", ["calls", "pipeline", "calls/s"], ADAPTIVE, AtLeast(0.8)),
    goal(2, "the same, over tarpc", ["peers", "pipeline", "calls/s"], &["tarpc", "tarpc-mt"], AtLeast(12.0)),
    goal(3, "64 threads on one channel", ["calls", "threads", "calls/s"], RAW, AtLeast(1.3)),
    goal(3, "the same, over raw sockets that wait as we do", ["calls", "threads", "calls/s"], ADAPTIVE, AtLeast(0.8)),
    goal(3, "the same, over tarpc", ["peers", "threads", "calls/s"], &["tarpc", "tarpc-mt"], AtLeast(2.0)),
    goal(3, "the same, over ttrpc", ["peers", "threads", "calls/s"], &["ttrpc"], AtLeast(3.0)),
    goal(3, "the slowest thread's share of the mean", ["calls", "threads", "slowest / mean"], &[], AtLeast(0.5)),
    goal(4, "16 connections, one call each", ["calls", "connections", "calls/s"], RAW, AtLeast(1.05)),
    goal(
        4,
        "the same, over raw sockets that wait as we do",
        ["calls", "connections", "calls/s"],
        ADAPTIVE,
        AtLeast(0.8),
    ),
    goal(4, "1 MiB there and back", ["calls", "echo", "MiB/s each way"], RAW, AtLeast(1.2)),
    goal(
        4,
        "the same, over raw sockets that wait as we do",
        ["calls", "echo", "MiB/s each way"],
        ADAPTIVE,
        AtLeast(0.8),
    ),
    goal(7, "resident memory of an idle connection, KiB", ["calls", "idle", "KiB/connection"], &[], AtMost(14.0)),
    of(
        "student average",
        goal(8, "a student's mean, 16 connections", ["service", "reads", "calls/s"], &["whoami"], AtLeast(0.5)),
    ),
    of(
        "add mark",
        goal(8, "fsyncs for an added mark, 64 connections", ["service", "adds", "fsyncs/add"], &[], AtMost(1.0 / 16.0)),
    ),
    of(
        "import",
        goal(8, "an import of 50,000 marks", ["service", "import", "marks/s"], &["bare SQLite"], AtLeast(0.5)),
    ),
    goal(9, "4,096 connections, one call each", ["growth", "connections=4096", "calls/s"], RAW, AtLeast(0.5)),
    goal(9, "256 threads on one channel", ["growth", "threads=256", "calls/s"], RAW, AtLeast(0.5)),
    goal(9, "16 MiB there and back", ["growth", "echo=16777216", "MiB/s each way"], RAW, AtLeast(0.5)),
    of(
        "student average",
        goal(
            9,
            "ten million marks, a student's mean, beside a million",
            ["stores", "store=10000000", "calls/s"],
            &["student average of store=1000000"],
            AtLeast(0.5),
        ),
    ),
    of("rpc-core", goal(10, "crates in the tree", ["weight", "crates", "crates"], &["ttrpc"], AtMost(0.99))),
    of("rpc-core", goal(10, "a clean debug build", ["weight", "build", "s"], &["ttrpc"], AtMost(1.0))),
    of(
        "hello",
        goal(10, "a minimal server, release, stripped, KiB", ["weight", "binary", "KiB"], &[], AtMost(1_023.0)),
    ),
];

const PROST: &[&str] = &["prost"];
/// The other codecs with which old and new builds understand each other.
const EVOLVE: &[&str] = &["prost", "minicbor"];

/// Goal 5, of the build for any processor; [`all_goals`] adds the same of the build for the one at hand.
const CODEC_GOALS: [Goal; 13] = [
    goal(5, "a call encoded", ["codecs", "call", "encoded/s"], PROST, AtLeast(4.5)),
    goal(5, "a call decoded to owned", ["codecs", "call", "decoded/s"], PROST, AtLeast(4.0)),
    goal(5, "the same with unknown fields", ["codecs", "call", "unknown fields"], &[], AtMost(2.0)),
    goal(5, "a student encoded", ["codecs", "student", "encoded/s"], PROST, AtLeast(7.0)),
    goal(5, "a student decoded to owned", ["codecs", "student", "decoded/s"], PROST, AtLeast(2.8)),
    goal(5, "the same with unknown fields", ["codecs", "student", "unknown fields"], &[], AtMost(2.0)),
    goal(5, "a promotion encoded", ["codecs", "promotion", "encoded/s"], PROST, AtLeast(7.0)),
    goal(
        5,
        "a promotion decoded, clones made meanwhile",
        ["codecs", "promotion", "decoded/s"],
        &["clone()"],
        AtLeast(1.0 / 1.2),
    ),
    goal(5, "the same with unknown fields", ["codecs", "promotion", "unknown fields"], &[], AtMost(2.0)),
    goal(5, "a promotion's bytes", ["codecs", "promotion", "bytes"], PROST, AtMost(0.92)),
    goal(5, "each encoded, beside the best other that evolves", ["codecs", "*", "encoded/s"], EVOLVE, AtLeast(1.0)),
    goal(5, "each decoded, beside the same", ["codecs", "*", "decoded/s"], EVOLVE, AtLeast(1.0)),
    goal(5, "each read, beside the same", ["codecs", "*", "read/s"], EVOLVE, AtLeast(1.0)),
];

/// All goals in the order of their numbers.
fn all_goals() -> Vec<Goal> {
    let native = CODEC_GOALS.map(|goal| Goal { at: ["codecs-native", goal.at[1], goal.at[2]], ..goal });
    let mut all = [&GOALS[..], &CODEC_GOALS, &native].concat();
    all.sort_by_key(|goal| goal.number);
    all
}

/// The goals with what was measured and whether it is enough; `read` gives the files.
#[must_use]
pub fn goals(read: impl Fn(&str) -> Measured) -> String {
    let mut text = String::from("| goal | | asked | measured | |\n|---|---|---|---|---|\n");
    for goal in &all_goals() {
        let [file, table, figure] = goal.at;
        let measured = read(file);
        let tables: Vec<&Table> = measured.tables.iter().filter(|one| table == "*" || one.name == table).collect();
        assert!(!tables.is_empty(), "{file}.json has no table {table}");
        let (sign, bound) = match goal.bound {
            AtMost(bound) => ("≤", bound),
            AtLeast(bound) => ("≥", bound),
        };
        let (value, over) = value(goal, &tables, &measured, figure);
        let reached = match goal.bound {
            AtMost(bound) => value <= bound,
            AtLeast(bound) => value >= bound,
        };
        let by =
            if bound == 0.0 { format!("by {}", shown(value)) } else { format!("{}× of it", shown(value / bound)) };
        let verdict = if reached { "reached".to_owned() } else { format!("**missed**: {by}") };
        let unit = over.map_or_else(String::new, |row| format!("× {row}"));
        let Goal { number, what, .. } = goal;
        let build = if file.ends_with("native") { ", built for this processor" } else { "" };
        text.push_str(&format!(
            "| {number} | {what}{build} | {sign} {}{unit} | {}{unit} | {verdict} |\n",
            shown(bound),
            shown(value)
        ));
    }
    text
}

/// The figure, or the least favourable of its ratios and the row that it is to.
fn value(goal: &Goal, tables: &[&Table], all: &Measured, figure: &str) -> (f64, Option<&'static str>) {
    let values = tables.iter().flat_map(|table| {
        let missing = || panic!("no {figure} of {} in {}", goal.row, table.name);
        if goal.over.is_empty() {
            let figure = table.row(goal.row).and_then(|row| row.figure(figure));
            return vec![(figure.map_or_else(missing, crate::Figure::median), None)];
        }
        // A framework whose tools were not there when others were measured has no row.
        let ratio = |over: &&'static str| Some((ratio(table, goal.row, over, all, figure)?, Some(*over)));
        goal.over.iter().filter_map(ratio).collect()
    });
    let worst = match goal.bound {
        AtMost(_) => values.max_by(|one, other| one.0.total_cmp(&other.0)),
        AtLeast(_) => values.min_by(|one, other| one.0.total_cmp(&other.0)),
    };
    worst.unwrap_or_else(|| panic!("{} is measured against nothing", goal.what))
}

/// A row's figure over that of another: `raw` of the same table, round by round, or `raw of threads=8`.
fn ratio(table: &Table, row: &str, over: &str, all: &Measured, figure: &str) -> Option<f64> {
    let Some((over, other)) = over.split_once(" of ") else { return table.ratio(row, over, figure) };
    let other = all.tables.iter().find(|table| table.name == other)?;
    Some(table.row(row)?.figure(figure)?.median() / other.row(over)?.figure(figure)?.median())
}

/// All tables of a file, one after the other.
#[must_use]
pub fn tables(measured: &Measured) -> String {
    measured.tables.iter().map(Table::to_markdown).collect::<Vec<_>>().join("\n")
}

/// How cost grows, as plots: the name of each, and its drawing.
#[must_use]
pub fn plots(growth: &Measured, stores: &Measured) -> Vec<(&'static str, String)> {
    let plot = |measured: &Measured, kind, usual, title, amounts, figures: [&'static str; 2]| {
        let panels = figures.map(|figure| panel(measured, kind, usual, figure));
        Lines { title, amounts, panels }.draw()
    };
    let calls = ["calls/s", "p99 µs"];
    vec![
        ("connections", plot(growth, "connections", 16.0, "Connections, one call each", "connections", calls)),
        ("threads", plot(growth, "threads", 64.0, "Threads that share one connection", "threads", calls)),
        ("bytes", plot(growth, "echo", 1_048_576.0, "Bytes there and back", BYTES, ["MiB/s each way", "p99 µs"])),
        (
            "marks",
            plot(stores, "store", 10_000.0, "Reads as the store grows, 16 connections", "marks in the store", calls),
        ),
    ]
}

/// The points of all tables of one kind: `threads`, which is of the usual amount, and `threads=8`.
fn panel<'a>(measured: &'a Measured, kind: &str, usual: f64, figure: &'static str) -> Panel<'a> {
    let mut rows: Vec<(&str, Vec<(f64, f64)>)> = Vec::new();
    for table in &measured.tables {
        let (name, amount) = table.name.split_once('=').unwrap_or((&table.name, ""));
        if name != kind {
            continue;
        }
        let amount = amount.parse().unwrap_or(usual);
        for row in &table.rows {
            let Some(value) = row.figure(figure).map(crate::Figure::median) else { continue };
            match rows.iter_mut().find(|(name, _)| *name == row.name) {
                Some((_, points)) => points.push((amount, value)),
                None => rows.push((&row.name, vec![(amount, value)])),
            }
        }
    }
    for (_, points) in &mut rows {
        points.sort_by(|left, right| left.0.total_cmp(&right.0));
    }
    Panel { figure, rows }
}
