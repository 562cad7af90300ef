//! One request, from its header to its reply: judged on header and metadata alone, admitted, awaited, then run.
//!
//! ```text
//! header ─► service, opcode ─► length ─► metadata ─► deadline ─► authorize ─► memory ─► body ─► handler ─► reply
//!               └──────────────────┴─────────┴───────────┴────────────┴──────────┴─► refusal, body skipped
//! ```

use std::{
    panic::AssertUnwindSafe,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    connection::{Connection, End},
    memory::counted,
    observer::CloseReason,
    reply::{append_refusal, caught},
    shared::{Entry, Served},
    slow::{SlowCall, bytes_of},
    timing::later,
};
use crate::{
    Method, Outcome, Refusal, Status,
    call::run_in,
    frame::{Frame, FrameKind, Goodbye, Header, HeaderFlags, Metadata, Parts},
    limits::SKIPPED_BODY_FACTOR,
    tlv::Reader,
    transport::LONG,
};

/// How long a peer waits before it tries again when the memory of all is taken: as long as a large request takes to
/// arrive over a usual network.
const MEMORY_WAIT: Duration = Duration::from_secs(1);

/// A request whose header is there.
struct Incoming {
    header: Header,
    /// Whether all of it is there.
    is_whole: bool,
    /// At most a tick early, and exact if it is not whole.
    received: Instant,
    method: Option<&'static Method>,
    body_bytes_max: usize,
}

/// Where a request goes.
struct Target<'s> {
    entry: &'s Arc<Entry>,
    method: &'static Method,
    public: bool,
}

/// Why a request is not run.
enum Stop {
    /// It is refused, and the connection goes on.
    Refused(Refusal),
    /// The connection ends.
    End(End),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

impl<'s> Connection<'s> {
    /// Answers the next request, waiting for it if need be.
    pub(super) fn next_call(&mut self) -> Result<(), End> {
        self.wait_for_window()?;
        let header = loop {
            match self.input.front().map_err(|_| End::PROTOCOL)? {
                Some(Frame { header, .. }) => break header,
                None => self.receive()?,
            }
        };
        if self.server.is_draining() {
            return Err(End::Orderly(Some(Status::DRAINING), CloseReason::Drained));
        }
        self.check_kind(&header)?;
        if self.timing.sign_in_due(&self.server.limits).is_some_and(|due| due <= self.now) {
            return Err(End::Orderly(Some(Status::TIMED_OUT), CloseReason::SignInDeadline));
        }
        let target = self.target(&header);
        let is_whole = self.input.bytes_waiting() >= bytes_of(&header);
        if !is_whole {
            self.now = Instant::now(); // the deadline begins here, and what is still to come may take long
        }
        let limits = &self.server.limits;
        let incoming = Incoming {
            header,
            is_whole,
            received: self.now,
            method: target.as_ref().ok().map(|target| target.method),
            body_bytes_max: match &target {
                Ok(Target { public: true, .. }) => limits.public_body_bytes_max(),
                _ => limits.body_bytes_max(),
            },
        };
        match target.map_err(Stop::from).and_then(|target| self.answer(&incoming, &target)) {
            Ok(()) => Ok(()),
            Err(Stop::End(end)) => Err(end),
            Err(Stop::Refused(refusal)) => self.refuse(&incoming, &refusal),
        }
    }

    /// Only requests, and the goodbye of a client that closes, belong here.
    fn check_kind(&self, header: &Header) -> Result<(), End> {
        match header.kind {
            FrameKind::Request => Ok(()),
            FrameKind::Goodbye if Goodbye::decode(&Frame { header: *header, content: &[] }).is_ok() => {
                Err(End::Orderly(None, CloseReason::Peer))
            }
            _ => Err(End::PROTOCOL),
        }
    }

    fn target(&self, header: &Header) -> Result<Target<'s>, Refusal> {
        let entry = self.server.service(header.service).ok_or(Refusal::new(Status::UNKNOWN_SERVICE))?;
        let (method, public) = entry.method(header.opcode).ok_or(Refusal::new(Status::UNKNOWN_OPCODE))?;
        Ok(Target { entry, method, public })
    }

