//! The lines of a CSV file with their numbers: byte order mark, comma or semicolon, quotes, either line end. Knows
//! nothing of marks; the only place of the import that names the CSV crate.

/// A line that has cells. A quoted cell may span several lines of the file; the first counts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1, as editors count.
    pub(super) number: u64,
    /// The cells without the spaces around them.
    pub(super) cells: Vec<String>,
}

/// The lines that are not blank.
///
/// # Errors
/// The number of the first line that is no UTF-8.
pub(super) fn read_lines(bytes: &[u8]) -> Result<Vec<Line>, u64> {
    let text = read_text(bytes)?;
    let (commas, semicolons) = (first_line_cells(text, b','), first_line_cells(text, b';'));
    // On a tie the semicolon: where it is wrong, rows have the wrong number of cells and are refused; a wrong comma would
    // cut `14,5` into a student and a mark.
    Ok(split(text, if semicolons > 1 && semicolons >= commas { b';' } else { b',' }))
}

/// The text without its byte order mark.
///
/// # Errors
/// The number of the first line that is no UTF-8.
pub(super) fn read_text(bytes: &[u8]) -> Result<&str, u64> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        line_feeds(valid).saturating_add(1)
    })
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn first_line_cells(text: &str, delimiter: u8) -> usize {
    records(text, delimiter).next().map_or(0, |record| record.len())
}

fn split(text: &str, delimiter: u8) -> Vec<Line> {
    let line = |record: csv::StringRecord| Line {
        number: record.position().map_or(0, |position| first_line(text, position)),
        cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
    };
    records(text, delimiter).map(line).collect()
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = csv::StringRecord> {
    let reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    // With flexible rows and text that is UTF-8, reading from memory can't fail.
    reader.into_records().map_while(Result::ok)
}

/// The line on which a record's first cell stands. The position of the CSV crate is where the record before ended, so
/// blank lines between the two are still to be counted.
fn first_line(text: &str, position: &csv::Position) -> u64 {
    let rest = usize::try_from(position.byte()).ok().and_then(|start| text.get(start..)).unwrap_or_default();
    let blank = rest.len().saturating_sub(rest.trim_start_matches(['\r', '\n']).len());
    let blank = rest.as_bytes().get(..blank).unwrap_or_default();
    position.line().saturating_add(line_feeds(blank))
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[(u64, &[&str])]) {
        let lines = read_lines(bytes).unwrap();
        let lines: Vec<(u64, Vec<&str>)> =
            lines.iter().map(|line| (line.number, line.cells.iter().map(String::as_str).collect())).collect();
        let expected: Vec<(u64, Vec<&str>)> =
            expected.iter().map(|(number, cells)| (*number, cells.to_vec())).collect();
        assert_eq!(lines, expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn either_delimiter_and_either_line_end_are_read() {
        check(b"s,a\n1,2\n", &[(1, &["s", "a"]), (2, &["1", "2"])]);
        check(b"s;a\r\n1;2,5\r\n", &[(1, &["s", "a"]), (2, &["1", "2,5"])]);
        check(b"\xef\xbb\xbfs;a\r\n1;2", &[(1, &["s", "a"]), (2, &["1", "2"])]);
        check(b"s, a\n 1 ,\"2,5\"\n", &[(1, &["s", "a"]), (2, &["1", "2,5"])]);
        check(b"s;a, b\n1;14,5\n", &[(1, &["s", "a, b"]), (2, &["1", "14,5"])]);
        check(b"", &[]);
        check(b"\xef\xbb\xbf", &[]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        check(b"s,a\n\n\n1,2\n", &[(1, &["s", "a"]), (4, &["1", "2"])]);
        check(b"s,a\r\n\r\n1,2\r\n3,4\r\n", &[(1, &["s", "a"]), (3, &["1", "2"]), (4, &["3", "4"])]);
        check(b"\n\ns,a\n1,2\n", &[(3, &["s", "a"]), (4, &["1", "2"])]);
        check(b"s,a\n\"x\ny\",2\n3,4\n", &[(1, &["s", "a"]), (2, &["x\ny", "2"]), (4, &["3", "4"])]);
    }

    #[test]
    fn rows_keep_the_number_of_cells_they_have() {
        check(b"s,a\n1\n1,2,3\n,\n", &[(1, &["s", "a"]), (2, &["1"]), (3, &["1", "2", "3"]), (4, &["", ""])]);
    }

    #[test]
    fn the_first_line_that_is_no_text_is_named() {
        assert_eq!(read_lines(b"s,a\nx,1\nRen\xe9,2\n"), Err(3));
    }
}
