//! From what went wrong inside to what a caller is told: one function, so that no cause slips out with a status.

use std::time::Duration;

use grades_api::{AccountsError, GradesError};
use rpc_core::{Error, Refusal, Status};

use crate::store::StoreError;

/// A full queue of changes is empty again after some commits; a full hash gate after some hashes.
pub(crate) const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Something is full; nothing was done.
pub(crate) fn overloaded() -> Refusal {
    let mut refusal = Refusal::new(Status::OVERLOADED);
    refusal.retry_after = Some(RETRY_AFTER);
    refusal
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => overloaded(),
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
