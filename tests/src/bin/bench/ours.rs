//! Our rows: the generated stub against the server, the same payload as `raw`.

use std::{
    collections::VecDeque,
    convert::Infallible,
    time::{Duration, Instant},
};

use rpc_core::{Channel, Limits, Pending, Result, Server, transport::Waiting};

use crate::{
    process::Row,
    sample::Sample,
    scenario::{ECHO_BYTES, WINDOW, hold, one_by_one, pipelined, together},
};

/// What a marks service is asked most: 60 bytes of payload there, 8 back.
#[rpc_core::service(id = 0x42, name = "bench", open)]
trait Bench {
    /// Adds a mark.
    #[rpc(opcode = 1)]
    fn add_grade(
        &self,
        session: &[u8; 16],
        promotion: u64,
        student: u64,
        value: f64,
        coefficient: f64,
        label: &str,
    ) -> Result<u64, Infallible>;

    /// Gives the bytes back.
    #[rpc(opcode = 2)]
    fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Infallible>;
}

struct Handler;

impl Bench for Handler {
    fn add_grade(
        &self,
        session: &[u8; 16],
        promotion: u64,
        student: u64,
        value: f64,
        coefficient: f64,
        label: &str,
    ) -> Result<u64, Infallible> {
        // Every field is read, so that nothing is optimised away.
        let sum = value + coefficient + f64::from(session[0]);
        Ok(promotion ^ student ^ sum.to_bits() ^ label.len() as u64)
    }

    fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Infallible> {
        Ok(bytes.to_vec())
    }
}

/// Starts a server and returns its port.
pub(crate) fn start(waiting: Waiting) -> u16 {
    let limits = Limits::new()
        .with_body_bytes_max(2 << 20)
        .and_then(|limits| limits.with_guests_max(4_096))
        .and_then(|limits| limits.with_connections_per_source_max(4_096))
        .expect("limits in range");
    let server = Server::builder().service(BenchDispatch::new(Handler)).limits(limits).waiting(waiting);
    let running = server.bind("127.0.0.1:0").expect("a free port");
    let port = running.address().port();
    std::mem::forget(running); // serves until the process ends
    port
}

fn connect(row: Row, port: u16) -> BenchClient {
    let waiting = if row == Row::OursBlock { Waiting::Block } else { Waiting::Adaptive };
    BenchClient::new(Channel::builder().waiting(waiting).connect(&format!("127.0.0.1:{port}")).expect("a server"))
}

const SESSION: [u8; 16] = [7; 16];

fn call(client: &BenchClient) {
    client.add_grade(&SESSION, 1, 2, 14.5, 2.0, "TP reseau 01").expect("an answer");
}

pub(crate) fn latency(row: Row, port: u16, time: Duration) -> Sample {
    let client = connect(row, port);
    one_by_one(time, || call(&client))
}

pub(crate) fn connections(row: Row, port: u16, count: usize, time: Duration) -> Sample {
    together(count, time, |_| {
        let client = connect(row, port);
        move || call(&client)
    })
}

pub(crate) fn threads(row: Row, port: u16, count: usize, time: Duration) -> Sample {
    let client = connect(row, port);
    together(count, time, |_| {
        let client = client.clone();
        move || call(&client)
    })
}

/// One call is awaited and one started, so that the window stays full.
pub(crate) fn pipeline(row: Row, port: u16, time: Duration) -> Sample {
    let client = connect(row, port);
    let start = || client.start_add_grade(&SESSION, 1, 2, 14.5, 2.0, "TP reseau 01");
    let mut window: VecDeque<Pending<u64, Infallible>> = (0..WINDOW).map(|_| start()).collect();
    pipelined(time, || {
        window.pop_front().expect("a full window").wait().expect("an answer");
        window.push_back(start());
        1
    })
}

pub(crate) fn echo(row: Row, port: u16, time: Duration) -> Sample {
    let client = connect(row, port);
    let bytes = vec![1; ECHO_BYTES];
    one_by_one(time, || assert_eq!(client.echo(&bytes).expect("an answer").len(), ECHO_BYTES))
}

pub(crate) fn idle(row: Row, port: u16, count: usize) -> Sample {
    let began = Instant::now();
    let clients: Vec<BenchClient> = (0..count).map(|_| connect(row, port)).collect();
    for client in &clients {
        call(client);
    }
    hold(clients, began)
}
