//! A blocking RPC framework: write a trait, put an attribute on it, call it over a socket.
//!
//! ```
//! use rpc_core::{Channel, Result, Server};
//!
//! #[rpc_core::service(id = 1, name = "greeter", open)]
//! trait Greeter {
//!     #[rpc(opcode = 1, idempotent)]
//!     fn greet(&self, name: &str) -> Result<String, std::convert::Infallible>;
//! }
//!
//! struct Polite;
//!
//! impl Greeter for Polite {
//!     fn greet(&self, name: &str) -> Result<String, std::convert::Infallible> {
//!         Ok(format!("Good morning, {name}!"))
//!     }
//! }
//!
//! let server = Server::builder().service(GreeterDispatch::new(Polite)).bind("127.0.0.1:0")?;
//! let greeter = GreeterClient::new(Channel::connect(&server.address().to_string())?);
//! assert_eq!(greeter.greet("Ada")?, "Good morning, Ada!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # One call, from the stub to the handler and back
//!
//! `greeter.greet("Ada")` appends a frame to what the connection is about to write ([`Channel`]): a header of sixteen bytes,
//! then the arguments as tagged fields ([`tlv`]).
//!
//! ```text
//! 05 00 00 00  01 00 00 00  01 00  01 00  02    00     00 00    0c        03     41 64 61
//! length       call id      svc    opcode kind  flags  status   tag 1     length "Ada"
//!                                         req.                  SHORT
//! ```
//!
//! The thread that waits for the reply reads the socket itself ([`transport`]). On the other side a thread of the
//! connection ([`Server`]) finds the opcode in the service's table ([`Dispatch`]), asks whether the call may run
//! ([`Authorize`]), decodes the fields, and calls the handler, which may ask who is calling ([`call()`]). The value goes back
//! as field 1 of a reply with the same call id; if there is none, a [`Status`] says why, and whether the call ran
//! ([`Outcome`]). One call that fails fails alone: the connection and its neighbours go on.
//!
//! Modules stand in reading order: each uses only those above it, but for the errors, which carry what failed below.
//! `docs/protocol.md` has every byte, `docs/architecture.md` the map.
#![forbid(unsafe_code)]

extern crate self as rpc_core; // so that this crate's own messages can use the derive

pub use rpc_macros::AppError;
#[doc = include_str!("message.md")]
pub use rpc_macros::Message;
#[doc = include_str!("service.md")]
pub use rpc_macros::service;

mod opcode;
pub use opcode::{Opcode, ServiceId};

mod status;
pub use status::Status;

mod error;
pub use error::{AppError, Error, Outcome, Refusal, Result, TlsError, TransportError, TransportErrorKind};

mod descriptor;
pub use descriptor::{Field, Method, Retry, Service, Shape};

pub mod tlv;

pub mod frame;

mod limits;
pub use limits::{Limit, LimitError, Limits};

pub mod transport;
pub use transport::Peer;

mod call;
pub use call::{Call, Credential, call};

mod request;
pub use request::{Output, Request};

mod dispatch;
pub use dispatch::{Authorize, Dispatch};

pub mod test;

mod channel;
pub use channel::{CallOptions, Channel, ChannelBuilder, MockTransport, Pending, Recorded, RequestKey};

pub mod dump;

mod server;
pub use server::{
    CallEnded, CloseReason, ConnectionId, Cut, DrainReport, Observer, RefuseReason, Running, Server, ServerBuilder,
    StartError,
};

#[doc(hidden)]
pub mod private;
