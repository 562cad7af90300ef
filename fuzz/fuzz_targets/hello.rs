//! The target `hello` of `tests::fuzz`.
#![no_main]

fuzz::target!("hello");
