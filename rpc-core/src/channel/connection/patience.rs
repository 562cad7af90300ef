//! How long a call waits. A machine that stands still closes no connection and answers nothing: where another server may
//! answer, whoever waits for it goes there, if the call bears repetition, and whoever comes next does in any case.

use std::time::{Duration, Instant};

use super::State;
use crate::{TransportErrorKind, transport::Deadline};

/// How long a call waits for its reply.
#[derive(Clone, Copy, Debug)]
pub(in crate::channel) struct Patience {
    pub(super) deadline: Deadline,
    /// Whether the deadline was computed just now, so that it can't have passed.
    pub(super) has_just_begun: bool,
    /// Since when, and how long nothing at all may come, if another server may be asked instead.
    silence: Option<(Instant, Duration)>,
    /// Whether the call bears repetition, and need not wait until its deadline.
    repeatable: bool,
}

impl Patience {
    pub(in crate::channel) fn new(
        deadline: Deadline,
        has_just_begun: bool,
        silence_max: Option<Duration>,
        repeatable: bool,
    ) -> Self {
        let silence = silence_max.map(|max| (Instant::now(), max));
        Self { deadline, has_just_begun, silence, repeatable }
    }

    /// Why no longer to wait. Silence is asked for only after something was waited for.
    pub(super) fn ends(&self, state: &mut State, has_waited: bool) -> Option<TransportErrorKind> {
        if has_waited && self.has_run_out(state) {
            return Some(TransportErrorKind::Silent);
        }
        self.deadline.has_passed().then_some(TransportErrorKind::ReplyDeadline)
    }

    /// Whether the call is to be made elsewhere. The connection takes no further ones then; those that wait on it may be
    /// answered yet.
    fn has_run_out(&self, state: &mut State) -> bool {
        let is_silent = self.silent_at(state).has_passed();
        if is_silent && (self.repeatable || self.deadline.has_passed()) {
            state.end.get_or_insert(TransportErrorKind::Silent);
        }
        is_silent && self.repeatable
    }

    /// When to look again.
    pub(super) fn until(&self, state: &State) -> Deadline {
        if self.repeatable { self.deadline.earlier(self.silent_at(state)) } else { self.deadline }
    }

    fn silent_at(&self, state: &State) -> Deadline {
        let silent_at = self.silence.and_then(|(began, max)| began.max(state.active).checked_add(max));
        silent_at.map_or(Deadline::NEVER, Deadline::at)
    }
}
