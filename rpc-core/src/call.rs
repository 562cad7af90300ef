//! The call that this thread is serving: peer, credential, caller, deadline, request key. A thread-local is sound here
//! because a call is a thread; so a trait's methods need no context parameter, and a stub can implement the same trait.
//!
//! The server reuses one `Call` for all calls of a connection: once warm, a call allocates nothing here.

use std::{
    any::Any,
    cell::RefCell,
    fmt,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{Method, Opcode, Peer, ServiceId, frame::Metadata};

/// What a call keeps of the copy of a request for the next one; a server counts no buffer of so many bytes.
const COPY_BYTES_KEPT: usize = 64 << 10;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Call>>> = const { RefCell::new(None) };
}

/// The call that this thread is serving; outside of a dispatch, [`Call::local`].
#[must_use]
pub fn call() -> Rc<Call> {
    current().unwrap_or_else(|| Rc::new(Call::local()))
}

/// The call that this thread is serving, if it is serving one.
pub(crate) fn current() -> Option<Rc<Call>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs `f` as a part of `call`: inside it, [`call`] answers with this one.
pub(crate) fn run_in<R>(call: &Rc<Call>, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Rc<Call>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(Some(Rc::clone(call))));
    f()
}

/// What a handler and an authorizer may know of a call.
pub struct Call {
    peer: Peer,
    method: Option<&'static Method>,
    deadline: Option<Instant>,
    key: Option<[u8; 16]>,
    trace: Option<[u8; 16]>,
    credential: Option<Vec<u8>>,
    /// Service, opcode and body as they came; only with a request key.
    request: Vec<u8>,
    /// What the authorizer found. The box of the call before is kept, to be written again.
    caller: Option<Box<dyn Any + Send>>,
    /// Whether `caller` belongs to this call. Invariant: nobody reads `caller` while it does not.
    caller_is_known: bool,
    /// Set when a drain has come to its end; the server's handle writes it.
    stopped: Option<Arc<AtomicBool>>,
}

/// What a call carries to prove who calls. Does not show itself in `Debug`.
#[derive(Clone, Copy)]
pub struct Credential<'a>(&'a [u8]);

impl Call {
    /// A call that came from no peer: what a handler sees when it is called as a plain function.
    #[must_use]
    pub const fn local() -> Self {
        Self::idle(Peer::Local, None)
    }

    /// A call that `peer` has yet to make.
    pub(crate) const fn idle(peer: Peer, stopped: Option<Arc<AtomicBool>>) -> Self {
        Self {
            peer,
            method: None,
            deadline: None,
            key: None,
            trace: None,
            credential: None,
            request: Vec::new(),
            caller: None,
            caller_is_known: false,
            stopped,
        }
    }

    /// Who made the connection.
    #[must_use]
    pub const fn peer(&self) -> Peer {
        self.peer
    }

