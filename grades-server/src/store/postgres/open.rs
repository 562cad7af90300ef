//! Connections: what is set on each, and what the operator is told of the database.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use super::{error::Fault, target::Target, tx::Connection};
use crate::store::OpenError;

/// Set on every connection. A server that stops in the middle of a transaction must not keep its locks from the others for
/// longer than a caller waits before it asks another one: between two statements of a job lie microseconds. And an
/// acknowledged change is on the disk: `off` is not taken from the database's configuration. The bitmap and sequential
/// scans are left out because their predicate locks cover whole tables, and every change would conflict with every other.
const SETTINGS: &str = "SET idle_in_transaction_session_timeout = '2s';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET enable_seqscan = off; SET enable_bitmapscan = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Migrations and the questions at a start: the longest is to wait for another server's migration.
const ADMINISTRATION_MAX: Duration = Duration::from_secs(120);

/// Connects, and sets what every connection has.
pub(super) fn connect(target: &Target) -> Result<Connection, Fault> {
    let warned = Arc::new(AtomicBool::new(false));
    let mut client = target.connect(&warned)?;
    client.batch_execute(SETTINGS)?;
    let now = Instant::now();
    client.answers_by(now.checked_add(ADMINISTRATION_MAX).unwrap_or(now));
    Ok(Connection::new(client, warned))
}

/// Tells the operator of settings under which the database itself loses what it acknowledged.
pub(super) fn warn_of_settings(connection: &mut Connection) -> Result<(), OpenError> {
    for setting in ["fsync", "full_page_writes"] {
        let value: String = connection
            .client()
            .query_one("SELECT current_setting($1)", &[&setting])?
            .try_get(0)
            .map_err(Fault::Postgres)?;
        if value == "off" {
            tracing::warn!(setting, "is off in the database: a power failure loses acknowledged changes");
        }
    }
    Ok(())
}
