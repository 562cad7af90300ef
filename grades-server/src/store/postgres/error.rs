//! What PostgreSQL reports, told apart by what it means for a change that was not committed yet. The text stays in the log.

use std::{error::Error as _, io};

use tokio_postgres::error::SqlState;

use crate::store::{OpenError, StoreError};

/// PostgreSQL's own error, kept for the log.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct PostgresError(Fault);

/// Why the database gave no answer, or not the one that was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// What the driver reports.
    #[error(transparent)]
    Postgres(tokio_postgres::Error),
    /// Nothing came in time, although the machine is perhaps there.
    #[error("the database did not answer in time")]
    Silent,
    /// The operating system has no descriptor left.
    #[error("no connection could be prepared")]
    Runtime(#[source] io::Error),
}

impl Fault {
    /// PostgreSQL's own word for it.
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(error) => error.code(),
            Self::Silent | Self::Runtime(_) => None,
        }
    }

    /// Whether the connection is of no more use.
    fn is_lost(&self) -> bool {
        match self {
            Self::Postgres(error) => error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()),
            Self::Silent | Self::Runtime(_) => true,
        }
    }
}

/// Why a transaction ended before its COMMIT. Nothing was changed in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It lost to another transaction: the same job may be run again.
    Conflict,
    /// The connection is gone, or not one to write on: another one may do.
    Lost,
    /// A lock was not had in time.
    Locked,
    /// The request key is another transaction's, which goes on.
    KeyInProgress,
    /// A statement ran past the deadline.
    Late,
    /// The database has no room, no memory or a failing disk.
    Unavailable,
    /// Our fault, or a row that this build does not write.
    Failed,
}

impl Failure {
    /// Logs the cause and keeps what it means. Statements are prepared: no value of a request is in the text.
    pub(super) fn of(error: &Fault) -> Self {
        let failure = Self::judge(error);
        match failure {
            Self::Conflict => tracing::debug!(%error, "a change lost to another and is run again"),
            Self::Lost => tracing::warn!(cause = %Chain(error), "a connection to the database was lost"),
            Self::Locked | Self::KeyInProgress | Self::Late => tracing::warn!(%error, "a change waited too long"),
            Self::Unavailable | Self::Failed => tracing::error!(cause = %Chain(error), "a statement failed"),
        }
        failure
    }

    fn judge(error: &Fault) -> Self {
        let Some(code) = error.code() else {
            return if error.is_lost() { Self::Lost } else { Self::Failed };
        };
        match *code {
            // Whoever looks before it inserts (all jobs do) and meets a row none the less has lost a race.
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED | SqlState::UNIQUE_VIOLATION => {
                Self::Conflict
            }
            SqlState::LOCK_NOT_AVAILABLE => Self::Locked,
            SqlState::QUERY_CANCELED => Self::Late,
            // A primary that became a standby, a statement of before a migration, and a transaction that was left idle.
            SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::FEATURE_NOT_SUPPORTED
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Self::Lost,
            // Connection exceptions, and an operator's intervention: shutdown, crash, start.
            ref code if code.code().starts_with("08") || code.code().starts_with("57P") => Self::Lost,
            // Insufficient resources, and system errors.
            ref code if code.code().starts_with("53") || code.code().starts_with("58") => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Conflict | Failure::Locked => Self::Overloaded,
            Failure::KeyInProgress => Self::KeyInProgress,
            Failure::Late => Self::DeadlineBeforeStart,
            Failure::Lost | Failure::Unavailable => Self::Unavailable,
            Failure::Failed => Self::Failed,
        }
    }
}

impl From<Fault> for OpenError {
    fn from(error: Fault) -> Self {
        Self::Postgres(PostgresError(error))
    }
}

/// An error with its causes: PostgreSQL's own say only "db error".
pub(super) struct Chain<'e>(pub(super) &'e Fault);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}
