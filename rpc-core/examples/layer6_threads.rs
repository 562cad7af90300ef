//! Layer 6: a thread per client. A server that answers one client after the other is held up by whoever is slow; with a
//! thread each, nobody waits for anybody else.
//!
//! One client sends half of its question and falls silent; nine others ask. The same is played twice.
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a program that teaches stops where its own expectation is wrong"
)]

#[path = "layers/stage.rs"]
mod stage;

use std::{
    io::{BufRead, BufReader, ErrorKind, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

const OTHERS: usize = 9;
/// How long the nine wait together while the slow one is silent: an answer on loopback takes a thousandth of it.
const GIVE_UP: Duration = Duration::from_secs(1);

fn main() {
    stage::play(7106, bind, |(one, _)| one.local_addr().expect("a bound socket"), server, client);
}

/// Two doors: one served without threads, and on the next port one with.
fn bind(place: SocketAddr) -> (TcpListener, TcpListener) {
    for _ in 0..100 {
        let one = TcpListener::bind(place).expect("a free port");
        let next = one.local_addr().expect("a bound socket").port().wrapping_add(1);
        if let Ok(two) = TcpListener::bind(SocketAddr::new(place.ip(), next)) {
            return (one, two);
        }
    }
    panic!("no two free ports in a row");
}

fn server((one, two): (TcpListener, TcpListener)) {
    stage::part("server", "Without threads, the questions in the order of their answers:");
    for stream in one.incoming().take(OTHERS + 1) {
        answer(stream.expect("a client"));
    }
    stage::part("server", "With a thread per client:");
    thread::scope(|scope| {
        for stream in two.incoming().take(OTHERS + 1) {
            let stream = stream.expect("a client");
            // A server on a network bounds its threads and its patience; this one has ten clients and ends.
            scope.spawn(move || answer(stream));
        }
    });
}

/// Reads one line, answers it.
fn answer(mut stream: TcpStream) {
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    let mut question = String::new();
    BufReader::new(&stream).read_line(&mut question).expect("a question");
    stage::dump("server", question.as_bytes(), "a whole question");
    stream.write_all(b"14.5\n").expect("a client that listens");
}

fn client(server: SocketAddr) {
    stage::part("client", "Without threads:");
    let answered = play(server);
    stage::say("client", format!("{answered} of {OTHERS} were answered while the slow one was silent"));
    stage::part("client", "With a thread per client:");
    let answered = play(SocketAddr::new(server.ip(), server.port().wrapping_add(1)));
    stage::say("client", format!("{answered} of {OTHERS} were answered while the slow one was silent"));
    stage::hurts(
        "framing, syntax, errors, limits and threads are written again for each question: a trait should be enough",
    );
}

/// How many of the nine get their answer while the slow client is silent. All get it in the end.
fn play(server: SocketAddr) -> usize {
    let mut slow = connect(server);
    slow.write_all(b"average of 221").expect("a server that reads");
    let mut others: Vec<TcpStream> = (0..OTHERS).map(|_| connect(server)).collect();
    for other in &mut others {
        other.write_all(b"average of 22104567\n").expect("a server that reads");
    }
    let end = Instant::now() + GIVE_UP;
    let left = || end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)); // none at all is no timeout
    let waiting: Vec<TcpStream> = others.into_iter().filter(|other| !has_answer(other, left())).collect();
    let answered = OTHERS - waiting.len();
    slow.write_all(b"04568\n").expect("a server that reads");
    assert!(has_answer(&slow, stage::PATIENCE), "the slow one is answered at last");
    assert!(waiting.iter().all(|other| has_answer(other, stage::PATIENCE)), "and so is everyone behind");
    answered
}

fn connect(server: SocketAddr) -> TcpStream {
    TcpStream::connect(server).expect("a server: start it first")
}

fn has_answer(stream: &TcpStream, patience: Duration) -> bool {
    stream.set_read_timeout(Some(patience)).expect("a timeout above zero");
    let mut answer = String::new();
    match BufReader::new(stream).read_line(&mut answer) {
        Ok(_) => answer == "14.5\n",
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
        Err(error) => panic!("loopback broke: {error}"),
    }
}
