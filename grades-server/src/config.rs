//! What a server is started with. Every setting has a default and says why it has that value.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rpc_core::Limits;

use crate::{
    auth::PasswordCost,
    clock::{Clock, SystemClock},
    store::StoreAddress,
    tls::TlsFiles,
};

/// The port where none is named: above the privileged ones, and in no list of known services.
pub const DEFAULT_PORT: u16 = 7878;

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The store, made by `init`.
    pub store: StoreAddress,
    /// Where to listen. Loopback: whoever wants more has to say so. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Certificate and key. With them every connection is encrypted; without, none is.
    pub tls: Option<TlsFiles>,
    /// Whether other machines may connect although nothing is encrypted.
    pub allow_plaintext: bool,
    /// How long lines of the audit are kept: for ever unless the operator knows how long they have to be.
    pub audit_kept: Option<Duration>,
    /// The bounds of the framework.
    pub limits: Limits,
    /// What a password hash costs. Only code can set it: tests that sign in many times, never a command line.
    pub password_cost: PasswordCost,
    /// How many changes may share one commit, on SQLite. Only code can set it: 1 is what group commit is measured against.
    pub batch_max: usize,
    /// The time of day here. Where several servers share a store, its time is used instead.
    pub clock: Arc<dyn Clock>,
}

impl Config {
    /// The defaults, on a store.
    pub fn new(store: impl Into<StoreAddress>) -> Self {
        Self {
            store: store.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            tls: None,
            allow_plaintext: false,
            audit_kept: None,
            limits: Limits::new(),
            password_cost: PasswordCost::STANDARD,
            batch_max: usize::MAX,
            clock: Arc::new(SystemClock),
        }
    }
}
