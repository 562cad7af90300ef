//! Properties of the bytes: golden vectors both ways, versions against each other, truncation, limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by panicking, and its input is its own"
)]

/// Holds decoders to the memory that they may take.
#[global_allocator]
static COUNTING: tests::CountingAllocator = tests::CountingAllocator;

mod codec;
mod messages;
mod values;

mod compatibility;
mod dump;
mod fuzz;
mod limits;
mod round_trip;
mod truncation;
mod vectors;
mod wrappers;

mod grades;
mod protocol_page;
mod samples;
