//! The server as a peer sees it, with bytes spoken by hand: a service to call, and a client that knows only the protocol.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow panics, and a test that panics has failed")]

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use parking_lot::Mutex;

use super::{CallEnded, CloseReason, ConnectionId, Observer, RefuseReason, Running, Server, ServerBuilder};
use crate::{
    Error, Limits, Opcode, Peer, ServiceId, Status,
    frame::{CallId, ClientHello, FrameKind, Header, HeaderFlags, Metadata, VERSION},
    transport::{Deadline, TcpTransport, Transport, Waiting, watched::watched_pair, write_all},
};

mod batches;
mod client;
mod connection;
mod edges;
mod ends;
mod hostile;
mod isolation;
mod limits;
mod memory;
mod observer;
mod probe;
mod requests;
mod short_waits;
mod slow;

use client::{Client, GOOD, TEXT_OVERHEAD, Told, number, text, told};
use probe::{Guard, Handler, Nest, Probe as _, ProbeClient, ProbeDispatch, Seen};

/// What the observer saw.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Opened(ConnectionId),
    Closed(ConnectionId, CloseReason),
    Refused(Option<Peer>, RefuseReason),
    Call { opcode: u16, method: Option<&'static str>, status: Status, bytes_in: usize, bytes_out: usize },
}

struct Watch(Mutex<Sender<Event>>);

impl Watch {
    fn saw(&self, event: Event) {
        // The test may be over.
        let _told = self.0.lock().send(event);
    }
}

impl Observer for Watch {
    fn call_ended(&self, call: &CallEnded) {
        let CallEnded { opcode: Opcode(opcode), method, status, bytes_in, bytes_out, .. } = *call;
        self.saw(Event::Call { opcode, method: method.map(|method| method.name), status, bytes_in, bytes_out });
    }

    fn connection_opened(&self, connection: ConnectionId, _: Peer) {
        self.saw(Event::Opened(connection));
    }

    fn connection_closed(&self, connection: ConnectionId, _: Peer, reason: CloseReason) {
        self.saw(Event::Closed(connection, reason));
    }

    fn connection_refused(&self, peer: Option<Peer>, reason: RefuseReason) {
        self.saw(Event::Refused(peer, reason));
    }
}

/// A server with the probe, and what is needed to steer and watch it.
struct Bench {
    running: Running<()>,
    events: Receiver<Event>,
    /// Each message lets one call through the gate.
    gate: Sender<()>,
    at_gate: Receiver<Seen>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Limits::new())
    }

    fn with(limits: Limits) -> Self {
        let (saw, events) = channel();
        Self { events, ..Self::build(limits, |server| server.observer(Watch(Mutex::new(saw)))) }
    }

    /// A server that nobody observes.
    fn unobserved(limits: Limits) -> Self {
        Self::build(limits, |server| server)
    }

    fn build(limits: Limits, observe: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Self {
        let ((gate, passes), (told, at_gate)) = (channel(), channel());
        let handler = Handler { gate: Mutex::new(passes), at_gate: Mutex::new(told) };
        let server = Server::builder().service(ProbeDispatch::new(handler, Guard)).limits(limits);
        let running = observe(server).start().unwrap();
        Self { running, events: channel().1, gate, at_gate }
    }

    /// A client that has not said a word.
    fn connect(&self) -> Client {
        Client::over(Box::new(self.running.connect()))
    }

    /// A client that has said hello and heard it.
    fn greet(&self) -> Client {
        let mut client = self.connect();
        client.greet();
        client
    }

    /// Waits for an event of this shape, skipping others.
    fn until<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.events.recv_timeout(LONG).expect("the event never came")) {
                return found;
            }
        }
    }

    /// Waits for a call to stand at the gate.
    fn arrived(&self) -> Seen {
        self.at_gate.recv_timeout(LONG).expect("no call came to the gate")
    }

    fn close_reason(&self) -> CloseReason {
        self.until(|event| match event {
            Event::Closed(_, reason) => Some(*reason),
            _ => None,
        })
    }
}

/// Longer than any test takes; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(30);
