//! Measures what each layer costs for the same "add a mark": bytes on the wire and microseconds a call, between two
//! processes on loopback. Prints JSON; `tests/layers` makes the report's table and plot of it.
//!
//! `layer_prices [ROUNDS [CALLS]]`. A further layer is a function that serves, one that calls, and a line in each of the two lists.
//! The figures mean something in a release build on a quiet machine.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a measurement that fails stops, and its peer is its own"
)]

#[path = "layer_prices/identity.rs"]
mod identity;
#[path = "layer_prices/layers.rs"]
mod layers;

use std::{
    env,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use layers::{CALLERS, SERVERS};
use tests::{Price, Prices};

/// One call, giving the number of the new mark and how many bytes crossed the socket, request and reply together.
type Caller = Box<dyn FnMut() -> (u32, u64)>;

const ROUNDS: usize = 21;
const CALLS: usize = 2_000;
/// Calls before the first round: connections stand, caches are warm, waiting has adjusted itself.
const WARM_UP: usize = 500;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().map(String::as_str) == Some("serve") {
        return serve();
    }
    let number = |at: usize, usual| arguments.get(at).map_or(usual, |text: &String| text.parse().expect("a number"));
    print!("{}", measure(number(0, ROUNDS), number(1, CALLS)).to_json());
}

/// The server process: every layer on a port of its own, until standard input ends. It begins with the server's identity.
fn serve() {
    identity::receive(&mut io::stdin().lock());
    for start in SERVERS {
        println!("{}", start());
    }
    drop(io::stdin().read_line(&mut String::new())); // whatever ends it
}

fn measure(rounds: usize, calls: usize) -> Prices {
    let program = env::current_exe().expect("the path of this program");
    let mut server = Command::new(program)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a second process");
    identity::send(server.stdin.as_mut().expect("stdin is piped"));
    let printed = BufReader::new(server.stdout.take().expect("stdout is piped"));
    let addresses: Vec<SocketAddr> =
        printed.lines().take(SERVERS.len()).map(|line| line.expect("a line").parse().expect("an address")).collect();
    let mut layers: Vec<(&str, Caller)> =
        CALLERS.iter().zip(&addresses).map(|((name, connect), address)| (*name, connect(*address))).collect();
    for (_, call) in &mut layers {
        for _ in 0..WARM_UP {
            call();
        }
    }
    let mut medians = vec![Vec::new(); layers.len()];
    for _ in 0..rounds {
        for ((_, call), medians) in layers.iter_mut().zip(&mut medians) {
            let mut times: Vec<f64> = (0..calls).map(|_| micros(call)).collect();
            medians.push(median(&mut times));
        }
    }
    let layers = layers.iter_mut().zip(&mut medians).map(|((name, call), medians)| {
        let median = median(medians); // sorts them
        let (best, worst) = (medians[0], medians[medians.len() - 1]);
        Price { layer: (*name).to_owned(), bytes: call().1, median, best, worst }
    });
    let layers = layers.collect();
    drop(server.stdin.take());
    server.wait().expect("a child can be waited for");
    let processors = thread::available_parallelism().expect("a count of processors").get() as u64;
    Prices { rounds: rounds as u64, calls: calls as u64, processors, layers }
}

fn micros(call: &mut Caller) -> f64 {
    let begin = Instant::now();
    call();
    begin.elapsed().as_secs_f64() * 1e6
}

/// The one in the middle; the slice is sorted afterwards.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
