//! What a benchmark measured, as JSON: the data behind the tables and plots of `docs/performance.md`. Every round is kept; what
//! is quoted is their median, and ratios are taken within a round.

use serde_json::{Value, json};

/// A run of a benchmark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// How many processors the machine had.
    pub processors: u64,
    /// What was asked, in the order in which it was.
    pub tables: Vec<Table>,
}

/// One thing that was asked of every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What was asked, as on the command line.
    pub name: String,
    /// The rows; ratios are to the first.
    pub rows: Vec<TableRow>,
}

/// What was measured of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Whose figures these are.
    pub name: String,
    /// The figures, in the same order in every row of a table.
    pub figures: Vec<Figure>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it counts, with its unit.
    pub name: String,
    /// What each round gave; NaN where a row has no such thing.
    pub rounds: Vec<f64>,
}

impl Measured {
    /// Nothing yet, on this machine.
    #[must_use]
    pub fn here() -> Self {
        let processors = std::thread::available_parallelism().map_or(0, |count| count.get() as u64);
        Self { processors, tables: Vec::new() }
    }

    /// As JSON, for [`from_json`](Self::from_json). Three digits are more than rounds agree on.
    ///
    /// # Panics
    /// Never: plain numbers and names are JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let figure = |figure: &Figure| {
            let rounds: Vec<Value> = figure.rounds.iter().map(|value| json!(digits(*value))).collect();
            json!({ "figure": figure.name, "rounds": rounds })
        };
        let row = |row: &TableRow| {
            let figures: Vec<Value> = row.figures.iter().map(figure).collect();
            json!({ "row": row.name, "figures": figures })
        };
        let table = |table: &Table| {
            let rows: Vec<Value> = table.rows.iter().map(row).collect();
            json!({ "table": table.name, "rows": rows })
        };
        let tables: Vec<Value> = self.tables.iter().map(table).collect();
        let all = json!({ "processors": self.processors, "tables": tables });
        serde_json::to_string_pretty(&all).expect("plain numbers are JSON") + "\n"
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Panics
    /// The text is something else.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
            value[name].as_array().unwrap_or_else(|| panic!("a list of {name}"))
        }
        let name =
            |value: &Value, of: &str| value[of].as_str().unwrap_or_else(|| panic!("the name of a {of}")).to_owned();
        let figure = |value: &Value| Figure {
            name: name(value, "figure"),
            rounds: list(value, "rounds").iter().map(|round| round.as_f64().unwrap_or(f64::NAN)).collect(),
        };
        let row = |value: &Value| TableRow {
            name: name(value, "row"),
            figures: list(value, "figures").iter().map(figure).collect(),
        };
        let table =
            |value: &Value| Table { name: name(value, "table"), rows: list(value, "rows").iter().map(row).collect() };
        let all: Value = serde_json::from_str(text).expect("JSON");
        let processors = all["processors"].as_u64().expect("a count of processors");
        Self { processors, tables: list(&all, "tables").iter().map(table).collect() }
    }
}

impl Table {
    /// The figures of a row.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&TableRow> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// A figure of `row` over that of another row, both of the same round: the median of the rounds.
    #[must_use]
    pub fn ratio(&self, row: &str, over: &str, figure: &str) -> Option<f64> {
        let (row, over) = (self.row(row)?.figure(figure)?, self.row(over)?.figure(figure)?);
        Some(median(row.rounds.iter().zip(&over.rounds).map(|(row, over)| row / over)))
    }

    /// As columns of text, for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self.cells();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        lines.iter().fold(String::new(), |text, line| {
            let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            });
            text + cells.collect::<String>().trim_end() + "\n"
        })
    }

    /// As a table of Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut lines: Vec<String> = self.cells().iter().map(|line| format!("| {} |\n", line.join(" | "))).collect();
        let columns = self.rows.first().map_or(0, |row| row.figures.len());
        lines.insert(1, format!("|---|{}\n", "---:|".repeat(columns)));
        lines.concat()
    }

    /// The name with those of the figures, then each row: medians, with the ratio to the first row.
    fn cells(&self) -> Vec<Vec<String>> {
        let first = self.rows.first().expect("a table has rows");
        let mut head = vec![self.name.clone()];
        head.extend(first.figures.iter().map(|figure| figure.name.clone()));
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![row.name.clone()];
            cells.extend(row.figures.iter().map(|figure| {
                let value = shown(figure.median());
                match self.ratio(&row.name, &first.name, &figure.name) {
                    Some(ratio) if ratio.is_finite() && row != first => format!("{value} ({}×)", shown(ratio)),
                    _ => value,
                }
            }));
            cells
        });
        std::iter::once(head).chain(rows).collect()
    }
}

impl TableRow {
    /// A figure by its name.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

impl Figure {
    /// The median of the rounds.
    #[must_use]
    pub fn median(&self) -> f64 {
        median(self.rounds.iter().copied())
    }
}

/// A number for people: three digits, thousands apart; a dash where there is none.
#[must_use]
pub fn shown(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if size >= 1e7 {
        format!("{:.0} M", value / 1e6)
    } else if size >= 1e6 {
        format!("{:.2} M", value / 1e6)
    } else if size >= 1e4 {
        format!("{:.0} k", value / 1e3)
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 0.1 || size == 0.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// The one in the middle of those that are numbers, the upper one of two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Rounded to five digits.
fn digits(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        let row = |name: &str, rounds: [f64; 3]| TableRow {
            name: name.to_owned(),
            figures: vec![Figure { name: "p50 µs".to_owned(), rounds: rounds.to_vec() }],
        };
        let rows = vec![row("raw", [10.0, 20.0, 60.0]), row("ours", [5.0, 8.0, 6.0])];
        Measured { processors: 2, tables: vec![Table { name: "free".to_owned(), rows }] }
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Measured::from_json(&measured().to_json()), measured());
    }

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        // 0.5, 0.4 and 0.1; the ratio of the medians would be 0.3.
        assert_eq!(measured().tables[0].ratio("ours", "raw", "p50 µs"), Some(0.4));
    }

    #[test]
    fn a_table_shows_medians_and_ratios_and_a_dash_for_what_is_not() {
        let mut table = measured().tables.remove(0);
        table.rows.push(TableRow {
            name: "thrift".to_owned(),
            figures: vec![Figure { name: "p50 µs".to_owned(), rounds: vec![f64::NAN; 3] }],
        });
        let shown = "| free | p50 µs |\n|---|---:|\n| raw | 20.0 |\n| ours | 6.00 (0.40×) |\n| thrift | – |\n";
        assert_eq!(table.to_markdown(), shown);
    }
}
