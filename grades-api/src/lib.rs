//! The contract of the grades service, which both sides compile: its values, its errors, and its two traits.
#![forbid(unsafe_code)]

pub mod model;

mod access;
pub use access::Access;

mod error;
pub use error::{AccountsError, GradesError, RowError};

mod accounts;
pub use accounts::Accounts;

mod grades;
pub use grades::Grades;
