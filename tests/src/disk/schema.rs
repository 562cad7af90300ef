//! Stores of earlier builds, made from the migrations that they ended with; and what a store's tables are.

use std::{fs, path::Path};

use rusqlite::Connection;

/// `application_id` of our files, "GRAD", as the server writes it.
const APPLICATION_ID: u32 = 0x4752_4144;

/// The files that bring a store up, in order.
fn migrations() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grades-server/migrations/sqlite");
    let mut files: Vec<_> = fs::read_dir(directory).expect("a directory").map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).expect("a migration")).collect()
}

/// The version of a store that this build makes.
#[must_use]
pub fn schema_version() -> usize {
    migrations().len()
}

/// Makes a store of an earlier version, with one account in it, as a build of that time would have.
///
/// # Panics
/// It can't be made.
pub fn make_store_of_version(file: &Path, version: usize) {
    let connection = Connection::open(file).expect("a file");
    connection.pragma_update(None, "journal_mode", "WAL").expect("a log");
    for step in &migrations()[..version] {
        connection.execute_batch(step).expect("a migration");
    }
    let account = "INSERT INTO account (name, role, password, created_ms) VALUES ('ada', 1, 'none', 1)";
    connection.execute_batch(account).expect("an account");
    connection.pragma_update(None, "application_id", APPLICATION_ID).expect("a number");
    connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).expect("a number");
}

/// The version of a store, and whether its tables are exactly those of that version: of a migration, all or nothing is there.
///
/// # Errors
/// What SQLite says.
pub fn whole_version(file: &Path) -> Result<(usize, bool), String> {
    let connection = Connection::open(file).map_err(|error| error.to_string())?;
    let found = || -> rusqlite::Result<_> {
        Ok((connection.pragma_query_value(None, "user_version", |row| row.get(0))?, tables(&connection)?))
    };
    let (version, found): (u32, _) = found().map_err(|error| error.to_string())?;
    let version = usize::try_from(version).unwrap();
    let model = Connection::open_in_memory().map_err(|error| error.to_string())?;
    migrations()
        .iter()
        .take(version)
        .try_for_each(|step| model.execute_batch(step))
        .map_err(|error| error.to_string())?;
    let expected = tables(&model).map_err(|error| error.to_string())?;
    Ok((version, found == expected))
}

/// Tables, indexes and triggers, as the statements that made them.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<Option<String>>> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY name")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_with_half_of_a_migration_is_not_whole() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("f");
        make_store_of_version(&file, 2);
        assert_eq!(whole_version(&file), Ok((2, true)));
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE audit (a)").unwrap();
        assert_eq!(whole_version(&file), Ok((2, false)));
    }
}
