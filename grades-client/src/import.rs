//! Marks from files: here a wide sheet from a CSV file, whose first column is the student and each further column a mark.
//! Everything that can be judged here is judged before anything is sent, and all of it is reported at once, each by line and
//! column.

use std::collections::HashMap;

use grades_api::{
    Grades, GradesError, RowError,
    model::{Coefficient, ImportReport, Mark, NameKind, Sheet, SheetColumn, SheetRow},
};
use rpc_core::Error;

use crate::{cli::ColumnCoefficient, failure::Failure};

mod csv_lines;
use csv_lines::{Line, read_lines};

mod mark_list;
pub(crate) use mark_list::MarkList;

/// A sheet that may be sent, and where its rows stand in the file.
#[derive(Debug)]
pub(crate) struct SheetFile {
    pub(crate) sheet: Sheet,
    /// Per row of the sheet: its line in the file, from 1, and its first cell.
    places: Vec<Place>,
    name: String,
}

#[derive(Debug)]
struct Place {
    line: u64,
    student: String,
}

impl SheetFile {
    /// Parses the bytes of the file `name`. Refused are a file with any wrong cell, and coefficients for columns that it
    /// does not have.
    pub(crate) fn parse(name: &str, bytes: &[u8], coefficients: &[ColumnCoefficient]) -> Result<Self, Failure> {
        let mut lines = read_lines(bytes).map_err(|line| not_text(name, line))?.into_iter();
        let header = lines.next().ok_or_else(|| {
            Failure::invalid(format!("{name} is empty"))
                .hint("the first line names the columns: the student, then a column a mark")
        })?;
        let labels = labels(name, &header)?;
        let columns = columns(name, &labels, coefficients)?;
        let (rows, places) = rows(name, &labels, lines)?;
        Ok(Self { sheet: Sheet { columns, rows }, places, name: name.to_owned() })
    }

    /// Sends the sheet: one call, one transaction.
    pub(crate) fn send(&self, grades: &dyn Grades, promotion: &str, dry_run: bool) -> Result<ImportReport, Failure> {
        grades.import(promotion, &self.sheet, dry_run).map_err(|error| match error {
            Error::App(GradesError::BadRow { row, reason }) => self.bad_row(row, reason),
            Error::App(GradesError::NotFound | GradesError::Forbidden) => {
                Failure::of_grades(&format!("promotion `{promotion}`"))(error)
            }
            error => Failure::of_grades(&self.name)(error),
        })
    }

    /// A row that only the server could judge, named by its line.
    fn bad_row(&self, row: u32, reason: RowError) -> Failure {
        let place = usize::try_from(row).ok().and_then(|row| self.places.get(row));
        let at = match place {
            Some(Place { line, student }) => format!("{}, line {line}, student `{}`", self.name, short(student)),
            None => format!("{}, row {row}", self.name),
        };
        let labels: Vec<_> = self.sheet.columns.iter().map(|column| format!("`{}`", column.label)).collect();
        let (what, hint) = explain(reason, &labels.join(" or "));
        Failure::invalid(format!("{at}: {what}; nothing was written")).hint(hint)
    }
}

/// What is wrong with a row of marks with these labels, and what to do about it.
fn explain(reason: RowError, labels: &str) -> (String, &'static str) {
    match reason {
        RowError::AmbiguousName => ("several students have this name".to_owned(), "write the student's number"),
        RowError::AlreadyMarked => {
            let what = format!("the student has a mark labelled {labels} already");
            (what, "correct it with `grades mark set`, or choose another label")
        }
        RowError::Twice => ("the same student stands on another line".to_owned(), "keep one of the lines"),
        RowError::BadStudent => ("the text can't be a student's number".to_owned(), "write at most 64 characters"),
        RowError::UnknownStudent => {
            let what = "no student of the promotion has this number".to_owned();
            (what, "enrol the student with `grades student add`, or correct the number")
        }
        RowError::WrongNumberOfCells => ("wrong number of cells".to_owned(), "give each line a cell a column"),
        other => (format!("the row can't be taken ({other:?})"), "use the program that came with the server"),
    }
}

fn not_text(name: &str, line: u64) -> Failure {
    Failure::invalid(format!("{name}, line {line}: not UTF-8 text")).hint("save it as UTF-8; a sheet, as CSV UTF-8")
}

/// So many wrong lines are shown; more would hide the first ones.
const SHOWN_MAX: usize = 20;

fn labels(name: &str, header: &Line) -> Result<Vec<String>, Failure> {
    let refuse = |what: String| {
        Err(Failure::invalid(format!("{name}, line {}: {what}", header.number))
            .hint("the first line names the columns: the student, then a column a mark"))
    };
    let labels: Vec<String> = header.cells.iter().skip(1).cloned().collect();
    if labels.is_empty() {
        return refuse("there is no column of marks".to_owned());
    }
    for (index, label) in labels.iter().enumerate() {
        let position = index.saturating_add(2); // from 1, after the student
        if label.is_empty() {
            return refuse(format!("column {position} has no header"));
        }
        if !NameKind::Label.accepts(label) {
            return refuse(format!("the header of column {position}, `{}`, is too long or spans lines", short(label)));
        }
        if labels.iter().take(index).any(|earlier| earlier == label) {
            return refuse(format!("column {position} has the header `{}`, which an earlier column has", short(label)));
        }
    }
    Ok(labels)
}

