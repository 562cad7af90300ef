//! What all threads of a server share: the services, the bounds, the places, the pool, and whether it drains.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use super::{
    line::Line,
    memory::Budget,
    observer::{CallEnded, CloseReason, Observer, RefuseReason},
    pool::Pool,
    reply::contained,
    slots::Slots,
    slow::bytes_of,
};
use crate::{
    Dispatch, Limits, Method, Opcode, Peer, Service, ServiceId, Status,
    frame::{Header, ServerHello, VERSION},
    transport::Waiting,
};

/// The server behind all its handles and threads.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Ascending by id.
    services: Vec<Arc<Entry>>,
    pub(crate) limits: Limits,
    pub(crate) waiting: Waiting,
    observer: Option<Arc<dyn Observer>>,
    /// Each connection holds them as well: it gives its place back after it has let go of everything else.
    pub(crate) slots: Arc<Slots<Arc<Line>>>,
    pub(crate) memory: Arc<Budget>,
    pub(crate) pool: Pool,
    /// Whether some service asks who calls.
    pub(crate) signs_in: bool,
    /// No call is taken any more. Written by the drain alone.
    pub(crate) draining: AtomicBool,
    /// The drain has come to its end: every call still running is cancelled. Written by the drain alone.
    pub(crate) stopped: Arc<AtomicBool>,
}

/// One service, with what is asked of it for every call.
pub(crate) struct Entry {
    pub(crate) service: &'static Service,
    pub(crate) dispatch: Box<dyn Dispatch>,
    /// For each method of the service, in its order, whether it may be called without a session.
    public: Vec<bool>,
}

/// A call that has its reply, for the observer.
#[derive(Debug)]
pub(crate) struct Served<'h> {
    pub(crate) header: &'h Header,
    pub(crate) method: Option<&'static Method>,
    pub(crate) status: Status,
    pub(crate) received: Instant,
}

impl Entry {
    pub(crate) fn new(dispatch: Box<dyn Dispatch>) -> Self {
        let service = dispatch.service();
        // An open service has no sessions, so none of its methods is an exception for those without one.
        let public = service.methods.iter().map(|method| !service.open && dispatch.is_public(method)).collect();
        Self { service, dispatch, public }
    }

    /// The method with this opcode, and whether it is public.
    pub(crate) fn method(&self, opcode: Opcode) -> Option<(&'static Method, bool)> {
        let index = self.service.methods.binary_search_by_key(&opcode, |method| method.opcode).ok()?;
        Some((self.service.methods.get(index)?, *self.public.get(index)?))
    }
}

impl Shared {
    /// # Errors
    /// Two services have this id.
    pub(crate) fn new(
        mut services: Vec<Entry>,
        limits: Limits,
        observer: Option<Arc<dyn Observer>>,
        waiting: Waiting,
    ) -> Result<Self, ServiceId> {
        services.sort_by_key(|entry| entry.service.id);
        for (one, next) in services.iter().zip(services.iter().skip(1)) {
            if one.service.id == next.service.id {
                return Err(one.service.id);
            }
        }
        Ok(Self {
            signs_in: services.iter().any(|entry| !entry.service.open),
            services: services.into_iter().map(Arc::new).collect(),
            slots: Arc::new(Slots::new(&limits)),
            memory: Budget::new(limits.request_memory_bytes_max()),
            pool: Pool::new(&limits),
            observer,
            limits,
            waiting,
            draining: AtomicBool::new(false),
            stopped: Arc::new(AtomicBool::new(false)),
        })
    }

    pub(crate) fn service(&self, id: ServiceId) -> Option<&Arc<Entry>> {
        let index = self.services.binary_search_by_key(&id, |entry| entry.service.id).ok()?;
        self.services.get(index)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// The server's hello, with the status why it refuses, if it does.
    pub(crate) fn hello(&self, status: Status) -> ServerHello {
        let number = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        ServerHello {
            status,
            version: VERSION,
            body_bytes_max: number(self.limits.body_bytes_max()),
            window_calls: number(self.limits.window_calls_max()),
            window_bytes: number(self.limits.window_bytes_max()),
            server_time_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The frame of that hello.
    pub(crate) fn hello_frame(&self, status: Status) -> Vec<u8> {
        let mut frame = Vec::new();
        self.hello(status).append(&mut frame);
        frame
    }

    /// Whether anyone wants to know how calls went, and when.
    pub(crate) const fn is_observed(&self) -> bool {
        self.observer.is_some()
    }

    /// Tells the observer, if there is one. A panic of it ends here: no call, thread or place may depend on whether a log can be written.
    fn tell(&self, what: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = &self.observer {
            contained(|| what(&**observer));
        }
    }

    pub(crate) fn connection_opened(&self, line: &Line) {
        self.tell(|observer| observer.connection_opened(line.id, line.peer));
    }

    pub(crate) fn connection_closed(&self, line: &Line, reason: CloseReason) {
        self.tell(|observer| observer.connection_closed(line.id, line.peer, reason));
    }

    pub(crate) fn connection_refused(&self, peer: Option<Peer>, reason: RefuseReason) {
        self.tell(|observer| observer.connection_refused(peer, reason));
    }

    pub(crate) fn call_ended(&self, line: &Line, served: &Served<'_>, now: Instant, bytes_out: usize) {
        let ended = CallEnded {
            connection: line.id,
            peer: line.peer,
            service: served.header.service,
            opcode: served.header.opcode,
            method: served.method,
            status: served.status,
            elapsed: now.saturating_duration_since(served.received),
            bytes_in: bytes_of(served.header),
            bytes_out,
        };
        self.tell(|observer| observer.call_ended(&ended));
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("service", &self.service.name).finish_non_exhaustive()
    }
}
