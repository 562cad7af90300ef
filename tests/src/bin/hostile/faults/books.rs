//! A server that keeps books: it serves every method of the grades services with an answer that means nothing, and writes down
//! which calls its handlers ran.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use grades_api::{AccountsClient, AccountsError, GradesClient, GradesError};
use parking_lot::{Condvar, Mutex};
use rpc_core::{
    Call, CloseReason, ConnectionId, Dispatch, Limits, Method, Observer, Peer, Refusal, Running, Server, Service,
    Shape, Status, call,
    tlv::{Reader, Writer, encode_value},
};

use super::Executed;

/// The keys of the executions of each call, by its trace: none for a call without a key.
type Ran = HashMap<[u8; 16], Vec<Option<[u8; 16]>>>;

/// The server and its books.
pub(super) struct Books {
    running: Running,
    ran: Arc<Mutex<Ran>>,
    /// Whether nobody may call anything.
    refusing: Arc<AtomicBool>,
    begun: Arc<Count>,
    ended: Arc<Count>,
}

/// How many connections have come to this point.
#[derive(Default)]
pub(super) struct Count {
    count: Mutex<u64>,
    changed: Condvar,
}

/// What takes longer hangs.
const HANG: Duration = Duration::from_secs(30);

impl Books {
    pub(super) fn open() -> Self {
        Self::with(Limits::new())
    }

    /// With bounds of its own.
    pub(super) fn with(limits: Limits) -> Self {
        let (ran, begun, ended) = (Arc::<Mutex<Ran>>::default(), Arc::default(), Arc::default());
        let refusing = Arc::new(AtomicBool::new(false));
        let ledger = |service| Ledger { service, ran: Arc::clone(&ran), refusing: Arc::clone(&refusing) };
        let running = Server::builder()
            .limits(limits)
            .service(ledger(&AccountsClient::SERVICE))
            .service(ledger(&GradesClient::SERVICE))
            .observer(Watch { begun: Arc::clone(&begun), ended: Arc::clone(&ended) })
            .bind("127.0.0.1:0")
            .expect("a free port");
        Self { running, ran, refusing, begun, ended }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// From now on nobody may call anything.
    pub(super) fn refuse(&self) {
        self.refusing.store(true, Ordering::SeqCst);
    }

    /// Connections that the server has accepted.
    pub(super) fn begun(&self) -> Arc<Count> {
        Arc::clone(&self.begun)
    }

    /// Connections that have ended: nothing that came over them can run any more.
    pub(super) fn ended(&self) -> &Count {
        &self.ended
    }

    /// What ran for the call with this trace.
    pub(super) fn executed(&self, trace: [u8; 16]) -> Executed {
        let ran = self.ran.lock();
        let keys = ran.get(&trace).map(Vec::as_slice).unwrap_or_default();
        let mut distinct = keys.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        Executed { times: keys.len(), keys: distinct.len() }
    }
}

impl Count {
    fn add(&self) {
        *self.count.lock() += 1;
        self.changed.notify_all();
    }

    /// Waits until so many have.
    pub(super) fn wait_for(&self, connections: u64) {
        let mut count = self.count.lock();
        while *count < connections {
            let late = self.changed.wait_for(&mut count, HANG).timed_out();
            assert!(!late, "only {count} of {connections} connections have come so far");
        }
    }
}

struct Watch {
    begun: Arc<Count>,
    ended: Arc<Count>,
}

impl Observer for Watch {
    fn connection_opened(&self, _: ConnectionId, _: Peer) {
        self.begun.add();
    }

    fn connection_closed(&self, _: ConnectionId, _: Peer, _: CloseReason) {
        self.ended.add();
    }
}

/// One service, whose methods all do nothing but be written down.
struct Ledger {
    service: &'static Service,
    ran: Arc<Mutex<Ran>>,
    refusing: Arc<AtomicBool>,
}

impl Dispatch for Ledger {
    fn service(&self) -> &'static Service {
        self.service
    }

    fn is_public(&self, _: &'static Method) -> bool {
        false
    }

    fn authorize(&self, _: &'static Method, _: &mut Call) -> Result<(), Refusal> {
        if self.refusing.load(Ordering::SeqCst) { Err(Refusal::forbidden()) } else { Ok(()) }
    }

    fn dispatch(&self, method: &'static Method, _: Reader<'_>, reply: &mut Writer<'_>) -> Result<Status, Refusal> {
        let call = call();
        self.ran.lock().entry(call.trace().expect("every call has a trace")).or_default().push(call.key());
        match (method.reply)() {
            // Nothing, or a list of nothing, has an empty body.
            Shape::List(_) | Shape::Message("()", _) => return Ok(Status::OK),
            _ if self.service.id == AccountsClient::SERVICE.id => encode_value(reply, &AccountsError::NotFound),
            _ => encode_value(reply, &GradesError::NotFound),
        }
        Ok(Status::APP)
    }
}
