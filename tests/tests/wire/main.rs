//! Properties of the bytes: golden vectors both ways, versions against each other, truncation, limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

mod codec;
mod messages;
mod values;

mod compatibility;
mod dump;
mod limits;
mod round_trip;
mod truncation;
mod vectors;

mod grades;
mod protocol_page;
mod samples;
