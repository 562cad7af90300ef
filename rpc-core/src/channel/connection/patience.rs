//! How long a call waits. A machine that stands still closes no connection and answers nothing: where another server may
//! answer, whoever waits for it goes there, if the call bears repetition, and whoever comes next does in any case.

use std::time::{Duration, Instant};

use super::{Connection, State};
use crate::{TransportErrorKind, transport::Deadline};

/// How long a call waits, for its reply or to begin.
#[derive(Clone, Copy, Debug)]
pub(in crate::channel) struct Patience {
    pub(super) deadline: Deadline,
    /// Whether the deadline was computed just now, so that it can't have passed.
    pub(super) has_just_begun: bool,
    /// When the wait began, and how long nothing at all may come, if another server may be asked instead.
    silence: Option<(Instant, Duration)>,
    /// Whether the call may be made elsewhere, and need not wait until its deadline.
    repeatable: bool,
}

/// Who comes to wait on a connection that has been silent listens for so long before it says so: what came while nobody
/// waited is read first, and a thread that runs reads it in a fraction of that.
const LISTEN: Duration = Duration::from_millis(100);

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

    /// For a call that has not begun, so that it may begin anywhere. `now` is a moment just passed.
    pub(super) fn to_begin(deadline: Deadline, silence_max: Option<Duration>, now: Instant) -> Self {
        Self { deadline, has_just_begun: false, silence: silence_max.map(|max| (now, max)), repeatable: true }
    }

    /// Why no longer to wait. Silence is asked for only after something was waited for; who can't go elsewhere only says so.
    pub(super) fn ends(&self, state: &mut State, has_waited: bool) -> Option<TransportErrorKind> {
        if has_waited && self.silent_at(state).has_passed() {
            state.end_silent();
            if self.repeatable {
                return Some(TransportErrorKind::Silent);
            }
        }
        self.deadline.has_passed().then_some(TransportErrorKind::ReplyDeadline)
    }

    /// When to look again.
    pub(super) fn until(&self, state: &State) -> Deadline {
        if self.silence.is_none() {
            return self.deadline;
        }
        let has_more_to_say = self.repeatable || state.end.is_none();
        if has_more_to_say { self.deadline.earlier(self.silent_at(state)) } else { self.deadline }
    }

    fn silent_at(&self, state: &State) -> Deadline {
        let Some((began, max)) = self.silence else { return Deadline::NEVER };
        // What is queued is yet to be asked for: not before this wait has begun.
        let asks = state.output.needs_writer() && !state.is_awaited();
        let silent_since = if asks { state.silent_since.max(began) } else { state.silent_since };
        let Some(silent_at) = silent_since.checked_add(max) else { return Deadline::NEVER };
        match began.checked_add(max.min(LISTEN)) {
            Some(listened) if state.end != Some(TransportErrorKind::Silent) => Deadline::at(silent_at.max(listened)),
            _ => Deadline::at(silent_at),
        }
    }
}

impl Connection {
    /// Takes all that is queued in hand, unless another thread has bytes in hand; the last frame leaves so many bytes out. Where
    /// nothing was awaited before, a silence begins here at the earliest; one that has begun goes on, whoever waits meanwhile
    /// and gives up.
    pub(super) fn take_in_hand(&self, state: &mut State, left_out: usize) -> Option<Vec<u8>> {
        if self.shared.silence_max.is_some() && !state.is_awaited() {
            state.silent_since = state.silent_since.max(Instant::now());
        }
        state.output.take(left_out)
    }
}

impl State {
    /// Whether the server has been asked for something and has not answered it.
    pub(super) fn is_awaited(&self) -> bool {
        self.calls.first_open().is_some_and(|call| !self.output.is_untouched(call.start))
    }

    /// Silence begins again.
    pub(super) fn has_shown_life(&mut self, at: Instant) {
        self.silent_since = self.silent_since.max(at);
    }

    /// The server has been silent for too long: no further calls are made here. Those that wait may be answered yet.
    pub(super) fn end_silent(&mut self) {
        if self.end.is_none() {
            self.end = Some(TransportErrorKind::Silent);
            self.wake_all(&[]);
        }
    }
}
