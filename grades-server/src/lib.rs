//! The grades service: accounts, sessions, marks and exact means on an embedded store.
#![forbid(unsafe_code)]

pub mod means;
