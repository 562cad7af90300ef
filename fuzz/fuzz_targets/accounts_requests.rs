//! The target `accounts_requests` of `tests::fuzz`.
#![no_main]

fuzz::target!("accounts_requests");
