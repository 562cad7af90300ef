//! The target `replies` of `tests::fuzz`.
#![no_main]

fuzz::target!("replies");
