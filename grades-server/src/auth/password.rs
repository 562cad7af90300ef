//! Passwords ↔ PHC strings: argon2id, the only module that names it. A stored string is judged before it is obeyed: it says
//! how much memory and time its check may take.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use grades_api::model::Password;
use subtle::ConstantTimeEq;

use super::gate::{self, HashGate};

/// What a password hash costs. There is no way to lower it from the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Another password, or a stored string that is none.
    Wrong,
    /// The password.
    Right,
    /// The password, hashed at less than today's cost.
    RightButStale,
}

/// The right to hash one password.
pub(crate) type Slot<'g> = gate::Slot<'g, Block>;

/// Hashes and checks passwords, a bounded number at once.
#[derive(Debug)]
pub(crate) struct Passwords {
    cost: PasswordCost,
    params: Params,
    gate: HashGate<Block>,
}

/// A password can't be hashed at the configured cost: the configuration is wrong, or there is no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password can't be hashed")]
pub(crate) struct HashError;

/// Bytes of a salt and of a hash, as argon2's authors recommend.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Longer passwords are checked as if they were another one: before any hashing, and on the same path.
pub(super) const PASSWORD_BYTES_MAX: usize = 512;

/// The most that a stored string may ask for: 64 MiB, 10 passes, 4 lanes. A row that asks for more was tampered with.
const STORED_MAX: PasswordCost = PasswordCost { memory_kib: 64 * 1024, passes: 10, lanes: 4 };

impl PasswordCost {
    /// argon2id with 19 MiB and two passes: OWASP's first choice for a login that people wait for.
    pub const STANDARD: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// The least that argon2 takes, for tests that sign in many times. Protects nothing.
    pub const FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// What checking a stored string costs; none if it is no argon2id string, or asks for more than a check may take.
    #[must_use]
    pub fn of_stored(text: &str) -> Option<Self> {
        Stored::parse(text).map(|stored| stored.cost)
    }

    /// KiB of memory that a hash takes.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes that the memory is divided into.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    fn params(self) -> Result<Params, HashError> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES)).map_err(|_| HashError)
    }

    const fn within(self, max: Self) -> bool {
        self.memory_kib <= max.memory_kib && self.passes <= max.passes && self.lanes <= max.lanes
    }
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self::STANDARD
    }
}

impl Passwords {
    pub(crate) fn new(cost: PasswordCost) -> Result<Self, HashError> {
        let params = cost.params()?;
        let gate = HashGate::new(params.block_count());
        Ok(Self { cost, params, gate })
    }

    /// The gate, so that a caller can enter before it charges an attempt.
    pub(crate) const fn gate(&self) -> &HashGate<Block> {
        &self.gate
    }

    /// A new PHC string for a password that the rules let pass.
    pub(crate) fn hash(&self, slot: &mut Slot<'_>, password: &Password) -> Result<String, HashError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| HashError)?;
        let hash = compute(slot, &self.params, password, &salt).ok_or(HashError)?;
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params).map_err(|_| HashError)?,
            salt: Some(Salt::new(&salt).map_err(|_| HashError)?),
            hash: Some(Output::new(&hash).map_err(|_| HashError)?),
        };
        Ok(phc.to_string())
    }

    /// Checks a password against a stored string; against `None`, takes the time of a check and finds it wrong.
    pub(crate) fn check(&self, slot: &mut Slot<'_>, password: &Password, stored: Option<&str>) -> Verdict {
        let parsed = stored.and_then(Stored::parse);
        if stored.is_some() && parsed.is_none() {
            tracing::error!("a stored password is no argon2id string within bounds; its account can't sign in");
        }
        let (params, salt, expected) = match &parsed {
            Some(stored) => (&stored.params, stored.salt.as_ref(), stored.hash.as_bytes()),
            None => (&self.params, [0; SALT_BYTES].as_slice(), [0; HASH_BYTES].as_slice()),
        };
        let Some(hash) = compute(slot, params, password, salt) else { return Verdict::Wrong };
        let equal = bool::from(hash.as_slice().ct_eq(expected));
        match parsed {
            Some(stored) if equal && stored.cost.within(self.cost) && stored.cost != self.cost => {
                Verdict::RightButStale
            }
            Some(_) if equal => Verdict::Right,
            _ => Verdict::Wrong,
        }
    }
}

/// A password that is too long is hashed as none: no rule lets it in, so it can't be anyone's.
fn compute(slot: &mut Slot<'_>, params: &Params, password: &Password, salt: &[u8]) -> Option<[u8; HASH_BYTES]> {
    let bytes = password.expose().as_bytes();
    let is_too_long = bytes.len() > PASSWORD_BYTES_MAX;
    let hashed = if is_too_long { &[][..] } else { bytes };
    let mut hash = [0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let memory = slot.memory(params.block_count());
    argon2.hash_password_into_with_memory(hashed, salt, &mut hash, memory).ok()?;
    (!is_too_long).then_some(hash)
}

/// A stored string that may be obeyed.
struct Stored {
    cost: PasswordCost,
    params: Params,
    salt: Salt,
    hash: Output,
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let phc = PasswordHash::new(text).ok()?;
        if phc.algorithm != Algorithm::Argon2id.ident() || phc.version != Some(Version::V0x13.into()) {
            return None;
        }
        let params = Params::try_from(&phc).ok()?;
        let cost = PasswordCost { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let hash = phc.hash?;
        (cost.within(STORED_MAX) && hash.len() == HASH_BYTES).then_some(Self { cost, params, salt: phc.salt?, hash })
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_string_may_ask_for_its_bounds_and_for_nothing_beyond_one_of_them() {
        let of_stored = |memory_kib: u32, passes: u32, lanes: u32| {
            let (salt, hash) = ("A".repeat(22), "A".repeat(43));
            PasswordCost::of_stored(&format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}"))
        };
        assert_eq!(of_stored(65_535, 9, 3), Some(PasswordCost { memory_kib: 65_535, passes: 9, lanes: 3 }));
        assert_eq!(of_stored(65_536, 10, 4), Some(STORED_MAX));
        assert_eq!([of_stored(65_537, 10, 4), of_stored(65_536, 11, 4), of_stored(65_536, 10, 5)], [None; 3]);
    }
}
