//! The contract of the grades service, which both sides compile: its values, its errors, and its two traits.
#![forbid(unsafe_code)]

pub mod model;

mod access;
pub use access::Access;

mod error;
pub use error::{AccountsError, GradesError, RowError};

pub mod accounts;
pub use accounts::{Accounts, AccountsClient, AccountsDispatch};

pub mod grades;
pub use grades::{Grades, GradesClient, GradesDispatch};

// A server serves both, and tells their calls apart by the id.
const _: () = rpc_core::Service::assert_distinct(&[AccountsClient::SERVICE, GradesClient::SERVICE]);
