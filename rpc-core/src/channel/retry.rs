//! When a failed call is made again, and after what pause.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::{Error, Outcome, Refusal, Retry, Status, TlsError, TransportError, TransportErrorKind, frame::FrameError};

/// What an attempt failed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Transport(TransportError),
    Refused(Refusal),
    TooLarge { bytes_max: usize },
}

/// What may be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the caller learns it.
    Report,
    /// Again at once, once per call: the server has closed the connection, and did so in order.
    Reconnect,
    /// Again after a pause, if the budget allows it.
    Again,
    /// Again with a new key, once per call: the server has just told the time.
    NewKey,
}

/// Attempts of one call, the first included.
pub(super) const ATTEMPTS_MAX: u32 = 5;

impl Failure {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Transport(error) => error.outcome,
            Self::Refused(refusal) => refusal.status.outcome(),
            Self::TooLarge { .. } => Outcome::NotSent,
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Transport(_) | Self::TooLarge { .. } => None,
        }
    }

    pub(super) fn into_error<E>(self) -> Error<E> {
        match self {
            Self::Transport(error) => Error::Transport(error),
            Self::Refused(refusal) => Error::Refused(refusal),
            Self::TooLarge { bytes_max } => Error::RequestTooLarge { bytes_max },
        }
    }

    /// What may be done, by what the trait says of the method.
    pub(super) fn remedy(&self, retry: Retry) -> Remedy {
        match self {
            Self::Transport(error) if error.outcome == Outcome::NotSent => not_sent(error.kind),
            Self::Transport(error) if retry != Retry::NotSent && is_passing(error.kind) => Remedy::Again,
            // Bytes of the call have been written, so only a method that bears repetition is called again, although the
            // server says that it has not begun, or does not know whether the change was made.
            Self::Refused(refusal) if retry != Retry::NotSent => match refusal.status {
                Status::OVERLOADED | Status::DRAINING | Status::UNAVAILABLE | Status::OUTCOME_UNKNOWN => Remedy::Again,
                Status::KEY_IN_PROGRESS if retry == Retry::Keyed => Remedy::Again,
                Status::STALE_KEY if retry == Retry::Keyed => Remedy::NewKey,
                _ => Remedy::Report,
            },
            Self::Transport(_) | Self::Refused(_) | Self::TooLarge { .. } => Remedy::Report,
        }
    }
}

const fn not_sent(kind: TransportErrorKind) -> Remedy {
    match kind {
        TransportErrorKind::Goodbye(_) | TransportErrorKind::Closed | TransportErrorKind::Silent => Remedy::Reconnect,
        TransportErrorKind::Refused(Status::BUSY | Status::DRAINING | Status::OVERLOADED)
        | TransportErrorKind::Connect(_)
        | TransportErrorKind::ConnectDeadline
        | TransportErrorKind::Io(_)
        | TransportErrorKind::Tls(TlsError::Ended) => Remedy::Again,
        _ => Remedy::Report,
    }
}

/// Whether another connection may fare better.
const fn is_passing(kind: TransportErrorKind) -> bool {
    matches!(
        kind,
        TransportErrorKind::Closed
            | TransportErrorKind::Silent
            | TransportErrorKind::Goodbye(_)
            | TransportErrorKind::Io(_)
            | TransportErrorKind::Protocol(FrameError::Torn)
    )
}

/// The pause before attempt `attempt` (the second is 2): 100 ms, doubled each time up to 1 s, give or take a fifth, so that
/// many callers who failed together don't come back together.
pub(super) fn pause(attempt: u32, random: u32) -> Duration {
    let doubled = 100_u64.checked_shl(attempt.saturating_sub(2)).unwrap_or(u64::MAX).min(1_000);
    // From 80 to 120 hundredths.
    let hundredths = u64::from(random.checked_rem(41).unwrap_or(0)).saturating_add(80);
    Duration::from_micros(doubled.saturating_mul(hundredths).saturating_mul(10))
}

/// What keeps a channel from adding to a server's trouble: each retry takes a token, each success returns a tenth. In
/// the long run a tenth of all calls may be retries.
#[derive(Debug)]
pub(super) struct Budget {
    /// Tenths of a token. Relaxed: the number guards no other memory.
    tenths: AtomicU32,
}

impl Budget {
    const TENTHS_MAX: u32 = 100;

