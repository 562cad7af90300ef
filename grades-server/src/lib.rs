//! The grades service: accounts, sessions, marks and exact means on an embedded store.
#![forbid(unsafe_code)]

pub mod means;

mod clock;
pub use clock::{Clock, ManualClock, SystemClock, UnixMs};

mod store;
pub use store::OpenError;

mod auth;
pub use auth::PasswordCost;

mod error;

mod caller;

mod access;

mod scope;

mod service;

mod accounts;
