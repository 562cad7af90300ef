//! Who is who: passwords, attempts, sessions. One choke point each: every password is hashed behind the gate, every attempt is
//! charged before it is hashed, every session is looked up in the store at every call.
//!
//! ```text
//! login ──► one attempt a name at a time ──► a slot of the hash gate ──► charge ──► hash ──► refund and begin a session
//! call  ──► SHA-256 of the credential ──► the session's row ──► expired? epoch? disabled? ──► role
//! ```

pub(crate) mod attempts;

mod gate;

pub(crate) mod password;
pub use password::PasswordCost;

pub(crate) mod turns;

pub(crate) mod rules;

pub(crate) mod sessions;
