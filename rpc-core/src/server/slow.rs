//! A call of a slow method on its way through the pool: it owns all that it needs, since its connection goes on.

use std::{rc::Rc, sync::Arc, time::Instant};

use super::{
    line::InFlight,
    memory::Reservation,
    pool::Job,
    reply::{append_refusal, append_reply},
    shared::{Entry, Served, Shared},
};
use crate::{
    Call, Method, Refusal, Status,
    call::run_in,
    frame::Header,
    tlv::{Buffer, Reader},
};

/// A slow call whose body is complete and which was authorized.
#[derive(Debug)]
pub(crate) struct SlowCall {
    pub(crate) server: Arc<Shared>,
    pub(crate) in_flight: InFlight,
    pub(crate) entry: Arc<Entry>,
    pub(crate) method: &'static Method,
    pub(crate) header: Header,
    pub(crate) call: Call,
    pub(crate) body: Vec<u8>,
    pub(crate) reply_bytes_max: usize,
    pub(crate) received: Instant,
    /// Keeps `body` counted.
    pub(crate) memory: Reservation,
}

impl SlowCall {
    /// The connection may end as soon as `in_flight` does: by then nothing of the server may be held here.
    fn end(served: &Served<'_>, in_flight: InFlight, server: Arc<Shared>, reply: &[u8]) {
        server.call_ended(in_flight.line(), served, Instant::now(), reply.len());
        drop(server);
        in_flight.line().post(reply);
        drop(in_flight);
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
        let Self { server, in_flight, entry, method, header, call, body, reply_bytes_max, received, memory } = *self;
        let call = Rc::new(call);
        let mut reply = Buffer::new();
        let status = append_reply(&mut reply, None, &header, reply_bytes_max, |out| {
            let body = Reader::new(&body, server.limits.decode());
            let ended = run_in(&call, || entry.dispatch.dispatch(method, body, out));
            drop(call); // here, since what the authorizer found may panic when it goes
            ended
        });
        drop((body, memory, entry));
        Self::end(&Served { header: &header, method: Some(method), status, received }, in_flight, server, &reply);
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        let Self { server, in_flight, entry, method, header, received, .. } = *self;
        drop(entry);
        let mut reply = Buffer::new();
        let status = append_refusal(&mut reply, &header, &refusal);
        Self::end(&Served { header: &header, method: Some(method), status, received }, in_flight, server, &reply);
    }
}
