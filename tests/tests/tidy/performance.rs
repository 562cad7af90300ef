//! `docs/performance.md` against what was measured: its tables, its verdicts on the goals and its plots are made of the files
//! beside it.

use std::{env, fs};

use tests::{MEASURED, Measured, goals, plots, tables};

use crate::{
    generated::check_part,
    sources::{read, top},
};

const PAGE: &str = "docs/performance.md";

fn measured(name: &str) -> Measured {
    Measured::from_json(&read(&format!("docs/performance/{name}.json")))
}

#[test]
fn the_tables_and_the_verdicts_follow_from_what_was_measured() {
    check_part(PAGE, "<!-- goals:", &goals(measured));
    for name in MEASURED {
        check_part(PAGE, &format!("<!-- measured: {name},"), &tables(&measured(name)));
    }
}

#[test]
fn times_are_measured_in_several_rounds() {
    /// As many that one which went wrong does not decide.
    const ROUNDS_MIN: usize = 3;
    for name in MEASURED {
        for table in measured(name).tables {
            for figure in table.rows.iter().flat_map(|row| &row.figures) {
                let counted = ["crates", "KiB"].contains(&figure.name.as_str()); // the same each time
                let rounds = figure.rounds.len();
                assert!(counted || rounds >= ROUNDS_MIN, "{name}, {}, {}: {rounds} rounds", table.name, figure.name);
            }
        }
    }
}

#[test]
fn the_plots_are_drawn_from_the_figures() {
    let page = read(PAGE);
    for (name, plot) in plots(&measured("growth"), &measured("stores")) {
        let path = format!("performance/{name}.svg");
        if env::var_os("UPDATE").is_some() {
            fs::write(top().join("docs").join(&path), &plot).unwrap();
        }
        assert!(read(&format!("docs/{path}")) == plot, "draw {path} again: `tests/performance draw`");
        assert!(page.contains(&format!("]({path})")), "{PAGE} does not show {path}");
    }
}
