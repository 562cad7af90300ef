//! Our rows: the generated stub against the server, the same payload as `raw`.

use std::{collections::VecDeque, convert::Infallible};

use rpc_core::{Channel, LimitError, Limits, Pending, Server, transport::Waiting};

use crate::{
    bench_service::{Bench as _, BenchClient, BenchDispatch, Handler},
    row::Row,
    run::{Run, Sample},
    scenario::Kind,
};

/// Ours as it comes.
pub(crate) const OURS: Row =
    Row { name: "ours", serve: |_| start(Waiting::Adaptive), call: |run| call(run, Waiting::Adaptive) };

/// Ours without looking before blocking.
pub(crate) const BLOCK: Row =
    Row { name: "ours-block", serve: |_| start(Waiting::Block), call: |run| call(run, Waiting::Block) };

fn start(waiting: Waiting) -> u16 {
    let limits = limits().expect("limits in range");
    let server = Server::builder().service(BenchDispatch::new(Handler)).limits(limits).waiting(waiting);
    let running = server.bind("127.0.0.1:0").expect("a free port");
    let port = running.address().port();
    std::mem::forget(running); // serves until the process ends
    port
}

/// Bytes: as large as limits go.
const LARGEST: u32 = 64 << 20;

/// The defaults, but for as many connections from here and as large messages as a scenario may ask for.
fn limits() -> Result<Limits, LimitError> {
    let largest = LARGEST as usize;
    Limits::new()
        .with_body_bytes_max(largest)?
        .with_reply_bytes_max(largest)?
        .with_heap_bytes_max(largest)?
        .with_window_bytes_max(largest)?
        .with_guests_max(8_000)?
        .with_connections_max(8_000)?
        .with_connections_per_source_max(8_000)
}

fn connect(run: &Run, waiting: Waiting) -> BenchClient {
    let address = format!("127.0.0.1:{}", run.port);
    BenchClient::new(Channel::builder().waiting(waiting).reply_bytes_max(LARGEST).connect(&address).expect("a server"))
}

const SESSION: [u8; 16] = [7; 16];

/// What the handler makes of the mark below.
const ADDED: u64 = 1 ^ 2 ^ (14.5 + 2.0 + SESSION[0] as f64).to_bits() ^ 12;

fn add(client: &BenchClient) {
    assert_eq!(client.add_grade(&SESSION, 1, 2, 14.5, 2.0, "TP reseau 01"), Ok(ADDED));
}

fn call(run: &Run, waiting: Waiting) -> Option<Sample> {
    let client = connect(run, waiting);
    let amount = run.scenario.amount;
    let clients = || (0..amount).map(|_| connect(run, waiting));
    Some(match run.scenario.kind {
        Kind::Free | Kind::Same | Kind::Split => run.one_by_one(|| add(&client)),
        Kind::Pipeline => pipeline(run, &client, amount),
        Kind::Threads => run.together((0..amount).map(|_| || add(&client)).collect()),
        Kind::Connections => run.together(clients().map(|client| move || add(&client)).collect()),
        Kind::Echo => {
            let bytes = vec![1; amount];
            run.one_by_one(|| assert_eq!(client.echo(&bytes).expect("an answer").len(), amount))
        }
        Kind::Idle => run.hold(clients().inspect(add).collect()),
        _ => return None,
    })
}

/// One call is awaited and one started, so that the window stays full.
fn pipeline(run: &Run, client: &BenchClient, window: usize) -> Sample {
    let start = || client.start_add_grade(&SESSION, 1, 2, 14.5, 2.0, "TP reseau 01");
    let mut window: VecDeque<Pending<u64, Infallible>> = (0..window).map(|_| start()).collect();
    run.in_flight(|| {
        assert_eq!(window.pop_front().expect("a full window").wait(), Ok(ADDED));
        window.push_back(start());
        1
    })
}
