//! The target `client` of `tests::fuzz`.
#![no_main]

fuzz::target!("client");