    fn answer(&mut self, incoming: &Incoming, target: &Target<'_>) -> Result<(), Stop> {
        let header = &incoming.header;
        self.judge(incoming, target)?;
        let slow = target.method.slow;
        let bytes = bytes_of(header);
        let held = if slow { bytes } else { counted(bytes) };
        if held > 0 {
            // A keyed call keeps a copy. What the last large request has left is used for this one.
            let copied = if self.call.key().is_some() { held } else { 0 };
            if !self.memory.resize(held.max(counted(self.input.capacity())).saturating_add(copied)) {
                return Err(Refusal { retry_after: Some(MEMORY_WAIT), ..Refusal::new(Status::OVERLOADED) }.into());
            }
        }
        while self.input.bytes_waiting() < bytes {
            self.receive()?;
        }
        if self.call.deadline().is_some_and(|deadline| deadline <= self.now) {
            return Err(Refusal::new(Status::DEADLINE_BEFORE_START).into());
        }
        if slow {
            self.hand_over(incoming, target)?
        } else {
            self.run_here(incoming, target)?
        }
        Ok(())
    }

    /// Decides, from header and metadata alone, whether the body is worth reading.
    fn judge(&mut self, incoming: &Incoming, target: &Target<'_>) -> Result<(), Stop> {
        let Incoming { ref header, received, body_bytes_max, .. } = *incoming;
        let too_large = || {
            let limit = u64::try_from(body_bytes_max).ok();
            Refusal { limit, ..Refusal::new(Status::BODY_TOO_LARGE) }
        };
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        if length > body_bytes_max.saturating_add(Metadata::BYTES_MAX).saturating_add(2) {
            return Err(too_large().into());
        }
        while header.flags == HeaderFlags::METADATA && !self.has_metadata()? {
            self.receive()?;
        }
        let Self { server, line, input, call, .. } = self;
        let metadata = if header.flags == HeaderFlags::METADATA {
            let front = input.front().map_err(|_| End::PROTOCOL)?.ok_or(End::PROTOCOL)?;
            let Parts { metadata, body } = front.parts()?.ok_or(End::PROTOCOL)?;
            let before_body = front.content.len().saturating_sub(body.len());
            if length.saturating_sub(before_body) > body_bytes_max {
                return Err(too_large().into());
            }
            Metadata::decode(metadata)?
        } else if length > body_bytes_max {
            return Err(too_large().into());
        } else {
            Metadata::default()
        };
        let default = target.method.deadline.unwrap_or(server.limits.call_deadline());
        let wait = metadata.deadline.unwrap_or(default).min(server.limits.call_deadline_max());
        let mut received = received;
        if wait < LONG && incoming.is_whole {
            // A tick matters.
            self.now = Instant::now();
            received = self.now;
        }
        let deadline = later(received, wait);
        if deadline <= self.now {
            return Err(Refusal::new(Status::DEADLINE_BEFORE_START).into());
        }
        if Rc::get_mut(call).is_none() {
            *call = Self::idle_call(server, line); // a handler has kept the last one
        }
        let call = Rc::get_mut(call).ok_or(Refusal::new(Status::INTERNAL))?;
        call.begin(target.method, &metadata, deadline);
        let authorize = || target.entry.dispatch.authorize(target.method, call);
        caught(AssertUnwindSafe(authorize)).map_err(|refusal| match refusal.status.outcome() {
            Outcome::Rejected if !refusal.from_peer => refusal,
            _ => Refusal::new(Status::INTERNAL),
        })?;
        self.note_sign_in(target);
        Ok(())
    }

    fn has_metadata(&self) -> Result<bool, Stop> {
        let front = self.input.front().map_err(|_| End::PROTOCOL)?.ok_or(End::PROTOCOL)?;
        Ok(front.parts()?.is_some())
    }

    /// A call that passed and could not have passed without a session signs its connection in.
    fn note_sign_in(&mut self, target: &Target<'_>) {
        if !self.timing.signed_in && !target.public && !target.entry.service.open {
            self.timing.signed_in = true;
            self.server.slots.signed_in(self.line.id);
        }
    }

