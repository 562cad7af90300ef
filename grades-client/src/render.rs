//! Results on their way to standard output: one value, three forms. Commands build a [`View`] and print nothing; this
//! module is the only one that knows the table and CSV crates.

use std::io::{self, Write as _};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::Value;

use crate::{
    cli::Output,
    failure::{Exit, Failure},
};

mod text;
pub(crate) use text::{counted, printable, utc};

mod access;
pub(crate) use access::{account_list, session_list, whoami};

mod marks;
pub(crate) use marks::{history, import_report, marks_of, promotion_average, promotion_list, sheet, student_average};

/// The result of a command in its three forms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    /// For programs.
    pub(crate) json: Value,
    /// For spreadsheets.
    pub(crate) csv: Grid,
    /// For people.
    pub(crate) table: Shown,
}

/// What people see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// A sentence.
    Sentence(String),
    /// A table, and a line beneath it.
    Table(Grid, String),
}

/// Columns and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Grid {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A column of a grid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) header: String,
    pub(crate) kind: ColumnKind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// What people wrote: to the left, and in CSV never a formula.
    Text,
    /// What this program wrote: to the right.
    Number,
}

impl Grid {
    pub(crate) fn new(columns: &[(&str, ColumnKind)]) -> Self {
        let columns =
            columns.iter().map(|(header, kind)| Column { header: (*header).to_owned(), kind: *kind }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// The grid as a table for a terminal. Its width follows the content, so that a pipe and a terminal show the same.
    pub(crate) fn to_table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.columns.iter().map(|column| printable(&column.header)));
        table.add_rows(self.rows.iter().map(|row| row.iter().map(|cell| printable(cell))));
        for (column, shown) in self.columns.iter().zip(table.column_iter_mut()) {
            if column.kind == ColumnKind::Number {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.trim_fmt()
    }

    fn to_csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| &column.header))?;
        for row in &self.rows {
            writer.write_record(row.iter().zip(&self.columns).map(|(cell, column)| match column.kind {
                ColumnKind::Text => inert(cell),
                ColumnKind::Number => cell.clone(),
            }))?;
        }
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl View {
    /// A change that was made: a sentence for people, and the named things for programs.
    pub(crate) fn done(sentence: String, things: &[(&str, Value)]) -> Self {
        let mut csv = Grid::default();
        let mut row = Vec::new();
        for (name, value) in things {
            let (kind, cell) = match value {
                Value::String(text) => (ColumnKind::Text, text.clone()),
                other => (ColumnKind::Number, other.to_string()),
            };
            csv.columns.push(Column { header: (*name).to_owned(), kind });
            row.push(cell);
        }
        csv.rows.push(row);
        let json = things.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { json: Value::Object(json), csv, table: Shown::Sentence(sentence) }
    }

    /// The view as text that ends with a line feed.
    pub(crate) fn to_text(&self, output: Output) -> Result<String, Failure> {
        match output {
            Output::Json => Ok(format!("{:#}\n", self.json)),
            Output::Csv => {
                self.csv.to_csv().map_err(|error| Failure::new(Exit::Failure, format!("can't write CSV: {error}")))
            }
            Output::Table => Ok(match &self.table {
                Shown::Sentence(sentence) => format!("{}\n", printable(sentence)),
                Shown::Table(grid, foot) => format!("{}\n{}\n", grid.to_table(), printable(foot)),
            }),
        }
    }

    pub(crate) fn print(&self, output: Output) -> Result<(), Failure> {
        print_text(&self.to_text(output)?)
    }
}

/// Prints on standard output. A reader that has seen enough, such as `head`, is no failure.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failure, format!("can't write the result: {error}")))
        }
        _ => Ok(()),
    }
}

/// A text that no spreadsheet takes for a formula: a leading character that would start one is preceded by an apostrophe.
fn inert(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new(&[("name", ColumnKind::Text), ("mean", ColumnKind::Number)]);
        grid.rows = vec![vec!["Ada, \"L\"".into(), "9.50".into()], vec!["=SUM(A1)".into(), "-".into()]];
        grid
    }

    #[test]
    fn csv_quotes_what_needs_it_and_disarms_formulas() {
        assert_eq!(grid().to_csv().unwrap(), "name,mean\n\"Ada, \"\"L\"\"\",9.50\n'=SUM(A1),-\n");
    }

    #[test]
    fn every_character_that_starts_a_formula_is_disarmed() {
        #[track_caller]
        fn check(cell: &str, expected: &str) {
            assert_eq!(inert(cell), expected);
        }
        check("=1", "'=1");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@x", "'@x");
        check("\t=1", "'\t=1");
        check("\r=1", "'\r=1");
        check("a=1", "a=1");
        check("", "");
    }

    #[test]
    fn a_table_aligns_numbers_to_the_right() {
        let expected = "\
┌──────────┬──────┐
│ name     ┆ mean │
╞══════════╪══════╡
│ Ada, \"L\" ┆ 9.50 │
│ =SUM(A1) ┆    - │
└──────────┴──────┘";
        assert_eq!(grid().to_table(), expected);
    }

    #[test]
    fn a_change_names_its_things_in_every_form() {
        let view = View::done("mark 7 was added".into(), &[("id", json!(7)), ("label", json!("exam"))]);
        assert_eq!(view.to_text(Output::Table).unwrap(), "mark 7 was added\n");
        assert_eq!(view.to_text(Output::Csv).unwrap(), "id,label\n7,exam\n");
        assert_eq!(view.to_text(Output::Json).unwrap(), "{\n  \"id\": 7,\n  \"label\": \"exam\"\n}\n");
    }
}
