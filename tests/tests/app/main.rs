//! The grades service end to end: real processes, the command line, real data, hostile peers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

mod access;
mod cli_contract;
mod copies;
mod database_connections;
mod durability;
mod gradebook;
mod hostile;
mod import;
mod import_refusals;
mod log;
mod marks_of_a_test;
mod nodes;
mod one_trait;
mod page_by_hand;
mod scope;
mod sessions;
mod sign_in;
mod tls;
