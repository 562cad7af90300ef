//! Calls and connections in the log: who, which method, how it ended, how long it took. Never a body, a credential or a key.

use rpc_core::{CallEnded, CloseReason, ConnectionId, Observer, Outcome, Peer, RefuseReason, Status};

/// Writes what the server observes to the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallLog;

impl Observer for CallLog {
    fn call_ended(&self, call: &CallEnded) {
        let method = call.method.map_or("unknown", |method| method.name);
        let (status, micros) = (call.status, call.elapsed.as_micros());
        // What the caller can't explain is the operator's business; the rest is for whoever looks for it.
        if status.outcome() == Outcome::MaybeExecuted || status == Status::UNAVAILABLE {
            tracing::error!(peer = %call.peer, method, %status, micros, "a call failed");
        } else {
            let (bytes_in, bytes_out) = (call.bytes_in, call.bytes_out);
            tracing::debug!(peer = %call.peer, method, %status, micros, bytes_in, bytes_out, "call");
        }
    }

    fn connection_opened(&self, connection: ConnectionId, peer: Peer) {
        tracing::debug!(connection = connection.0, %peer, "connected");
    }

    fn connection_closed(&self, connection: ConnectionId, peer: Peer, reason: CloseReason) {
        tracing::debug!(connection = connection.0, %peer, ?reason, "disconnected");
    }

    fn connection_refused(&self, peer: Option<Peer>, reason: RefuseReason) {
        let peer = peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
        tracing::warn!(%peer, ?reason, "a connection was refused");
    }
}
