//! Request keys (Wire §9): name a call over all its attempts, so that a server can execute it once.

use std::{
    fmt, io,
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{Outcome, TransportError, TransportErrorKind};

/// Names one call, however often and over however many connections it is sent.
///
/// A channel draws one for each call of a keyed method by itself. A caller that must be able to repeat a call after its
/// own restart draws it beforehand, with [`super::Channel::request_key`], keeps it, and passes it with
/// [`super::CallOptions::key`].
///
/// ```text
///   0                 6    7    8    9                        16
///   | ms since 1970   | 7+random| 10+random                   |    big-endian, as RFC 9562 §5.7 has it
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestKey([u8; 16]);

impl RequestKey {
    /// A key that was kept from an earlier run.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key as it crosses the wire, to be kept.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The time at which it was drawn, in milliseconds since the Unix epoch.
    #[must_use]
    pub const fn time_ms(self) -> u64 {
        let [a, b, c, d, e, f, ..] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// Draws a key at this time.
    pub(super) fn draw(time_ms: u64) -> Result<Self, TransportError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| TransportError {
            kind: TransportErrorKind::Io(io::ErrorKind::Unsupported),
            outcome: Outcome::NotSent,
        })?;
        Ok(Self::compose(time_ms, bytes))
    }

    const fn compose(time_ms: u64, random: [u8; 16]) -> Self {
        let [_, _, t0, t1, t2, t3, t4, t5] = time_ms.to_be_bytes();
        let [_, _, _, _, _, _, a, b, c, d, e, f, g, h, i, j] = random;
        Self([t0, t1, t2, t3, t4, t5, (a & 0x0f) | 0x70, b, (c & 0x3f) | 0x80, d, e, f, g, h, i, j])
    }
}

impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestKey({self})")
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// What the server's clock shows, as far as its last hello told: ours may be wrong by days, and a key must not be stale.
#[derive(Debug, Default)]
pub(super) struct ServerClock {
    /// Milliseconds by which the server is ahead of us.
    ahead_ms: AtomicI64,
}

impl ServerClock {
    /// The server has just said what time it is.
    pub(super) fn set(&self, server_time_ms: u64) {
        let ahead = i128::from(server_time_ms).saturating_sub(i128::from(local_ms()));
        let ahead = i64::try_from(ahead).unwrap_or(if ahead < 0 { i64::MIN } else { i64::MAX });
        self.ahead_ms.store(ahead, Ordering::Relaxed);
    }

    /// The server's time now.
    pub(super) fn now_ms(&self) -> u64 {
        local_ms().saturating_add_signed(self.ahead_ms.load(Ordering::Relaxed))
    }
}

fn local_ms() -> u64 {
    // A clock before 1970 is wrong; the server will say so, and tell the time.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_layout_of_a_uuid_v7() {
        let key = RequestKey::compose(0x0192_0000_0001, [0xff; 16]);
        assert_eq!(key.to_string(), "01920000-0001-7fff-bfff-ffffffffffff");
        assert_eq!(key.time_ms(), 0x0192_0000_0001);
        assert_eq!(RequestKey::from_bytes(key.to_bytes()), key);
        assert_eq!(RequestKey::compose(0, [0; 16]).to_string(), "00000000-0000-7000-8000-000000000000");
    }

    #[test]
    fn no_two_keys_are_the_same() {
        assert_ne!(RequestKey::draw(1).unwrap(), RequestKey::draw(1).unwrap());
    }

    #[test]
    fn the_servers_clock_counts_however_wrong_ours_is() {
        let clock = ServerClock::default();
        for server_ms in [0, 5_000_000_000_000] {
            clock.set(server_ms);
            assert!((server_ms..server_ms + 5_000).contains(&clock.now_ms()), "{}", clock.now_ms());
        }
        clock.set(u64::MAX);
        assert!(clock.now_ms() > 5_000_000_000_000);
    }
}
