//! The target `session_text` of `tests::fuzz`.
#![no_main]

fuzz::target!("session_text");
