//! From an opcode to a handler: what `…Dispatch` types implement, and who decides whether a call may run.

use crate::{
    Call, Method, Refusal, Service, Status,
    tlv::{Reader, Writer},
};

/// The server's half of a service, written by the attribute: a table of opcodes in front of a handler.
pub trait Dispatch: Send + Sync + 'static {
    /// The numbers and names of the service.
    fn service(&self) -> &'static Service;

    /// Whether `method` may be called without a session: its body is then held to the smaller limit, and a call of it
    /// does not count as signing in.
    fn is_public(&self, method: &'static Method) -> bool;

    /// Decides, from header and metadata alone, whether the call may run; stores what it found as the caller.
    ///
    /// # Errors
    /// The call may not run.
    fn authorize(&self, method: &'static Method, call: &mut Call) -> Result<(), Refusal>;

    /// Decodes the body, runs the handler, encodes its value or its own error as field 1 of the reply.
    /// The status is [`Status::OK`] or [`Status::APP`].
    ///
    /// # Errors
    /// The call ended with a status of the framework.
    fn dispatch(&self, method: &'static Method, body: Reader<'_>, reply: &mut Writer<'_>) -> Result<Status, Refusal>;
}

/// Decides who may call a method; `A` is the type that the service's `access` names.
pub trait Authorize<A>: Send + Sync + 'static {
    /// What is known of a caller that passed, for [`Call::caller`].
    type Caller: Send + 'static;

    /// Decides from the credential in `call`. Runs before the body is read.
    ///
    /// # Errors
    /// [`Refusal::unauthenticated`], [`Refusal::forbidden`], or another status of the 0x01xx group.
    fn authorize(&self, call: &Call, access: A) -> Result<Self::Caller, Refusal>;

    /// Whether a method with this rule may be called without a session. Its body is then held to
    /// [`public_body_bytes_max`](crate::Limits::public_body_bytes_max), 4 KiB unless set, since anyone can send one; and calling it is no
    /// signing in: a connection that calls only such methods is closed after [`sign_in_wait`](crate::Limits::sign_in_wait), and its
    /// channel connects again with the next call. A service without sessions is `open`, and has neither bound.
    fn is_public(&self, access: &A) -> bool;
}
