//! One call from its arguments to its value, over as many attempts as it takes.

use std::{
    fmt,
    marker::PhantomData,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    CallOptions, Channel, Core, RequestKey,
    connection::{Connection, Lent, NotBegun, Outgoing, Patience, Shared},
    not_sent,
    retry::{ATTEMPTS_MAX, Failure, Remedy, pause},
};
use crate::{
    AppError, Call, Error, Method, Outcome, Result, Retry, Status, TransportErrorKind,
    call::current,
    frame::{CallId, decode_refusal},
    tlv::{Aside, Buffer, DecodeLimits, DecodeOwned, Gap, Reader, Writer, decode_value},
    transport::{Deadline, LONG, recent},
};

/// A call that has been started. It leaves when it is waited for, or with others: see [`Pending::wait`]. Without that, calls
/// leave together once they are 16 and as many as are on their way, or take 16 KiB: so a caller that keeps a window of calls
/// full works on one half of it while the server works on the other.
///
/// Dropping it gives the call up: if no byte of it has left, it never will. It outlives its channel, but is not repeated any more once
/// that is gone with all its clones.
#[must_use = "a call that nobody waits for may never be sent"]
pub struct Pending<T, E> {
    attempts: Attempts,
    marker: PhantomData<fn() -> (T, E)>,
}

