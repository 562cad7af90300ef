//! The grades service: accounts, sessions, marks and exact means on a store of one server, or of several.
#![forbid(unsafe_code)]

pub mod means;

mod clock;
pub use clock::{Clock, ManualClock, SystemClock, UnixMs};

mod tls;
pub use tls::{TlsFiles, TlsFilesError};

mod store;
pub use store::{DatabaseUrl, OpenError, StoreAddress};

mod auth;
pub use auth::PasswordCost;

mod error;
pub use error::StartError;

mod caller;

mod access;

mod scope;

mod state;

mod accounts;

mod request_key;

mod grades;

mod config;
pub use config::{Config, DEFAULT_PORT};

mod init;
pub use init::{InitError, init};

mod unlock;
pub use unlock::{UnlockError, unlock};

mod contents;
pub use contents::{CheckError, Contents, check};

mod backup;
pub use backup::{BackupError, Copied, back_up, restore};

mod export;
pub use export::{ExportError, export};

#[cfg(feature = "dev-cert")]
mod dev_cert;
#[cfg(feature = "dev-cert")]
pub use dev_cert::{DevCertError, dev_cert};

mod call_log;

mod retention;

mod server;
pub use server::GradesServer;

mod cli;
pub use cli::{Cli, CliError, Serving};

#[cfg(test)]
mod tests;
