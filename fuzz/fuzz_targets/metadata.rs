//! The target `metadata` of `tests::fuzz`.
#![no_main]

fuzz::target!("metadata");
