//! When memory that a large message has left is given back: not at once, since the next message is mostly as large, and
//! growing again costs a page fault every 4 KiB; but once large ones have not come for a while.

/// How long a buffer has been far too large for what it is used for.
#[derive(Debug)]
pub(crate) struct Slack {
    /// Uses in a row of less than a quarter of the buffer.
    small_uses: u32,
}

impl Slack {
    /// Of a buffer that was not used yet.
    pub(crate) const NONE: Self = Self { small_uses: 0 };
    /// A burst of small calls between large ones is shorter, and a connection makes so many calls in some milliseconds.
    const SMALL_USES_MAX: u32 = 64;

    /// Notes that `used` bytes of a buffer of `bytes` were needed; whether it is to shrink.
    pub(crate) const fn is_too_much(&mut self, bytes: usize, used: usize) -> bool {
        self.small_uses = if used < bytes / 4 { self.small_uses.saturating_add(1) } else { 0 };
        if self.small_uses > Self::SMALL_USES_MAX {
            self.small_uses = 0;
            return true;
        }
        false
    }
}

impl Default for Slack {
    fn default() -> Self {
        Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_too_large_once_it_was_for_a_while_without_a_break() {
        let mut slack = Slack::NONE;
        let mut small_uses = |count| (0..count).filter(|_| slack.is_too_much(100, 24)).count();
        assert_eq!(small_uses(64), 0);
        assert_eq!(small_uses(1), 1);
        assert_eq!(small_uses(64), 0, "it begins anew");
        assert!(!slack.is_too_much(100, 25), "a quarter is no small use");
        assert!((0..64).all(|_| !slack.is_too_much(100, 0)));
        assert!(slack.is_too_much(100, 0));
    }
}
