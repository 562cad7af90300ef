//! A blocking RPC framework: write a trait, put an attribute on it, call it over a socket.
//!
//! Modules stand in reading order: each uses only those above it.
#![forbid(unsafe_code)]

extern crate self as rpc_core; // so that this crate's own messages can use the derive

pub use rpc_macros::{AppError, Message};

#[doc = include_str!("service.md")]
pub use rpc_macros::service;

mod opcode;
pub use opcode::{Opcode, ServiceId};

mod status;
pub use status::Status;

mod error;
pub use error::{AppError, Error, Outcome, Refusal, Result, TransportError, TransportErrorKind};

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
