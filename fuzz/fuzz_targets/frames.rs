//! The target `frames` of `tests::fuzz`.
#![no_main]

fuzz::target!("frames");
