//! The target `tlv_skip` of `tests::fuzz`.
#![no_main]

fuzz::target!("tlv_skip");
