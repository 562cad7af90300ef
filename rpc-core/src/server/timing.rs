//! How long a connection may be silent or slow. Pure: the present comes in, the moment to give up comes out.

use std::time::{Duration, Instant};

use super::observer::CloseReason;
use crate::Limits;

/// The clocks of one connection.
#[derive(Debug)]
pub(crate) struct Timing {
    opened: Instant,
    greeted: bool,
    /// Whether a credential was accepted, or none is ever asked for.
    pub(crate) signed_in: bool,
    /// The frame whose rest is being waited for.
    frame: Option<FrameClock>,
}

#[derive(Debug)]
struct FrameClock {
    began: Instant,
    bytes: usize,
}

/// When to give up, and what it is called then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Instant,
    pub(crate) reason: CloseReason,
}

impl Timing {
    pub(crate) const fn new(opened: Instant) -> Self {
        Self { opened, greeted: false, signed_in: false, frame: None }
    }

    /// The hello is complete.
    pub(crate) const fn greeted(&mut self, signs_in: bool) {
        self.greeted = true;
        self.signed_in = !signs_in;
        self.frame = None;
    }

    /// A frame has been taken or skipped to its end.
    pub(crate) const fn frame_ended(&mut self) {
        self.frame = None;
    }

    /// The rest of a frame is waited for, of which `bytes` are there. Why the clock begins here and not when they came:
    /// the time in between was ours, spent on the calls before.
    pub(crate) fn frame_waits(&mut self, now: Instant, bytes: usize) {
        self.frame.get_or_insert(FrameClock { began: now, bytes });
    }

    /// Bytes have come.
    pub(crate) const fn received(&mut self, bytes: usize) {
        if let Some(frame) = &mut self.frame {
            frame.bytes = frame.bytes.saturating_add(bytes);
        }
    }

    /// When a wait for bytes is given up, where nothing has come and nothing was asked for since `quiet_since`.
    pub(crate) fn due(&self, quiet_since: Instant, limits: &Limits) -> Due {
        let due = match self.frame_due(limits) {
            _ if !self.greeted => {
                Due { at: later(self.opened, limits.hello_wait()), reason: CloseReason::HelloDeadline }
            }
            Some(due) => due,
            None => {
                let wait = if self.signed_in { limits.idle_wait() } else { limits.guest_idle_wait() };
                Due { at: later(quiet_since, wait), reason: CloseReason::Idle }
            }
        };
        match self.sign_in_due(limits) {
            Some(at) if at < due.at => Due { at, reason: CloseReason::SignInDeadline },
            _ => due,
        }
    }

    /// When the rest of a frame must have come. All that holds a peer whose slow call runs: it is neither idle nor late to
    /// sign in, since the call may be the one that signs it in.
    pub(crate) fn frame_due(&self, limits: &Limits) -> Option<Due> {
        let FrameClock { began, bytes } = self.frame.as_ref()?;
        let wait = limits.frame_wait().saturating_add(at_rate(*bytes, limits));
        Some(Due { at: later(*began, wait), reason: CloseReason::FrameDeadline })
    }

    /// When a credential must have been accepted, if it still must.
    pub(crate) fn sign_in_due(&self, limits: &Limits) -> Option<Instant> {
        (self.greeted && !self.signed_in).then(|| later(self.opened, limits.sign_in_wait()))
    }
}

/// How long a write of `bytes` may take: the first wait, then the slowest rate, as for a frame that comes in.
pub(crate) fn write_wait(bytes: usize, limits: &Limits) -> Duration {
    limits.write_wait().saturating_add(at_rate(bytes, limits))
}

/// How long `bytes` take at the slowest rate.
fn at_rate(bytes: usize, limits: &Limits) -> Duration {
    let micros = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1_000_000);
    let rate = u64::try_from(limits.frame_bytes_per_s_min()).unwrap_or(u64::MAX).max(1);
    Duration::from_micros(micros.div_euclid(rate))
}

/// A point so far in the future that the clock can't tell it is never reached by a wait that starts anew each time.
pub(crate) fn later(from: Instant, wait: Duration) -> Instant {
    from.checked_add(wait).unwrap_or(from)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow panics, and a test that panics has failed")]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    /// What is due after what happened to a connection, in ms from its opening.
    fn check(now_ms: u64, happened: impl FnOnce(&mut Timing, Instant), due_ms: u64, reason: CloseReason) {
        let opened = Instant::now();
        let now = opened + Duration::from_millis(now_ms);
        let mut timing = Timing::new(opened);
        happened(&mut timing, now);
        let due = timing.due(now, &Limits::new());
        assert_eq!((due.at - opened, due.reason), (Duration::from_millis(due_ms), reason));
    }

    #[test]
    fn a_hello_has_5_s_from_the_opening_however_its_bytes_come() {
        check(0, |_, _| {}, 5_000, CloseReason::HelloDeadline);
        check(4_000, |timing, now| timing.frame_waits(now, 15), 5_000, CloseReason::HelloDeadline);
    }

    #[test]
    fn who_has_not_signed_in_has_30_s_in_all() {
        check(1_000, |timing, _| timing.greeted(true), 30_000, CloseReason::SignInDeadline);
        check(1_000, |timing, _| timing.greeted(false), 601_000, CloseReason::Idle);
        let sign_in = |timing: &mut Timing, _| {
            timing.greeted(true);
            timing.signed_in = true;
        };
        check(1_000, sign_in, 601_000, CloseReason::Idle);
        let partial = |timing: &mut Timing, now| {
            timing.greeted(true);
            timing.frame_waits(now, 0);
        };
        check(1_000, partial, 11_000, CloseReason::FrameDeadline);
        check(25_000, partial, 30_000, CloseReason::SignInDeadline);
    }

    #[test]
    fn a_guest_is_idle_sooner() {
        let limits = Limits::new().with_sign_in_wait(60 * S).unwrap();
        let opened = Instant::now();
        let mut timing = Timing::new(opened);
        timing.greeted(true);
        assert_eq!(timing.due(opened + S, &limits), Due { at: opened + 31 * S, reason: CloseReason::Idle });
    }

    #[test]
    fn a_frame_has_10_s_and_then_what_its_bytes_bought_at_64_kib_per_s() {
        let frame = |bytes: &'static [usize]| {
            move |timing: &mut Timing, now: Instant| {
                timing.greeted(false);
                for (nth, bytes) in bytes.iter().enumerate() {
                    timing.frame_waits(now + S * u32::try_from(nth).unwrap(), 0);
                    timing.received(*bytes);
                }
            }
        };
        check(0, frame(&[0]), 10_000, CloseReason::FrameDeadline);
        check(0, frame(&[65_536]), 11_000, CloseReason::FrameDeadline);
        check(0, frame(&[65_536, 0, 32_768]), 11_500, CloseReason::FrameDeadline);
    }

    #[test]
    fn the_next_frame_has_a_clock_of_its_own() {
        let two = |timing: &mut Timing, now| {
            timing.greeted(false);
            timing.frame_waits(now, 10);
            timing.frame_ended();
            timing.frame_waits(now + S, 0);
        };
        check(0, two, 11_000, CloseReason::FrameDeadline);
    }

    #[test]
    fn a_write_has_10_s_and_more_for_more() {
        assert_eq!(write_wait(0, &Limits::new()), 10 * S);
        assert_eq!(write_wait(4 << 20, &Limits::new()), 74 * S);
    }
}
