//! A call of a slow method on its way through the pool: it owns all that it needs, since its connection goes on.

use std::{rc::Rc, sync::Arc, time::Instant};

use super::{
    line::Line,
    memory::Reservation,
    pool::Job,
    reply::{append_refusal, append_reply},
    shared::{Entry, Served, Shared},
};
use crate::{Call, Method, Refusal, Status, call::run_in, frame::Header, tlv::Reader};

/// A slow call whose body is complete and which was authorized.
#[derive(Debug)]
pub(crate) struct SlowCall {
    pub(crate) server: Arc<Shared>,
    pub(crate) line: Arc<Line>,
    pub(crate) entry: Arc<Entry>,
    pub(crate) method: &'static Method,
    pub(crate) header: Header,
    pub(crate) call: Call,
    pub(crate) body: Vec<u8>,
    pub(crate) reply_bytes_max: usize,
    pub(crate) received: Instant,
    /// Keeps `body` counted.
    pub(crate) memory: Option<Reservation>,
}

impl SlowCall {
    /// Bytes of the request.
    pub(crate) fn bytes(&self) -> usize {
        bytes_of(&self.header)
    }

    fn end(served: &Served<'_>, line: &Line, server: &Shared, reply: &[u8]) {
        server.call_ended(line, served, Instant::now(), reply.len());
        line.slow_ends(bytes_of(served.header), reply);
    }
}

/// Bytes of a frame.
pub(crate) fn bytes_of(header: &Header) -> usize {
    usize::try_from(header.length).unwrap_or(usize::MAX).saturating_add(Header::BYTES)
}

impl Job for SlowCall {
    fn run(self: Box<Self>) {
        if self.call.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
            return self.refuse(Refusal::new(Status::DEADLINE_BEFORE_START));
        }
        let Self { server, line, entry, method, header, call, body, reply_bytes_max, received, memory } = *self;
        let call = Rc::new(call);
        let mut reply = Vec::new();
        let status = append_reply(&mut reply, &header, reply_bytes_max, |out| {
            run_in(&call, || entry.dispatch.dispatch(method, Reader::new(&body, server.limits.decode()), out))
        });
        drop((call, body, memory));
        Self::end(&Served { header: &header, method: Some(method), status, received }, &line, &server, &reply);
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        let mut reply = Vec::new();
        let status = append_refusal(&mut reply, &self.header, &refusal);
        let served = Served { header: &self.header, method: Some(self.method), status, received: self.received };
        Self::end(&served, &self.line, &self.server, &reply);
    }
}