    fn run_here(&mut self, incoming: &Incoming, target: &Target<'_>) -> Result<(), End> {
        let Self { server, input, out, call, .. } = self;
        let body = body_of(&input.take_front(&incoming.header).ok_or(End::PROTOCOL)?)?;
        if let Some(call) = Rc::get_mut(call) {
            call.keep_request(body);
        }
        let before = out.len();
        let status = out.reply(&incoming.header, self.reply_bytes_max, |out| {
            let body = Reader::new(body, server.limits.decode());
            run_in(call, || target.entry.dispatch.dispatch(target.method, body, out))
        });
        if call.key().is_some()
            && let Some(call) = Rc::get_mut(call)
        {
            call.forget_request();
        }
        self.ended(incoming, status, before)
    }

    /// Gives a slow call to the pool, with all that it needs.
    fn hand_over(&mut self, incoming: &Incoming, target: &Target<'_>) -> Result<(), Stop> {
        let Self { server, line, input, .. } = self;
        let idle = Self::idle_call(server, line);
        let call = std::mem::replace(&mut self.call, idle);
        // Nobody can have kept a call that no handler has seen.
        let mut call = Rc::into_inner(call).ok_or(Refusal::new(Status::INTERNAL))?;
        let body = body_of(&input.take_front(&incoming.header).ok_or(End::PROTOCOL)?)?.to_vec();
        call.keep_request(&body);
        self.input.shrink(); // from here on the copy is counted
        // Its reply may be written at any time once the pool has it, and must not overtake the hello.
        let (server, line) = (*server, *line);
        self.flush()?;
        let slow = SlowCall {
            server: Arc::clone(server),
            in_flight: line.slow_begins(bytes_of(&incoming.header)),
            entry: Arc::clone(target.entry),
            method: target.method,
            header: incoming.header,
            call,
            body,
            reply_bytes_max: self.reply_bytes_max,
            received: incoming.received,
            memory: self.memory.split_off(),
        };
        server.pool.submit(Box::new(slow));
        self.now = Instant::now(); // how long the peer may be idle can begin here
        self.taken(&incoming.header);
        Ok(())
    }

    /// Answers with a refusal, at once, and skips the body as it comes.
    fn refuse(&mut self, incoming: &Incoming, refusal: &Refusal) -> Result<(), End> {
        let before = self.out.len();
        let status = append_refusal(self.out.bytes(), &incoming.header, refusal);
        let skipped_max = incoming.body_bytes_max.saturating_mul(SKIPPED_BODY_FACTOR);
        let around_body = Header::BYTES.saturating_add(2).saturating_add(Metadata::BYTES_MAX);
        if bytes_of(&incoming.header) > skipped_max.saturating_add(around_body) {
            self.ended(incoming, status, before)?;
            return Err(End::PROTOCOL);
        }
        self.input.skip_frame();
        self.ended(incoming, status, before)?;
        if self.input.is_skipping() {
            self.timing.frame_waits(self.now, 0);
            while self.input.is_skipping() {
                self.receive()?;
            }
            self.timing.frame_ended();
        }
        Ok(())
    }

    /// A call has its reply, which stands in `out` from `before` on.
    fn ended(&mut self, incoming: &Incoming, status: Status, before: usize) -> Result<(), End> {
        self.taken(&incoming.header);
        let observed = self.server.is_observed();
        self.behind = !observed && self.input.is_between_frames();
        if !self.behind {
            self.now = Instant::now();
        }
        if observed {
            let Incoming { ref header, received, method, .. } = *incoming;
            let bytes_out = self.out.len().saturating_sub(before);
            self.server.call_ended(self.line, &Served { header, method, status, received }, self.now, bytes_out);
        }
        self.flush_if_due()
    }

    const fn taken(&mut self, header: &Header) {
        self.last_call = Some(header.call_id);
        self.timing.frame_ended();
    }
}

/// The body of a complete frame whose metadata have been read before.
fn body_of<'f>(frame: &Frame<'f>) -> Result<&'f [u8], End> {
    match frame.parts() {
        Ok(Some(Parts { body, .. })) => Ok(body),
        Ok(None) | Err(_) => Err(End::PROTOCOL),
    }
}
