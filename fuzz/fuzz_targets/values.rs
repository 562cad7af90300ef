//! The target `values` of `tests::fuzz`.
#![no_main]

fuzz::target!("values");
