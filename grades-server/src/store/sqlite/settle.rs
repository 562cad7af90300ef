//! What stands in the files when a store is opened was perhaps never synced: a server that was killed, or whose disk failed,
//! may have left changes that can be read and that a power failure would take away. They are made to last before anything is
//! answered from them: a request that comes again would be told that its change was made.

use std::path::Path;

use rusqlite::Connection;

use crate::store::OpenError;

/// Makes everything that can be read last.
///
/// Why a checkpoint, and no sync of the log: after a sync that failed, the system takes pages for written that are not, and a
/// second sync writes nothing. Copied into the file they are written anew. Why a commit behind it: it is the first to be synced
/// in the log that begins anew, so that the old log can't come back.
///
/// # Errors
/// The files can't be written or synced; [`OpenError::BeingRead`] if a reader needs the log as it is.
pub(super) fn settle(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Err(OpenError::BeingRead(file.to_owned()));
    }
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(connection.pragma_update(None, "user_version", version)?)
}

#[cfg(test)]
mod tests {
    use super::{super::open, *};

    #[test]
    fn a_store_that_another_program_reads_is_not_settled_before_it_ends() {
        let data = tempfile::tempdir().unwrap();
        open::create(data.path()).unwrap();
        let file = open::existing(data.path()).unwrap();
        let writer = open::for_writing(&file).unwrap();
        writer.execute_batch("CREATE TABLE t (a)").unwrap();
        let reader = open::for_reading(&file).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
        writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        let error = settle(&writer, &file).unwrap_err();
        assert!(matches!(error, OpenError::BeingRead(_)), "{error}");
        reader.execute_batch("COMMIT").unwrap();
        settle(&writer, &file).unwrap();
    }
}