    pub(super) const fn new() -> Self {
        Self { tenths: AtomicU32::new(Self::TENTHS_MAX) }
    }

    /// Takes a token, if one is there.
    pub(super) fn take(&self) -> bool {
        self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tenths| tenths.checked_sub(10)).is_ok()
    }

    pub(super) fn succeeded(&self) {
        // Mostly it is full, and a load is enough.
        if self.tenths.load(Ordering::Relaxed) < Self::TENTHS_MAX {
            let more = |tenths: u32| Some(tenths.saturating_add(1).min(Self::TENTHS_MAX));
            let _full = self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(kind: TransportErrorKind, outcome: Outcome) -> Failure {
        Failure::Transport(TransportError { kind, outcome })
    }

    #[test]
    fn what_may_have_run_is_repeated_only_if_the_method_bears_it() {
        #[track_caller]
        fn check(failure: Failure, plain: Remedy, idempotent: Remedy, keyed: Remedy) {
            assert_eq!(failure.remedy(Retry::NotSent), plain);
            assert_eq!(failure.remedy(Retry::Idempotent), idempotent);
            assert_eq!(failure.remedy(Retry::Keyed), keyed);
        }
        use Remedy::{Again, NewKey, Reconnect, Report};
        use TransportErrorKind::{Closed, Connect, Goodbye, Protocol, Refused, ReplyDeadline, WriteDeadline};
        let (not_sent, maybe) = (Outcome::NotSent, Outcome::MaybeExecuted);
        let refused = |status| Failure::Refused(Refusal::new(status));
        check(transport(Closed, maybe), Report, Again, Again);
        check(transport(TransportErrorKind::Silent, maybe), Report, Again, Again);
        check(transport(Protocol(FrameError::Torn), maybe), Report, Again, Again);
        check(transport(Protocol(FrameError::UnknownKind(9)), maybe), Report, Report, Report);
        check(transport(ReplyDeadline, maybe), Report, Report, Report);
        check(transport(Closed, not_sent), Reconnect, Reconnect, Reconnect);
        check(transport(Goodbye(Status::DRAINING), not_sent), Reconnect, Reconnect, Reconnect);
        check(transport(Connect(std::io::ErrorKind::ConnectionRefused), not_sent), Again, Again, Again);
        check(transport(Refused(Status::BUSY), not_sent), Again, Again, Again);
        check(transport(Refused(Status::UNSUPPORTED_VERSION), not_sent), Report, Report, Report);
        check(transport(WriteDeadline, not_sent), Report, Report, Report);
        check(refused(Status::OVERLOADED), Report, Again, Again);
        check(refused(Status::UNAVAILABLE), Report, Again, Again);
        check(refused(Status::OUTCOME_UNKNOWN), Report, Again, Again);
        check(refused(Status::FORBIDDEN), Report, Report, Report);
        check(refused(Status::INTERNAL), Report, Report, Report);
        check(refused(Status::KEY_IN_PROGRESS), Report, Report, Again);
        check(refused(Status::STALE_KEY), Report, Report, NewKey);
        check(Failure::TooLarge { bytes_max: 1 }, Report, Report, Report);
    }

    #[test]
    fn pauses_double_up_to_a_second_give_or_take_a_fifth() {
        #[track_caller]
        fn check(attempt: u32, ms: std::ops::RangeInclusive<u64>) {
            let ms = Duration::from_millis(*ms.start())..=Duration::from_millis(*ms.end());
            assert_eq!(pause(attempt, 0), *ms.start());
            assert_eq!(pause(attempt, 40), *ms.end());
            assert!((0..1_000).all(|random| ms.contains(&pause(attempt, random))));
        }
        check(2, 80..=120);
        check(3, 160..=240);
        check(5, 640..=960);
        check(6, 800..=1_200);
        check(200, 800..=1_200);
    }

    #[test]
    fn ten_retries_are_free_and_then_one_in_ten_successes() {
        let budget = Budget::new();
        assert_eq!((0..20).filter(|_| budget.take()).count(), 10);
        (0..9).for_each(|_| budget.succeeded());
        assert!(!budget.take());
        budget.succeeded();
        assert!(budget.take() && !budget.take());
        (0..1_000).for_each(|_| budget.succeeded());
        assert_eq!((0..20).filter(|_| budget.take()).count(), 10);
    }
}
