//! The floor: sockets, a thread per connection, a u32 length before each body. The same bytes of payload as ours, no tags, no
//! opcodes, no limits, no errors. The server reads all that is there and answers it with one write.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Condvar, Mutex},
    thread,
};

use rpc_core::transport::{Deadline, TcpTransport, Transport, Wait, Waiting, write_all};

use crate::{
    row::Row,
    run::{Run, Sample},
    scenario::Kind,
};

/// Blocking sockets.
pub(crate) const RAW: Row = Row { name: "raw", serve: |_| start(None), call: |run| call(run, None) };

/// The same with our waiting strategy.
pub(crate) const ADAPTIVE: Row = Row {
    name: "raw-adaptive",
    serve: |_| start(Some(Waiting::Adaptive)),
    call: |run| call(run, Some(Waiting::Adaptive)),
};

/// 16-byte session, two ids, two numbers, a 12-character label.
const REQUEST_BYTES: usize = 60;
const REPLY_BYTES: usize = 8;
/// The first byte of a body says what it asks for: a mark, or its own bytes back.
const ADD: u8 = 0;
const ECHO: u8 = 1;

/// A connected stream of bytes, blocking or waiting as ours does.
trait Wire: Send + Sync {
    fn read(&self, buffer: &mut [u8]) -> usize;
    fn write(&self, bytes: &[u8]);
}

impl Wire for TcpStream {
    fn read(&self, buffer: &mut [u8]) -> usize {
        (&mut &*self).read(buffer).unwrap_or(0)
    }

    fn write(&self, bytes: &[u8]) {
        (&mut &*self).write_all(bytes).expect("a peer that reads");
    }
}

impl Wire for TcpTransport {
    fn read(&self, buffer: &mut [u8]) -> usize {
        Transport::read(self, buffer, Wait::Until(Deadline::NEVER)).unwrap_or(0)
    }

    fn write(&self, bytes: &[u8]) {
        write_all(self, bytes, Deadline::NEVER).expect("a peer that reads");
    }
}

/// A stream that blocks, or waits in our way.
fn wire(stream: TcpStream, waiting: Option<Waiting>) -> Box<dyn Wire> {
    stream.set_nodelay(true).expect("a socket");
    match waiting {
        Some(waiting) => Box::new(TcpTransport::new(stream, waiting).expect("a socket")),
        None => Box::new(stream),
    }
}

fn start(waiting: Option<Waiting>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("a bound socket").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let wire = wire(stream.expect("a connection"), waiting);
            thread::spawn(move || answer(&*wire));
        }
    });
    port
}

fn answer(wire: &dyn Wire) {
    let mut input = Input::new();
    let mut replies = Vec::new();
    while input.fill(wire) {
        while let Some(body) = input.next() {
            match body[0] {
                ECHO => append(&mut replies, body),
                _ => append(&mut replies, &[7; REPLY_BYTES]),
            }
        }
        if !replies.is_empty() {
            wire.write(&replies);
            replies.clear();
        }
    }
}

fn append(out: &mut Vec<u8>, body: &[u8]) {
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(body);
}

/// Bytes that have come, and the bodies in them.
struct Input {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    fn new() -> Self {
        Self { buffer: vec![0; 16 << 10], start: 0, end: 0 }
    }

    fn fill(&mut self, wire: &dyn Wire) -> bool {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if let Some(length) = self.length() {
            self.buffer.resize(self.buffer.len().max(length + 4), 0);
        }
        let read = wire.read(&mut self.buffer[self.end..]);
        self.end += read;
        read > 0
    }

    fn length(&self) -> Option<usize> {
        self.buffer[self.start..self.end].first_chunk().map(|length| u32::from_le_bytes(*length) as usize)
    }

    fn next(&mut self) -> Option<&[u8]> {
        let length = self.length()?;
        let body = self.start + 4;
        (body + length <= self.end).then(|| {
            self.start = body + length;
            &self.buffer[body..body + length]
        })
    }
}

/// One connection of a client.
struct Client {
    wire: Box<dyn Wire>,
    input: Input,
    request: Vec<u8>,
    reply_bytes: usize,
}

