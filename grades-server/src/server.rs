//! The whole service in one value: a store, its handlers, a listener. What `grades-server run`, tests and demonstrations start.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use grades_api::{AccountsDispatch, GradesDispatch, model::Role};
use rpc_core::{DrainReport, Running, Server, transport::Deadline};

use crate::{
    access::Gatekeeper,
    accounts::AccountsHandler,
    call_log::CallLog,
    config::Config,
    error::StartError,
    grades::GradesHandler,
    retention::Retention,
    state::State,
    store::{Store, StoreError},
};

/// How long calls that were taken may still run when a server ends: as long as the deadline of a call that names none.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// A running server. Dropping it stops it at once.
pub struct GradesServer {
    running: Running<SocketAddr>,
    /// After the connections: what it waits for is short.
    _retention: Retention,
}

impl GradesServer {
    /// Opens the store and begins to accept connections.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(config: Config) -> Result<Self, StartError> {
        let Config { store, listen, tls, allow_plaintext, audit_kept, limits, password_cost, batch_max, clock } =
            config;
        // `to_canonical`: ::ffff:127.0.0.1 is loopback too, and ::ffff:10.0.0.1 is not.
        if tls.is_none() && !allow_plaintext && !listen.ip().to_canonical().is_loopback() {
            return Err(StartError::Plaintext(listen));
        }
        let tls = tls.map(|files| files.load()).transpose()?;
        let store = Store::open(&store)?;
        store.limit_batches(batch_max);
        require_administrator(&store)?;
        let clock = store.clock(clock);
        let state = Arc::new(State::new(store, clock, password_cost).map_err(|_| StartError::PasswordCost)?);
        let gatekeeper = Gatekeeper::new(Arc::clone(&state.sessions));
        let accounts = AccountsDispatch::new(AccountsHandler::new(Arc::clone(&state)), gatekeeper.clone());
        let grades = GradesDispatch::new(GradesHandler::new(Arc::clone(&state)), gatekeeper);
        let server = Server::builder().service(accounts).service(grades).limits(limits).observer(CallLog);
        let running = match tls {
            Some(tls) => server.bind_tls(listen, tls),
            None => server.bind(listen),
        };
        let running = running.map_err(|error| StartError::listening(listen, error))?;
        let retention = Retention::start(state, audit_kept).map_err(StartError::Thread)?;
        Ok(Self { running, _retention: retention })
    }

    /// The address it listens on, with the port that it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// Stops in order: no new calls, and the running ones are finished or, after 10 seconds, cut.
    pub fn drain(self) -> DrainReport {
        let report = self.running.drain(Deadline::after(DRAIN_MAX));
        for cut in &report.cut {
            tracing::warn!(connection = cut.connection.0, peer = %cut.peer, calls = cut.calls, "cut while draining");
        }
        report
    }
}

/// A store whose `init` did not come to its end lets nobody in, ever.
fn require_administrator(store: &Store) -> Result<(), StartError> {
    let accounts = store.read(|view| view.accounts()).map_err(|_: StoreError| StartError::Store)?;
    if accounts.iter().any(|account| account.role == Role::Administrator) {
        Ok(())
    } else {
        Err(StartError::NoAdministrator)
    }
}

impl fmt::Debug for GradesServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GradesServer").field("address", &self.address()).finish_non_exhaustive()
    }
}
