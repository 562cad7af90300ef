//! The rules of `docs/style.md` that a program can check, and that the documents say what the code does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

mod access;
mod documents;
mod files;
mod generated;
mod imports;
mod operations;
mod order;
mod performance;
mod readme;
mod report;
mod services;
mod sources;
mod terminal;