impl Client {
    fn connect(run: &Run, waiting: Option<Waiting>) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, run.port)).expect("a server");
        let mut request = Vec::new();
        let reply_bytes = match run.scenario.kind {
            Kind::Echo => {
                append(&mut request, &vec![ECHO; run.scenario.amount]);
                run.scenario.amount
            }
            _ => {
                append(&mut request, &[ADD; REQUEST_BYTES]);
                REPLY_BYTES
            }
        };
        Self { wire: wire(stream, waiting), input: Input::new(), request, reply_bytes }
    }

    fn receive(&mut self) -> usize {
        assert!(self.input.fill(&*self.wire), "the server has gone");
        let mut replies = 0;
        while let Some(reply) = self.input.next() {
            assert_eq!(reply.len(), self.reply_bytes);
            replies += 1;
        }
        replies
    }

    fn call(&mut self) {
        self.wire.write(&self.request);
        while self.receive() == 0 {}
    }
}

fn call(run: &Run, waiting: Option<Waiting>) -> Option<Sample> {
    let mut client = Client::connect(run, waiting);
    let amount = run.scenario.amount;
    let clients = || (0..amount).map(|_| Client::connect(run, waiting));
    Some(match run.scenario.kind {
        Kind::Free | Kind::Same | Kind::Split | Kind::Echo => run.one_by_one(|| client.call()),
        Kind::Pipeline => pipeline(run, client, amount),
        Kind::Threads => threads(run, client, amount),
        Kind::Connections => run.together(clients().map(|mut client| move || client.call()).collect()),
        Kind::Idle => run.hold(
            clients()
                .map(|mut client| {
                    client.call();
                    client
                })
                .collect(),
        ),
        _ => return None,
    })
}

/// Keeps a window full: as many new requests in one write as replies came with one read.
fn pipeline(run: &Run, mut client: Client, window: usize) -> Sample {
    let mut batch = Vec::new();
    let mut replies = window;
    run.in_flight(|| {
        batch.clear();
        for _ in 0..replies {
            batch.extend_from_slice(&client.request);
        }
        client.wire.write(&batch);
        replies = client.receive();
        replies
    })
}

/// Threads that share one connection: a reader thread hands out replies in order, and whoever finds nobody writing writes
/// all that has gathered.
fn threads(run: &Run, client: Client, count: usize) -> Sample {
    let Client { wire, mut input, request, .. } = client;
    let (wire, request): (&dyn Wire, &[u8]) = (Box::leak(wire), request.leak());
    let shared: &Shared = Box::leak(Box::new(Shared::new(count)));
    thread::spawn(move || {
        while input.fill(wire) {
            while input.next().is_some() {
                let caller = shared.waiting.lock().unwrap().pop_front().expect("a caller");
                shared.slots[caller].hand();
            }
        }
    });
    let callers = (0..count).map(|caller| {
        move || {
            shared.send(caller, request, wire);
            shared.slots[caller].take();
        }
    });
    run.together(callers.collect())
}

struct Shared {
    gathered: Mutex<(Vec<u8>, bool)>,
    waiting: Mutex<std::collections::VecDeque<usize>>,
    slots: Vec<Slot>,
}

#[derive(Default)]
struct Slot {
    full: Mutex<bool>,
    handed: Condvar,
}

impl Slot {
    fn hand(&self) {
        *self.full.lock().unwrap() = true;
        self.handed.notify_one();
    }

    fn take(&self) {
        let mut full = self.full.lock().unwrap();
        while !*full {
            full = self.handed.wait(full).unwrap();
        }
        *full = false;
    }
}

impl Shared {
    fn new(count: usize) -> Self {
        Self {
            gathered: Mutex::default(),
            waiting: Mutex::default(),
            slots: (0..count).map(|_| Slot::default()).collect(),
        }
    }

    fn send(&self, caller: usize, request: &[u8], wire: &dyn Wire) {
        {
            let mut gathered = self.gathered.lock().unwrap();
            gathered.0.extend_from_slice(request);
            self.waiting.lock().unwrap().push_back(caller);
            if gathered.1 {
                return;
            }
            gathered.1 = true;
        }
        // Yielding once lets others add to the same write: the raw row is given its best.
        thread::yield_now();
        loop {
            let bytes = {
                let mut gathered = self.gathered.lock().unwrap();
                if gathered.0.is_empty() {
                    gathered.1 = false;
                    return;
                }
                std::mem::take(&mut gathered.0)
            };
            wire.write(&bytes);
        }
    }
}
