//! The marks of one test from a list: a line a student, the number and then the mark, as they are typed or pasted from two
//! columns of a sheet. As with a sheet, all that is wrong is reported at once, each by its line.

use std::collections::HashMap;

use grades_api::{
    Grades, GradesError,
    model::{Coefficient, NameKind, NewMark},
};
use rpc_core::Error;

use super::{csv_lines::read_text, explain, faults, judge, not_text, short};
use crate::failure::Failure;

/// Marks that may be sent, and where they stand in the file.
#[derive(Debug)]
pub(crate) struct MarkList {
    pub(crate) marks: Vec<NewMark>,
    /// Per mark: its line in the file, from 1.
    lines: Vec<u64>,
    name: String,
}

impl MarkList {
    /// Parses the bytes of the file `name`. Refused is a file with any wrong line.
    pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<Self, Failure> {
        let text = read_text(bytes).map_err(|line| not_text(name, line))?;
        let mut list = Self { marks: Vec::new(), lines: Vec::new(), name: name.to_owned() };
        let (mut wrong, mut seen) = (Vec::new(), HashMap::new());
        for (line, content) in (1..).zip(text.lines()).filter(|(_, content)| !content.trim().is_empty()) {
            match parse_line(content.trim()) {
                Err(what) => wrong.push(format!("line {line}: {what}")),
                Ok(new) => {
                    if let Some(earlier) = seen.insert(new.number.clone(), line) {
                        let number = short(&new.number);
                        wrong.push(format!("line {line}: student `{number}` stands on line {earlier} already"));
                    }
                    list.marks.push(new);
                    list.lines.push(line);
                }
            }
        }
        if !wrong.is_empty() {
            let hint = "a line is a student's number, a blank, and 14, 14.5, 14.5/20, 7/10, ABS, EXC or ATT";
            return Err(faults(name, "nothing was sent", wrong).hint(hint));
        }
        if list.marks.is_empty() {
            return Err(Failure::invalid(format!("{name} has no marks"))
                .hint("give each student a line: the number, a blank, then the mark"));
        }
        Ok(list)
    }

    /// Sends the marks: one call, one transaction.
    pub(crate) fn send(
        &self,
        grades: &dyn Grades,
        promotion: &str,
        coefficient: Coefficient,
        label: &str,
    ) -> Result<(), Failure> {
        let answer = grades.add_marks(promotion, &self.marks, coefficient, label).map(drop);
        answer.map_err(|error| match error {
            Error::App(GradesError::BadRows { faults: rows }) => {
                let labelled = format!("`{label}`");
                let hint = rows.first().map_or("", |first| explain(first.reason, &labelled).1);
                let wrong = rows.iter().map(|fault| {
                    let (what, _) = explain(fault.reason, &labelled);
                    format!("{}, student `{}`: {what}", self.place(fault.row), short(&fault.number))
                });
                faults(&self.name, "nothing was written", wrong.collect()).hint(hint)
            }
            Error::App(GradesError::NotFound | GradesError::Forbidden) => {
                Failure::of_grades(&format!("promotion `{promotion}`"))(error)
            }
            error => Failure::of_grades(&self.name)(error),
        })
    }

    /// Where a row of the call stands in the file.
    fn place(&self, row: u32) -> String {
        let line = usize::try_from(row).ok().and_then(|row| self.lines.get(row));
        line.map_or_else(|| format!("row {row}"), |line| format!("line {line}"))
    }
}

/// The number and the mark of a line. A comma does not separate them, since a mark may have one; the last blank does, since
/// a number may have some; and a semicolon wins over blanks.
fn parse_line(line: &str) -> Result<NewMark, String> {
    let (number, mark) = line
        .rsplit_once(';')
        .or_else(|| line.rsplit_once(char::is_whitespace))
        .map(|(number, mark)| (number.trim(), mark.trim()))
        .ok_or_else(|| format!("`{}` is not a number and a mark with a blank between them", short(line)))?;
    if !NameKind::StudentNumber.accepts(number) {
        return Err(format!("`{}` can't be a student's number", short(number)));
    }
    Ok(NewMark { number: number.to_owned(), mark: judge(mark)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[track_caller]
    fn check(text: &str, expected: &[(u64, &str, &str)]) {
        let list = MarkList::parse("f", text.as_bytes()).unwrap();
        let found: Vec<_> = list
            .lines
            .iter()
            .zip(&list.marks)
            .map(|(line, new)| (*line, new.number.clone(), new.mark.to_string()))
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(line, number, mark)| (*line, (*number).to_owned(), (*mark).to_owned())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[track_caller]
    fn check_refused(text: &str, details: &[&str]) {
        let failure = MarkList::parse("f", text.as_bytes()).unwrap_err();
        assert_eq!(failure.exit, Exit::InvalidData, "{text:?}");
        assert_eq!(failure.details, details, "{text:?}: {failure:?}");
        assert!(failure.hint.is_some(), "{failure:?}");
    }

    #[test]
    fn a_line_is_a_number_and_a_mark_between_blanks_tabs_or_a_semicolon() {
        check("17 14.5\n18 ABS\n", &[(1, "17", "14.5"), (2, "18", "ABS")]);
        check("17\t14,5\r\n18\tabs\r\n", &[(1, "17", "14.5"), (2, "18", "ABS")]);
        check("17;14,5\n18 ; 7 / 10\n", &[(1, "17", "14.5"), (2, "18", "7/10")]);
        check("\u{feff}17   14/20\n\n  \n  GP 0018 7/10", &[(1, "17", "14"), (4, "GP 0018", "7/10")]);
    }

    #[test]
    fn every_wrong_line_is_named() {
        check_refused(
            "17 21\n18\n17,12\n 19 good\n20 12\n\n20 13\n;12\n21;\n",
            &[
                "line 1: `21`: the mark is above its scale",
                "line 2: `18` is not a number and a mark with a blank between them",
                "line 3: `17,12` is not a number and a mark with a blank between them",
                "line 4: `good`: not a number such as 14.5 or 7/10, nor one of ABS, EXC, ATT",
                "line 7: student `20` stands on line 5 already",
                "line 8: `` can't be a student's number",
                "line 9: the cell is empty; write ATT for a mark that is awaited",
            ],
        );
        check_refused(
            &format!("{} 12", "9".repeat(65)),
            &[&format!("line 1: `{}…` can't be a student's number", "9".repeat(40))],
        );
        check_refused(" \n\n", &[]);
        let failure = MarkList::parse("f", b"17 12\n\xff 13\n").unwrap_err();
        assert!(failure.message.starts_with("f, line 2: not UTF-8"), "{failure:?}");
    }
}
