//! The target `password_hashes` of `tests::fuzz`.
#![no_main]

fuzz::target!("password_hashes");
