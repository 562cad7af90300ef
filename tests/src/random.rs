//! Numbers that look random and follow from a seed, so that a run that failed can be repeated.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

/// SplitMix64: small, even, and the same on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers that follow from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// What follows from `SEED` in the environment, or else from the time of day. The seed is printed; a test runner shows
    /// it when the test fails.
    ///
    /// # Panics
    /// `SEED` is no number.
    #[must_use]
    pub fn announced() -> Self {
        let fresh = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap();
        let seed = env::var("SEED").map_or_else(|_| fresh(), |text| text.parse().expect("SEED is a number"));
        eprintln!("SEED={seed}");
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    ///
    /// # Panics
    /// `bound` is 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Whether one of `n` equally likely things happened.
    pub const fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A place in something of this length.
    ///
    /// # Panics
    /// `length` is 0.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap())).unwrap()
    }

    /// One of them.
    ///
    /// # Panics
    /// There is none.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    /// Any byte.
    pub const fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// Between one and `length_max` bytes.
    ///
    /// # Panics
    /// `length_max` is 0.
    pub fn bytes(&mut self, length_max: usize) -> Vec<u8> {
        (0..=self.index(length_max)).map(|_| self.byte()).collect()
    }

    /// Other numbers, which follow from these.
    #[must_use]
    pub const fn fork(&mut self) -> Self {
        Self(self.next())
    }
}
