//! TLS as a transport: calls through it, certificates that are refused, handshakes that end anywhere, and records that
//! have no room.

use std::{convert::Infallible, time::Duration};

use rpc_core::{
    Channel, Error, Outcome, Result, Running, Server, ServerBuilder, TlsError, TransportErrorKind,
    transport::{Deadline, TlsClient, TlsServer},
};

mod calls;
mod certificates;
mod handshake;
mod records;
mod refusals;

use certificates::{Authority, Identity};

#[rpc_core::service(id = 0x46, name = "echo", open)]
trait Echo: Send + Sync {
    #[rpc(opcode = 1, idempotent)]
    fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Infallible>;
}

struct Wall;

impl Echo for Wall {
    fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Infallible> {
        Ok(bytes.to_vec())
    }
}

fn server() -> ServerBuilder {
    Server::builder().service(EchoDispatch::new(Wall))
}

/// A server whose certificate is for `localhost` and 127.0.0.1.
fn start(authority: &Authority) -> Running {
    server().bind_tls("127.0.0.1:0", authority.server()).unwrap()
}

fn connect(tls: TlsClient, server: &Running) -> std::result::Result<EchoClient, rpc_core::TransportError> {
    Channel::builder().tls(tls).connect(&server.address().to_string()).map(EchoClient::new)
}

/// Nothing here waits on purpose: whoever comes near it hangs.
fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}