impl<T: DecodeOwned, E: AppError> Pending<T, E> {
    /// Starts a call whose arguments `body` writes.
    pub(crate) fn start(
        channel: &Channel,
        method: &'static Method,
        options: &CallOptions,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Self {
        let mut pending = Self { attempts: Attempts::new(method, options), marker: PhantomData };
        pending.attempts.start(&channel.core, body, None);
        pending
    }

    /// Waits for the reply. Unless it has come already, all calls of the channel that have been started leave now, in one
    /// write.
    ///
    /// # Errors
    /// The method's own error, or why there is no reply; [`Error::outcome`] tells what the call may have done.
    pub fn wait(mut self) -> Result<T, E> {
        self.attempts.has_just_begun = false;
        self.attempts.wait(None)
    }
}

/// Makes a call, and waits for its reply at once. Its arguments are what `body` writes, the same each time; long ones are not copied.
pub(crate) fn call<T: DecodeOwned, E: AppError>(
    channel: &Channel,
    method: &'static Method,
    options: &CallOptions,
    body: impl Fn(&mut Writer<'_>),
) -> Result<T, E> {
    let mut attempts = Attempts::new(method, options);
    attempts.start(&channel.core, &body, Some(&body));
    attempts.wait(Some(&body))
}

/// What decoding a reply may cost: depth and heap as for requests, in proportion to the size. One string may fill the
/// reply, since the caller has chosen the server.
fn reply_limits(reply_bytes_max: u32) -> DecodeLimits {
    let bytes = usize::try_from(reply_bytes_max).unwrap_or(usize::MAX);
    DecodeLimits {
        depth_max: 32,
        heap_bytes_max: bytes.saturating_mul(8),
        unknown_fields_max: 1_024,
        string_bytes_max: bytes,
    }
}

/// Writes the arguments again, if the caller lends them for as long as it waits.
type Again<'a> = Option<&'a dyn Fn(&mut Writer<'_>)>;

/// A call without its types: body, deadline, key, and the attempt that is under way. It is moved several times a call, so what is
/// rare stands behind a pointer.
struct Attempts {
    method: &'static Method,
    /// The encoded arguments: the same bytes in each attempt.
    body: Buffer,
    /// What is left out of it, to be written from where the caller has it.
    gaps: Vec<Gap>,
    options: CallOptions,
    /// The key that was drawn here, so that it may be drawn anew.
    drawn_key: Option<RequestKey>,
    deadline: Deadline,
    /// Whether the attempt was begun just now.
    has_just_begun: bool,
    /// Whether the server can't know the deadline by itself.
    tells_deadline: bool,
    made: u32,
    reconnected: bool,
    /// The first failure after which the call may have run: what later attempts are refused for says nothing about it.
    maybe_executed: Option<Box<Failure>>,
    under_way: UnderWay,
}

/// How an attempt goes on. Why a connection leads to its channel and not a call to both: each call would count two references.
enum UnderWay {
    /// Its reply is waited for.
    On(Arc<Connection>, CallId),
    /// It has not begun.
    Failed(Arc<Core>, Box<Failure>),
    /// It has ended.
    Ended,
}

impl UnderWay {
    fn shared(&self) -> Option<&Shared> {
        match self {
            Self::On(connection, _) => Some(&connection.shared),
            Self::Failed(core, _) => Some(&core.shared),
            Self::Ended => None,
        }
    }
}

/// What comes of a part of an attempt.
type Tried<T> = std::result::Result<T, Failure>;

/// Reads a reply with a value or the method's error.
type Read<'r> = dyn FnMut(&Shared, Status, &[u8]) + 'r;

impl Attempts {
    /// A call that has not begun.
    fn new(method: &'static Method, options: &CallOptions) -> Self {
        Self {
            method,
            body: Buffer::new(),
            gaps: Vec::new(),
            options: options.clone(),
            drawn_key: None,
            deadline: Deadline::NEVER,
            has_just_begun: true,
            tells_deadline: false,
            made: 0,
            reconnected: false,
            maybe_executed: None,
            under_way: UnderWay::Ended,
        }
    }

    /// Begins the first attempt. Why not where it is made: what is filled in place is not copied to its place.
    fn start(&mut self, core: &Arc<Core>, body: impl FnOnce(&mut Writer<'_>), again: Again<'_>) {
        let named = self.options.named_deadline().or(self.method.deadline);
        let serves = current();
        let wait = named.unwrap_or(DEADLINE).min(DEADLINE_MAX);
        let now = if wait < LONG || serves.is_some() { Instant::now() } else { recent() };
        self.deadline = Deadline::after_from(now, wait);
        self.tells_deadline = named.is_some();
        if let Some(call) = serves {
            self.serve(&call);
        }
        self.body = core.shared.pool.take();
        match self.encode(core, body, again) {
            Ok(()) => self.send(core, now, again),
            Err(failure) => self.under_way = UnderWay::Failed(Arc::clone(core), Box::new(failure)),
        }
    }

    /// Makes the call for another one that this thread serves, whose caller waits no longer than it said.
    fn serve(&mut self, call: &Call) {
        if let Some(instant) = call.deadline() {
            self.deadline = self.deadline.earlier(Deadline::at(instant));
            self.tells_deadline = true;
        }
        if let Some(trace_id) = call.trace() {
            self.options = self.options.clone().or(&CallOptions::new().trace_id(trace_id));
        }
    }

    /// Encodes the arguments; without long ones if they can be written `again`.
    fn encode(&mut self, core: &Core, body: impl FnOnce(&mut Writer<'_>), again: Again<'_>) -> Tried<()> {
        let mut aside = Aside::Leave(&mut self.gaps);
        let mut out = match again {
            Some(_) => Writer::with_aside(&mut self.body, BODY_BYTES_MAX, &mut aside),
            None => Writer::new(&mut self.body, BODY_BYTES_MAX),
        };
        body(&mut out);
        out.finish().map_err(|error| Failure::TooLarge { bytes_max: error.bytes_max })?;
        if self.options.credential_bytes() > CallOptions::CREDENTIAL_BYTES_MAX {
            return Err(Failure::TooLarge { bytes_max: CallOptions::CREDENTIAL_BYTES_MAX });
        }
        if self.method.retry == Retry::Keyed && !self.options.has_key() && self.drawn_key.is_none() {
            self.draw_key(core)?;
        }
        Ok(())
    }

    fn draw_key(&mut self, core: &Core) -> Tried<()> {
        let now_ms = core.shared.clock.now_ms();
        self.drawn_key = Some(RequestKey::draw(now_ms).map_err(Failure::Transport)?);
        Ok(())
    }

    /// Waits for the reply and decodes it.
    fn wait<T: DecodeOwned, E: AppError>(&mut self, again: Again<'_>) -> Result<T, E> {
        let mut result = None;
        let ended = self.run(again, &mut |shared, status, body| {
            let limits = reply_limits(shared.reply_bytes_max);
            result = Some(match status {
                Status::OK => decode_value(&mut Reader::new(body, limits)).map_err(Error::BadReply),
                _ => Err(decode_value(&mut Reader::new(body, limits)).map_or_else(Error::BadReply, Error::App)),
            });
        });
        match (ended, result) {
            (Ok(()), Some(result)) => result,
            (Err(failure), _) => Err(failure.into_error()),
            // Invariant: `run` has called its argument if it ends well.
            (Ok(()), None) => Err(Error::Transport(not_sent(TransportErrorKind::Closed))),
        }
    }

    /// Waits for the reply, and repeats the call where that helps.
    fn run(&mut self, again: Again<'_>, read: &mut Read<'_>) -> Tried<()> {
        loop {
            let (core, failure) = match mem::replace(&mut self.under_way, UnderWay::Ended) {
                UnderWay::On(connection, id) => match self.receive(&connection, id, read) {
                    Ok(()) => {
                        connection.shared.pool.put(mem::take(&mut self.body));
                        return Ok(());
                    }
                    Err(failure) => (connection.core.upgrade(), failure),
                },
                UnderWay::Failed(core, failure) => (Some(core), *failure),
                // Invariant: a call is run once, by whoever gives it up.
                UnderWay::Ended => return Err(Failure::Transport(not_sent(TransportErrorKind::Closed))),
            };
            self.repeat(core, failure, again)?;
        }
    }

    /// Begins another attempt, or says what to report.
    #[cold]
    fn repeat(&mut self, core: Option<Arc<Core>>, failure: Failure, again: Again<'_>) -> Tried<()> {
        let Some(core) = core else { return Err(self.report(failure)) };
        self.recover(&core, failure)?;
        self.send(&core, Instant::now(), again);
        self.has_just_begun = true;
        Ok(())
    }

    fn receive(&self, connection: &Connection, id: CallId, read: &mut Read<'_>) -> Tried<()> {
        let mut refusal = None;
        let shared = &*connection.shared;
        let repeatable = self.method.retry != Retry::NotSent;
        let patience = Patience::new(self.deadline, self.has_just_begun, shared.silence_max, repeatable);
        let waited = connection.wait(id, patience, &mut |status, body| match status {
            Status::OK | Status::APP => read(shared, status, body),
            _ => refusal = Some(decode_refusal(status, body)),
        });
        match (waited, refusal) {
            (Err(error), _) => Err(Failure::Transport(error)),
            (Ok(()), Some(refusal)) => Err(Failure::Refused(refusal)),
            (Ok(()), None) => {
                shared.budget.succeeded();
                Ok(())
            }
        }
    }

    /// Prepares another attempt, or says what to report.
    fn recover(&mut self, core: &Core, failure: Failure) -> Tried<()> {
        if failure.outcome() == Outcome::MaybeExecuted {
            self.maybe_executed.get_or_insert_with(|| Box::new(failure));
        }
        let goes_on = self.made < ATTEMPTS_MAX
            && match failure.remedy(self.method.retry) {
                Remedy::Report => false,
                Remedy::Reconnect if !self.reconnected => {
                    self.reconnected = true;
                    !self.deadline.has_passed()
                }
                Remedy::Reconnect | Remedy::Again => self.pause(core, failure.retry_after()),
                Remedy::NewKey => {
                    let anew = self.made == 1 && self.drawn_key.is_some();
                    if anew {
                        self.draw_key(core)?;
                    }
                    anew
                }
            };
        if goes_on {
            return Ok(());
        }
        Err(self.report(failure))
    }

    fn report(&self, failure: Failure) -> Failure {
        match (&self.maybe_executed, failure.outcome()) {
            // That this attempt was refused or not sent does not undo what an earlier one may have done.
            (Some(first), Outcome::NotSent | Outcome::Rejected) => **first,
            _ => failure,
        }
    }

    /// Pauses before the next attempt, unless the deadline or the budget is against it.
    fn pause(&self, core: &Core, retry_after: Option<Duration>) -> bool {
        let random = getrandom::u32().unwrap_or_default();
        let pause = pause(self.made.saturating_add(1), random).max(retry_after.unwrap_or_default());
        let fits = self.deadline.left().is_none_or(|left| pause < left);
        if !fits || !core.shared.budget.take() {
            return false;
        }
        (core.pause)(pause);
        true
    }

    /// Begins an attempt, now.
    fn send(&mut self, core: &Arc<Core>, now: Instant, again: Again<'_>) {
        self.under_way = match self.begin(core, now, again) {
            Ok((connection, id)) => UnderWay::On(connection, id),
            Err(failure) => UnderWay::Failed(Arc::clone(core), Box::new(failure)),
        };
    }

    fn begin(&mut self, core: &Arc<Core>, now: Instant, again: Again<'_>) -> Tried<(Arc<Connection>, CallId)> {
        self.made = self.made.saturating_add(1);
        let mut ended = None;
        let mut error = TransportErrorKind::Closed;
        let mut tried = 0_u32;
        while tried < CONNECTIONS_MAX {
            let connection = core.connection(ended.as_ref(), self.deadline);
            let connection = connection.map_err(|kind| Failure::Transport(not_sent(kind)))?;
            let deadline = (self.tells_deadline || self.made > 1).then_some(self.deadline);
            let lends = again.filter(|_| !self.gaps.is_empty());
            let lent = lends.map(|arguments| Lent { gaps: &self.gaps, arguments });
            let call = Outgoing {
                method: self.method,
                options: &self.options,
                drawn_key: self.drawn_key,
                deadline,
                body: &self.body,
                lent,
            };
            match connection.begin(&call, self.deadline, now) {
                Ok(id) => return Ok((connection, id)),
                Err(NotBegun::Ended(kind)) => error = kind,
                Err(NotBegun::Deadline) => return Err(Failure::Transport(not_sent(TransportErrorKind::WriteDeadline))),
                Err(NotBegun::TooLarge { bytes_max }) => return Err(Failure::TooLarge { bytes_max }),
                Err(NotBegun::Writing) => {
                    self.gaps.clear();
                    self.body.clear();
                    lends.map_or(Ok(()), |arguments| self.encode(core, arguments, None))?;
                    continue;
                }
            }
            tried = tried.saturating_add(1);
            ended = Some(connection);
        }
        Err(Failure::Transport(not_sent(error)))
    }
}

impl Drop for Attempts {
    fn drop(&mut self) {
        if let UnderWay::On(connection, id) = &self.under_way {
            connection.abandon(*id);
        }
        if let Some(shared) = self.under_way.shared() {
            shared.pool.put(mem::take(&mut self.body));
        }
    }
}

impl<T, E> fmt::Debug for Pending<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attempts { method, deadline, made, .. } = &self.attempts;
        f.debug_struct("Pending")
            .field("method", &method.name)
            .field("deadline", deadline)
            .field("attempts", made)
            .finish_non_exhaustive()
    }
}

/// As long as a person waits. Wire §2.3: a server assumes it where a request names none.
const DEADLINE: Duration = Duration::from_secs(10);
/// What a call may hold of a server is bounded.
const DEADLINE_MAX: Duration = Duration::from_secs(30);
/// The largest limit that a server can be set to; its own is known once it has said hello.
const BODY_BYTES_MAX: usize = 64 << 20;
/// Connections tried within an attempt: the current one may have ended unnoticed, and so may one that another thread has
/// just made.
const CONNECTIONS_MAX: u32 = 3;
