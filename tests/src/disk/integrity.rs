//! Whether an SQLite file is whole, as SQLite itself says.

use std::path::Path;

use rusqlite::Connection;

/// What is wrong with an SQLite file: its pages, its indexes, or rows that point nowhere.
///
/// # Errors
/// What SQLite says.
pub fn check_integrity(file: &Path) -> Result<(), String> {
    let connection = Connection::open(file).map_err(|error| error.to_string())?;
    for (pragma, good) in [("integrity_check", Some("ok")), ("foreign_key_check", None)] {
        let said = lines(&connection, pragma).map_err(|error| error.to_string())?;
        if said.iter().map(String::as_str).ne(good) {
            return Err(format!("{pragma}: {said:?}"));
        }
    }
    Ok(())
}

fn lines(connection: &Connection, pragma: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
    statement.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_and_a_row_that_points_nowhere_are_found() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("f");
        let connection = Connection::open(&file).unwrap();
        let make = "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id), t)";
        connection.execute_batch(make).unwrap();
        connection.execute("INSERT INTO b VALUES (NULL, zeroblob(20000))", []).unwrap();
        check_integrity(&file).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO b VALUES (7, '')").unwrap();
        assert!(check_integrity(&file).unwrap_err().contains("foreign_key_check"));
        drop(connection);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[8_192..8_292].fill(0xee);
        std::fs::write(&file, bytes).unwrap();
        assert!(check_integrity(&file).is_err());
    }
}
