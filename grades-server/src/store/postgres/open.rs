//! Connections: where they may lead, how long they may stay silent, and what is set on each.

use std::{
    net::IpAddr,
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode, TargetSessionAttrs},
    error::Severity,
};

use super::tx::Connection;
use crate::store::{DatabaseUrl, OpenError};

/// A server that has not answered by then is tried again, or another one is.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// What was sent and not acknowledged for this long goes to a machine that has vanished. As long as a call may take.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(10);

/// Silence before the kernel asks whether the other side is there, and between its questions: with three of them, a machine
/// that vanished while we wait for its answer is found out within 20 s.
const SILENCE: (Duration, Duration, u32) = (Duration::from_secs(5), Duration::from_secs(5), 3);

/// Set on every connection. A server that stops in the middle of a transaction must not keep its locks from the others for
/// longer than a caller waits before it asks another one: between two statements of a job lie microseconds. And an
/// acknowledged change is on the disk: `off` is not taken from the database's configuration. The bitmap and sequential
/// scans are left out because their predicate locks cover whole tables, and every change would conflict with every other.
const SETTINGS: &str = "SET idle_in_transaction_session_timeout = '2s';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET enable_seqscan = off; SET enable_bitmapscan = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The settings of a connection to this database.
pub(super) fn config(url: &DatabaseUrl) -> Result<Config, OpenError> {
    let mut config: Config = url.expose().parse()?;
    refuse_plaintext(&config)?;
    let (idle, interval, retries) = SILENCE;
    config.application_name("grades-server").connect_timeout(CONNECT_MAX).tcp_user_timeout(UNACKNOWLEDGED_MAX);
    config.keepalives(true).keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
    // Of several hosts, the one that takes changes.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    Ok(config)
}

/// This build does not encrypt to the database: beyond this machine, the operator has to say that it may be so.
fn refuse_plaintext(config: &Config) -> Result<(), OpenError> {
    let is_here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    };
    let all_here = config.get_hosts().iter().all(is_here) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    match config.get_ssl_mode() {
        SslMode::Disable => Ok(()),
        SslMode::Prefer if all_here => Ok(()),
        _ => Err(OpenError::PlaintextDatabase),
    }
}

/// Connects, and sets what every connection has.
pub(super) fn connect(config: &Config) -> Result<Connection, postgres::Error> {
    let warned = Arc::new(AtomicBool::new(false));
    let mut config = config.clone();
    let flag = Arc::clone(&warned);
    config.notice_callback(move |notice| {
        if notice.parsed_severity() == Some(Severity::Warning) {
            tracing::warn!(code = notice.code().code(), "the database warns: {}", notice.message());
            flag.store(true, Ordering::Relaxed);
        }
    });
    let mut client: Client = config.connect(NoTls)?;
    client.batch_execute(SETTINGS)?;
    Ok(Connection::new(client, warned))
}

/// Tells the operator of settings under which the database itself loses what it acknowledged.
pub(super) fn warn_of_settings(connection: &mut Connection) -> Result<(), OpenError> {
    for setting in ["fsync", "full_page_writes"] {
        let value: String = connection.client().query_one("SELECT current_setting($1)", &[&setting])?.try_get(0)?;
        if value == "off" {
            tracing::warn!(setting, "is off in the database: a power failure loses acknowledged changes");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreAddress;

    #[test]
    fn another_machine_is_refused_unless_the_operator_says_that_nothing_need_be_encrypted() {
        fn check(url: &str, allowed: bool) {
            let Ok(StoreAddress::Postgres(url)) = url.parse() else { panic!("{url} is no URL") };
            assert_eq!(config(&url).is_ok(), allowed, "{}", url.expose());
        }
        check("postgres://ada@localhost/grades", true);
        check("postgres://ada@127.0.0.1:5433/grades", true);
        check("postgres://ada@%2Frun%2Fpostgresql/grades", true);
        check("postgres://ada@db.example/grades", false);
        check("postgres://ada@localhost,db.example/grades", false);
        check("postgres://ada@10.0.0.1/grades", false);
        check("postgres://ada@10.0.0.1/grades?sslmode=disable", true);
        check("postgres://ada@localhost/grades?sslmode=require", false);
        check("postgres://ada@localhost:x/grades", false);
    }
}
