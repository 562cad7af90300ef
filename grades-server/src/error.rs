//! What went wrong, for the operator who starts a server and for the caller of one. A caller is told a status by one
//! function, so that no cause slips out with it.

use std::{io, net::SocketAddr, time::Duration};

use grades_api::{AccountsError, GradesError};
use rpc_core::{Error, Refusal, Status};

use crate::{
    store::{OpenError, StoreError},
    tls::TlsFilesError,
};

/// Why a server does not start. Each text says what to do, unless that follows from its source or stands in the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store has no administrator: its `init` did not come to its end.
    #[error("the store has no administrator: run `grades-server init` on it once more")]
    NoAdministrator,
    /// The address is reachable from other machines, and nothing would be encrypted.
    #[error(
        "{0} can be reached from other machines, and passwords and marks would cross the network readable: give a \
         certificate with --tls-cert and --tls-key, listen on 127.0.0.1 behind a tunnel that encrypts, or say \
         --allow-plaintext"
    )]
    Plaintext(SocketAddr),
    /// Certificate or key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsFilesError),
    /// Another program listens there.
    #[error("{0} is in use: stop the program that listens there, or choose another address with --listen")]
    AddressInUse(SocketAddr),
    /// The address can't be listened on.
    #[error("can't listen on {address}: choose an address of this machine, or another port, with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The framework's reason.
        source: rpc_core::StartError,
    },
    /// The operating system gives no thread.
    #[error("the system gives no thread: let the process have more of them (`ulimit -u`, `TasksMax=`)")]
    Thread(#[source] io::Error),
    /// The configured cost of passwords is out of argon2's range.
    #[error("passwords can't be hashed at the configured cost")]
    PasswordCost,
    /// The store failed; the log says how.
    #[error("the store could not be read: see the log")]
    Store,
}

impl StartError {
    pub(crate) fn listening(address: SocketAddr, source: rpc_core::StartError) -> Self {
        match source {
            rpc_core::StartError::Bind(error) if error.kind() == io::ErrorKind::AddrInUse => {
                Self::AddressInUse(address)
            }
            source => Self::Listen { address, source },
        }
    }
}

/// A full queue of changes is empty again after some commits; a full hash gate after some hashes.
pub(crate) const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Something is full; nothing was done.
pub(crate) fn overloaded() -> Refusal {
    later(Status::OVERLOADED)
}

fn later(status: Status) -> Refusal {
    let mut refusal = Refusal::new(status);
    refusal.retry_after = Some(RETRY_AFTER);
    refusal
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => overloaded(),
            StoreError::KeyInProgress => later(Status::KEY_IN_PROGRESS),
            StoreError::DeadlineBeforeStart => Self::new(Status::DEADLINE_BEFORE_START),
            StoreError::Unavailable => Self::new(Status::UNAVAILABLE),
            StoreError::OutcomeUnknown => Self::new(Status::OUTCOME_UNKNOWN),
            StoreError::Failed => Self::new(Status::INTERNAL),
        }
    }
}

impl From<StoreError> for Error<AccountsError> {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<StoreError> for Error<GradesError> {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}
