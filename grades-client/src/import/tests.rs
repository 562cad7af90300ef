//! What an import takes and what it refuses, cell by cell.

use super::*;
use crate::failure::Exit;

fn parse(text: &str) -> Result<SheetFile, Failure> {
    SheetFile::parse("f.csv", text.as_bytes(), &[])
}

fn coefficient(text: &str) -> ColumnCoefficient {
    text.parse().unwrap()
}

#[test]
fn a_sheet_keeps_its_columns_rows_and_coefficients() {
    let named = [coefficient("G3=2"), coefficient("G1=0.5")];
    let file = SheetFile::parse("f.csv", b"student,G1,G2,G3\nA,5,ABS,7/10\nB,6,ATT,6\n", &named).unwrap();
    let columns: Vec<_> = file.sheet.columns.iter().map(|c| (c.label.as_str(), c.coefficient.hundredths())).collect();
    assert_eq!(columns, [("G1", 50), ("G2", 100), ("G3", 200)]);
    let rows: Vec<_> = file.sheet.rows.iter().map(|row| (row.student.as_str(), row.marks.clone())).collect();
    let marks = |texts: [&str; 3]| texts.map(|text| text.parse().unwrap()).to_vec();
    assert_eq!(rows, [("A", marks(["5", "ABS", "7/10"])), ("B", marks(["6", "ATT", "6"]))]);
}

#[test]
fn a_decimal_comma_is_fine_between_semicolons() {
    let file = parse("élève;DS 1\r\n17;14,5\r\n").unwrap();
    assert_eq!(file.sheet.rows[0].marks, ["14.5".parse().unwrap()]);
}

#[test]
fn each_wrong_cell_is_named_by_line_column_and_text() {
    #[track_caller]
    fn check(text: &str, places: &[&str]) {
        let failure = parse(text).unwrap_err();
        assert_eq!(failure.exit, Exit::InvalidData);
        assert_eq!(failure.details.len(), places.len(), "{failure:?}");
        for (detail, place) in failure.details.iter().zip(places) {
            assert!(detail.starts_with(place), "{detail} does not start with {place}");
        }
    }
    check("s,G1\nA,21\n", &["line 2, column `G1`: `21`: "]);
    check("s,G1\n\nA,12\n\nB,good\n", &["line 5, column `G1`: `good`: "]);
    check("s,G1\nA,\n", &["line 2, column `G1`: the cell is empty; write ATT"]);
    check("s,G1\n,12\n", &["line 2: the first cell"]);
    check("s,G1\nA,12,13\n", &["line 2: 3 cells where the header has 2"]);
    check("s,G1\nA\n", &["line 2: 1 cells where the header has 2"]);
    check("s,G1\nA,12\nB,12\n A ,13\n", &["line 4: student `A` stands on line 2 already"]);
    check(
        "s,G1,G2\nA,-1,30\nB,3,x\n",
        &["line 2, column `G1`: `-1`: ", "line 2, column `G2`: `30`: ", "line 3, column `G2`: `x`: "],
    );
}

#[test]
fn many_wrong_cells_are_counted_after_the_first() {
    #[track_caller]
    fn check(wrong: usize, shown: usize, last: Option<&str>) {
        let body: String = (0..wrong).map(|row| format!("S{row},x\n")).collect();
        let failure = parse(&format!("s,G1\n{body}")).unwrap_err();
        assert_eq!(failure.details.len(), shown);
        assert!(failure.message.contains(&format!("{wrong} faults")), "{failure:?}");
        assert_eq!(failure.details.last().map(String::as_str).filter(|line| line.starts_with("and")), last);
    }
    check(20, 20, None);
    check(21, 21, Some("and 1 more"));
    check(500, 21, Some("and 480 more"));
}

#[test]
fn a_header_that_names_no_marks_is_refused() {
    #[track_caller]
    fn check(text: &str, part: &str) {
        let failure = parse(text).unwrap_err();
        assert_eq!(failure.exit, Exit::InvalidData);
        assert!(failure.message.contains(part), "{failure:?}");
    }
    check("", "is empty");
    check("\n\n", "is empty");
    check("student,G1\n", "no student");
    check("student\nA\n", "no column of marks");
    check("student,G1,\nA,1,2\n", "column 3 has no header");
    check("student,G1,G1\nA,1,2\n", "column 3 has the header `G1`");
    check("student,\"G\n1\"\nA,1\n", "the header of column 2, `G…`");
    check(&format!("student,{}\nA,1\n", "G".repeat(201)), "the header of column 2");
}

#[test]
fn a_coefficient_for_no_column_names_those_there_are() {
    let failure = SheetFile::parse("f.csv", b"s,G1,G2\nA,1,2\n", &[coefficient("G9=2")]).unwrap_err();
    assert_eq!(failure.exit, Exit::InvalidData);
    assert!(failure.message.contains("`G9`"), "{failure:?}");
    assert_eq!(failure.hint.as_deref(), Some("its columns are G1, G2"));
}

#[test]
fn a_coefficient_that_is_none_or_stands_twice_is_refused() {
    #[track_caller]
    fn check(named: &[&str], part: &str) {
        let named: Vec<_> = named.iter().map(|text| coefficient(text)).collect();
        let failure = SheetFile::parse("f.csv", b"s,G1\nA,1\n", &named).unwrap_err();
        assert_eq!(failure.exit, Exit::InvalidData);
        assert!(failure.message.contains(part), "{failure:?}");
    }
    check(&["G1=heavy"], "`heavy`");
    check(&["G1=-1"], "`-1`");
    check(&["G1=1", "G1=1"], "`G1` twice");
}

#[test]
fn a_row_that_the_server_refuses_is_named_by_its_line() {
    let file = parse("s,G1\n\nA,1\n\nB,2\n").unwrap();
    let failure = file.bad_row(1, RowError::AmbiguousName);
    assert_eq!(failure.exit, Exit::InvalidData);
    assert!(failure.message.starts_with("f.csv, line 5, student `B`: "), "{failure:?}");
    assert!(file.bad_row(9, RowError::Twice).message.starts_with("f.csv, row 9"));
}

#[test]
fn a_quote_that_is_not_closed_is_quoted_in_part() {
    let failure = parse(&format!("s,G1\nA,\"{}", "x,1\n".repeat(99))).unwrap_err();
    assert!(failure.details[0].starts_with("line 2, column `G1`: `x,1…`: "), "{failure:?}");
    let failure = parse(&format!("s,G1\n\"A{}", ",1\n".repeat(99))).unwrap_err();
    assert!(failure.details[0].starts_with("line 2: `A,1…` names no student"), "{failure:?}");
}
