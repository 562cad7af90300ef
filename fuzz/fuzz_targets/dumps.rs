//! The target `dumps` of `tests::fuzz`.
#![no_main]

fuzz::target!("dumps");
