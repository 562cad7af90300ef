//! The framework as its users meet it: the attribute and its errors, calls, failures, limits, over memory and sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

mod hygiene;
mod layers;
mod service;
mod system_calls;
mod tls;