    /// The method that is called; none in a local call.
    #[must_use]
    pub const fn method(&self) -> Option<&'static Method> {
        self.method
    }

    /// The service that is called; 0 in a local call.
    #[must_use]
    pub fn service(&self) -> ServiceId {
        self.method.map_or(ServiceId(0), |method| method.service)
    }

    /// The opcode that is called; 0 in a local call.
    #[must_use]
    pub fn opcode(&self) -> Opcode {
        self.method.map_or(Opcode(0), |method| method.opcode)
    }

    /// What the call carries to prove who calls.
    #[must_use]
    pub fn credential(&self) -> Option<Credential<'_>> {
        self.credential.as_deref().map(Credential)
    }

    /// What the authorizer found, if it is of this type.
    #[must_use]
    pub fn caller<C: Any>(&self) -> Option<&C> {
        if !self.caller_is_known {
            return None;
        }
        self.caller.as_deref()?.downcast_ref()
    }

    /// When the caller stops waiting; none in a local call.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long the caller still waits; none in a local call.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the answer is of no use any more: the deadline has passed, or a drain has come to its end.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.stopped.as_ref().is_some_and(|stopped| stopped.load(Ordering::Relaxed))
            || self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Names the call over all its attempts: the bytes of its [`RequestKey`](crate::RequestKey). A channel sends one with each
    /// call of a keyed method; a local call has none.
    #[must_use]
    pub const fn key(&self) -> Option<[u8; 16]> {
        self.key
    }

    /// The request as it came, to tell it from another one with the same key: service and opcode (u16 each), then the
    /// body. Only a call with a request key has it; it is empty for others.
    #[must_use]
    pub fn request_bytes(&self) -> &[u8] {
        &self.request
    }

    /// The trace that the call belongs to; calls that it makes carry it on.
    #[must_use]
    pub const fn trace(&self) -> Option<[u8; 16]> {
        self.trace
    }

    /// The same call from `peer`: for tests.
    #[must_use]
    pub fn with_peer(self, peer: Peer) -> Self {
        Self { peer, ..self }
    }

    /// The same call with what an authorizer would have found: for tests.
    #[must_use]
    pub fn with_caller<C: Any + Send>(mut self, caller: C) -> Self {
        self.set_caller(caller);
        self
    }

    /// The same call with a credential: for tests.
    #[must_use]
    pub fn with_credential(self, credential: &[u8]) -> Self {
        Self { credential: Some(credential.to_vec()), ..self }
    }

    /// The same call, of `method`: for tests.
    #[must_use]
    pub fn with_method(self, method: &'static Method) -> Self {
        Self { method: Some(method), ..self }
    }

    /// The same call with a deadline: for tests.
    #[must_use]
    pub fn with_deadline(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// The same call with a request key and the bytes of its request: for tests.
    #[must_use]
    pub fn with_key(self, key: [u8; 16], request: &[u8]) -> Self {
        Self { key: Some(key), request: request.to_vec(), ..self }
    }

    /// Makes this the call of `method`, before its body is there.
    pub(crate) fn begin(&mut self, method: &'static Method, metadata: &Metadata<'_>, deadline: Instant) {
        self.method = Some(method);
        self.deadline = Some(deadline);
        self.key = metadata.request_key;
        self.trace = metadata.trace_id;
        self.caller_is_known = false;
        match (metadata.credential, &mut self.credential) {
            (None, credential) => *credential = None,
            (Some(bytes), None) => self.credential = Some(bytes.to_vec()),
            (Some(bytes), Some(credential)) => {
                credential.clear();
                credential.extend_from_slice(bytes);
            }
        }
    }

    /// Keeps the request's bytes if the handler may want to compare them.
    pub(crate) fn keep_request(&mut self, body: &[u8]) {
        if self.key.is_some() {
            self.request.extend_from_slice(&self.service().0.to_le_bytes());
            self.request.extend_from_slice(&self.opcode().0.to_le_bytes());
            self.request.extend_from_slice(body);
        }
    }

    /// Lets go of those bytes when the handler has ended: from here on nobody counts them.
    pub(crate) fn forget_request(&mut self) {
        self.request.clear();
        self.request.shrink_to(COPY_BYTES_KEPT);
    }

    /// Gives memory back that a large request took.
    pub(crate) fn shrink(&mut self) {
        self.request = Vec::new();
    }

    /// Says who calls. A box of the same type is written again instead of allocated.
    pub(crate) fn set_caller<C: Any + Send>(&mut self, caller: C) {
        match self.caller.as_deref_mut().and_then(|known| known.downcast_mut::<C>()) {
            Some(known) => *known = caller,
            None => self.caller = Some(Box::new(caller)),
        }
        self.caller_is_known = true;
    }
}

impl<'a> Credential<'a> {
    /// The bytes, for whoever checks them.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("peer", &self.peer)
            .field("method", &self.method.map(|method| method.name))
            .field("deadline", &self.deadline)
            .field("key", &self.key)
            .field("credential", &self.credential())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Retry, tlv::Encode as _};

    static METHOD: Method = Method {
        service: ServiceId(2),
        opcode: Opcode(3),
        name: "method",
        retry: Retry::Keyed,
        slow: false,
        deadline: None,
        access: "",
        arguments: &[],
        reply: u64::shape,
        error: u64::shape,
    };

    #[test]
    fn the_copy_of_a_large_request_goes_with_its_call_and_that_of_a_small_one_is_written_over() {
        let mut call = Call::idle(Peer::Memory, None);
        let keyed = Metadata { request_key: Some([1; 16]), ..Metadata::default() };
        for (bytes, kept) in [(COPY_BYTES_KEPT - 4, COPY_BYTES_KEPT), (1 << 20, COPY_BYTES_KEPT)] {
            call.begin(&METHOD, &keyed, Instant::now());
            call.keep_request(&vec![7; bytes]);
            assert_eq!(call.request_bytes().len(), bytes + 4);
            call.forget_request();
            assert_eq!((call.request_bytes().len(), call.request.capacity()), (0, kept));
        }
    }
}
