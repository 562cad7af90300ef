//! The target `grades_requests` of `tests::fuzz`.
#![no_main]

fuzz::target!("grades_requests");
