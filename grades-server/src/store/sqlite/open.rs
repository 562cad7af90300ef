//! Files and connections: who may read them, and how each connection is set up.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::store::OpenError;

/// The name of the file within the data directory.
const FILE: &str = "grades.sqlite";

/// Locked by whoever serves the store. Not the store's own file: closing it would take SQLite's locks away.
const LOCK: &str = "lock";

/// Before 3.51.3 a checkpoint in WAL mode could lose pages that were committed meanwhile.
const LIBRARY_VERSION_MIN: i32 = 3_051_003;

/// More than there are statements in this folder, so that none is prepared twice.
const STATEMENTS_CACHED: usize = 128;

/// Only this process writes, on one thread; another's lock can only be that of a backup or a person with a shell.
const BUSY_WAIT: Duration = Duration::from_secs(2);

pub(super) fn refuse_old_library() -> Result<(), OpenError> {
    if rusqlite::version_number() < LIBRARY_VERSION_MIN {
        return Err(OpenError::OldLibrary(rusqlite::version()));
    }
    Ok(())
}

/// The store's file, which must be there.
pub(super) fn existing(data: &Path) -> Result<PathBuf, OpenError> {
    let file = data.join(FILE);
    match fs::metadata(&file) {
        Ok(found) if found.is_file() => Ok(file),
        Ok(_) => Err(OpenError::Foreign(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OpenError::NotInitialised(data.to_owned())),
        Err(source) => Err(OpenError::Io { path: file, source }),
    }
}

/// The name of the store's file, which must not be there, nor anything that another store left beside it.
pub(super) fn absent(data: &Path) -> Result<PathBuf, OpenError> {
    match existing(data) {
        Err(OpenError::NotInitialised(_)) => {}
        Ok(file) => return Err(OpenError::Exists(file)),
        Err(error) => return Err(error),
    }
    let file = data.join(FILE);
    refuse_leftovers(&file)?;
    Ok(file)
}

/// Refuses a name beside which a store has left its log, as it does when it is killed and only its file is moved away: the
/// log's changes would be made in the file that gets the name.
pub(super) fn refuse_leftovers(file: &Path) -> Result<(), OpenError> {
    for left in beside(file) {
        match left.try_exists() {
            Ok(false) => {}
            Ok(true) => return Err(OpenError::LeftBehind(left)),
            Err(source) => return Err(OpenError::Io { path: left, source }),
        }
    }
    Ok(())
}

/// What SQLite keeps beside a store while it works, and takes for a part of whatever has the store's name.
pub(super) fn beside(file: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|suffix| suffixed(file, suffix))
}

/// The path with a longer name.
pub(super) fn suffixed(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the empty file (mode 0600) where it is missing, in a directory that is this process's for as long as the answer is
/// held. SQLite gives its WAL the file's mode.
pub(super) fn create(data: &Path) -> Result<File, OpenError> {
    let file = data.join(FILE);
    if !file.exists() {
        refuse_leftovers(&file)?;
    }
    let lock = claim(data)?;
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&file).map_err(in_use(&file))?;
    sync_names(data)?;
    Ok(lock)
}

/// Makes the directory (mode 0700) where it is missing, and makes sure that it is nobody else's for as long as the answer is
/// held.
pub(super) fn claim(data: &Path) -> Result<File, OpenError> {
    if !data.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(in_use(data))?;
    }
    if let Some(holder) = holder(data) {
        sync_names(holder)?;
    }
    lock(data)
}

/// A file whose name is not on the disk is lost with the power, whatever was written to it.
pub(super) fn sync_names(directory: &Path) -> Result<(), OpenError> {
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(in_use(directory))
}

pub(super) fn in_use(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
}

/// The directory that a directory's name stands in; none for the root.
pub(super) fn holder(data: &Path) -> Option<&Path> {
    // `school` stands in the working directory, which Rust writes as an empty path and no system opens.
    data.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// Makes sure that no other process serves the store, for as long as the answer is held. The operating system takes the
/// lock back from a process that dies.
pub(super) fn lock(data: &Path) -> Result<File, OpenError> {
    let path = data.join(LOCK);
    let options = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = options.map_err(in_use(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// The connection of the writer.
pub(super) fn for_writing(file: &Path) -> Result<Connection, OpenError> {
    let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The answer is the mode that was reached: a file system without shared memory would silently stay at another.
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(OpenError::NoSharedMemory(file.to_owned()));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// A connection that can't write.
pub(super) fn for_reading(file: &Path) -> Result<Connection, OpenError> {
    connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(file: &Path, mode: OpenFlags) -> Result<Connection, OpenError> {
    // Each connection stays with one thread at a time, so SQLite need not lock it.
    let connection = Connection::open_with_flags(file, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // Why: otherwise SQLite plans by the values of a statement, and compiles it again whenever they change: at every call.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    /// How often a statement, compiled once and used three times with other values, had to be compiled again. Where a value is
    /// compared, SQLite may want to see it before it plans.
    fn compiled_again(connection: &Connection) -> i32 {
        let sql = "SELECT count(*) FROM t WHERE name LIKE ?1 AND id = ?2";
        for number in 0..3 {
            let count: i64 = connection
                .prepare_cached(sql)
                .unwrap()
                .query_row((format!("{number}%"), number), |row| row.get(0))
                .unwrap();
            assert_eq!(count, 0);
        }
        connection.prepare_cached(sql).unwrap().get_status(StatementStatus::RePrepare)
    }

    #[test]
    fn a_statement_is_compiled_once_whatever_it_is_asked() {
        let data = tempfile::tempdir().unwrap();
        create(data.path()).unwrap();
        let file = existing(data.path()).unwrap();
        let writer = for_writing(&file).unwrap();
        writer
            .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE) STRICT")
            .unwrap();
        assert_eq!([compiled_again(&writer), compiled_again(&for_reading(&file).unwrap())], [0, 0]);
        // The control: without the setting it would be.
        writer.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, false).unwrap();
        writer.flush_prepared_statement_cache();
        assert_ne!(compiled_again(&writer), 0);
    }

    #[test]
    fn the_name_of_a_directory_stands_in_a_directory_that_can_be_opened() {
        let holder = |data| holder(Path::new(data)).map(|holder| holder.to_str().unwrap());
        assert_eq!(
            [holder("school"), holder("a/b"), holder("/srv"), holder("/")],
            [Some("."), Some("a"), Some("/"), None]
        );
    }
}