fn columns(name: &str, labels: &[String], named: &[ColumnCoefficient]) -> Result<Vec<SheetColumn>, Failure> {
    let mut coefficients = HashMap::new();
    for ColumnCoefficient { column, coefficient } in named {
        if !labels.contains(column) {
            return Err(Failure::invalid(format!("{name} has no column `{column}`, which --coef names"))
                .hint(format!("its columns are {}", labels.join(", "))));
        }
        let parsed = parse_coefficient(coefficient)?;
        if coefficients.insert(column.as_str(), parsed).is_some() {
            return Err(Failure::invalid(format!("--coef names column `{column}` twice")).hint("name each column once"));
        }
    }
    let usual = parse_coefficient("1")?;
    let column = |label: &String| SheetColumn {
        coefficient: coefficients.get(label.as_str()).copied().unwrap_or(usual),
        label: label.clone(),
    };
    Ok(labels.iter().map(column).collect())
}

/// A coefficient as it is written at the edge.
pub(crate) fn parse_coefficient(text: &str) -> Result<Coefficient, Failure> {
    text.parse().map_err(|error| {
        Failure::invalid(format!("`{}` is no coefficient: {error}", short(text)))
            .hint("write a number such as 2 or 0.5")
    })
}

/// A mark as it is written at the edge.
pub(crate) fn parse_mark(text: &str) -> Result<Mark, Failure> {
    text.parse().map_err(|error| {
        Failure::invalid(format!("`{}` is no mark: {error}", short(text)))
            .hint("write 14, 14.5, 14,5, 14.5/20, 7/10, ABS, EXC or ATT")
    })
}

fn rows(
    name: &str,
    labels: &[String],
    lines: impl Iterator<Item = Line>,
) -> Result<(Vec<SheetRow>, Vec<Place>), Failure> {
    let (mut rows, mut places, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = HashMap::new();
    for line in lines {
        let Some((student, cells)) = line.cells.split_first() else { continue };
        let number = line.number;
        if student.is_empty() {
            wrong.push(format!("line {number}: the first cell, which names the student, is empty"));
        } else if !NameKind::StudentName.accepts(student) {
            wrong.push(format!("line {number}: `{}` names no student: it is too long or spans lines", short(student)));
        } else if let Some(earlier) = seen.insert(student.clone(), number) {
            wrong.push(format!("line {number}: student `{}` stands on line {earlier} already", short(student)));
        }
        if cells.len() != labels.len() {
            let (found, expected) = (line.cells.len(), labels.len().saturating_add(1));
            wrong.push(format!("line {number}: {found} cells where the header has {expected}"));
            continue;
        }
        let mut marks = Vec::new();
        for (label, cell) in labels.iter().zip(cells) {
            match judge(cell) {
                Ok(mark) => marks.push(mark),
                Err(what) => wrong.push(format!("line {number}, column `{}`: {what}", short(label))),
            }
        }
        places.push(Place { line: number, student: student.clone() });
        rows.push(SheetRow { student: student.clone(), marks });
    }
    if wrong.is_empty() && rows.is_empty() {
        return Err(Failure::invalid(format!("{name} has no student below its first line"))
            .hint("give each student a line: the number or name, then a mark a column"));
    }
    if wrong.is_empty() {
        return Ok((rows, places));
    }
    Err(faults(name, "nothing was sent", wrong)
        .hint("a mark is 14, 14.5, 14.5/20, 7/10, ABS, EXC or ATT; mend the file and import it again"))
}

/// The failure that a file has all these faults.
fn faults(name: &str, end: &str, mut wrong: Vec<String>) -> Failure {
    let count = wrong.len();
    let hidden = count.saturating_sub(SHOWN_MAX);
    wrong.truncate(SHOWN_MAX);
    if hidden > 0 {
        wrong.push(format!("and {hidden} more"));
    }
    let faults = if count == 1 { "1 fault".to_owned() } else { format!("{count} faults") };
    Failure::invalid(format!("{name} has {faults}; {end}")).details(wrong)
}

fn judge(cell: &str) -> Result<Mark, String> {
    if cell.is_empty() {
        return Err("the cell is empty; write ATT for a mark that is awaited".to_owned());
    }
    cell.parse().map_err(|error| format!("`{}`: {error}", short(cell)))
}

/// The start of a text that a message quotes: a cell may hold the rest of the file when a quote is not closed.
fn short(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40; // as much as identifies a cell, on one line
    let mut start: String = text.chars().take_while(|c| !matches!(c, '\n' | '\r')).take(CHARACTERS_MAX).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests;
