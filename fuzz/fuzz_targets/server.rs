//! The target `server` of `tests::fuzz`.
#![no_main]

fuzz::target!("server");
