//! What makes a program for libFuzzer of a target: the target itself, mutation that knows the format beside libFuzzer's own,
//! and the allocator that counts. What the targets do, and what they promise, stands in `tests/src/fuzz`.
#![forbid(unsafe_code)]

use tests::{Random, fuzz};

/// Defines the program of the target with this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        #[global_allocator]
        static COUNTING: ::tests::CountingAllocator = ::tests::CountingAllocator;

        ::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (::tests::fuzz::target($name).run)(bytes));

        ::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, size_max: usize, seed: u32| {
            $crate::mutate($name, data, size, size_max, seed)
        });
    };
}

/// Changes the first `size` bytes of `data`, which has room for `size_max`; how many there are then. Half of the time as
/// libFuzzer does it, which learns from the comparisons that it sees.
pub fn mutate(name: &str, data: &mut [u8], size: usize, size_max: usize, seed: u32) -> usize {
    let mut random = Random::new(seed.into());
    if random.index(2) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, size_max);
    }
    let changed = fuzz::mutate(fuzz::target(name).shape, &data[..size], &mut random, size_max);
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}
