//! Layer 7: the same service as a trait. Nothing here frames, orders bytes, matches replies to requests or starts a thread:
//! the attribute writes a client that implements the trait by calling, and a dispatch table that answers with a handler.
//!
//! `--expand` prints what the attribute wrote. A transport in the middle keeps a copy of the bytes, so that the frames can
//! be shown.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a program that teaches stops where its own expectation is wrong"
)]

#[path = "layers/stage.rs"]
mod stage;
#[path = "layers/tap.rs"]
mod tap;

use std::{
    collections::HashMap,
    env,
    error::Error,
    fmt,
    net::SocketAddr,
    sync::{Mutex, mpsc},
};

use rpc_core::{
    AppError, Channel, CloseReason, ConnectionId, Message, Observer, Peer, Running, Server,
    transport::{Deadline, TcpTransport, Waiting},
};

/// What can be asked about marks.
#[rpc_core::service(id = 7, name = "marks", open)]
trait Marks {
    /// Adds a mark; gives how many the student has now.
    #[rpc(opcode = 1)]
    fn add_mark(&self, student: u32, mark: Mark) -> rpc_core::Result<u32, MarksError>;

    /// The mean, in hundredths, rounded down.
    #[rpc(opcode = 2, idempotent)]
    fn average(&self, student: u32) -> rpc_core::Result<u32, MarksError>;
}

/// A mark out of 20, and what it counts. Hundredths, because a float is not exact.
#[derive(Clone, Copy, Debug, Message)]
struct Mark {
    #[tag(1)]
    hundredths: u32,
    #[tag(2)]
    coefficient: u32,
}

/// Why a question about marks has no answer.
#[derive(Clone, Copy, Debug, AppError)]
enum MarksError {
    /// Nobody has given this number a mark.
    #[tag(1)]
    UnknownStudent,
}

impl Error for MarksError {}

impl fmt::Display for MarksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no marks are known for this student")
    }
}

/// The handler: an object in memory, as if there were no network.
#[derive(Default)]
struct Book(Mutex<HashMap<u32, Vec<Mark>>>);

impl Marks for Book {
    fn add_mark(&self, student: u32, mark: Mark) -> rpc_core::Result<u32, MarksError> {
        let mut marks = self.0.lock().expect("no handler panics");
        let of_student = marks.entry(student).or_default();
        of_student.push(mark);
        Ok(u32::try_from(of_student.len()).expect("few marks"))
    }

    fn average(&self, student: u32) -> rpc_core::Result<u32, MarksError> {
        let marks = self.0.lock().expect("no handler panics");
        let marks = marks.get(&student).ok_or(MarksError::UnknownStudent)?;
        let sum: u32 = marks.iter().map(|mark| mark.hundredths * mark.coefficient).sum();
        Ok(sum / marks.iter().map(|mark| mark.coefficient).sum::<u32>())
    }
}

fn main() {
    if env::args().nth(1).as_deref() == Some("--expand") {
        // A test of `rpc-macros` holds this file equal to what the attribute makes of the trait above.
        print!("{}", include_str!("layers/snapshots/marks.rs"));
        return;
    }
    stage::play(7107, bind, |(running, _)| running.address(), server, client);
}

/// Tells when a client has gone, so that this program ends as the other layers do; a server would go on.
struct Gone(mpsc::Sender<()>);

impl Observer for Gone {
    fn connection_closed(&self, _: ConnectionId, _: Peer, _: CloseReason) {
        // Nobody waits any more once the first client has gone.
        let _ended = self.0.send(());
    }
}

fn bind(place: SocketAddr) -> (Running<SocketAddr>, mpsc::Receiver<()>) {
    let (send, gone) = mpsc::channel();
    let server = Server::builder().service(MarksDispatch::new(Book::default())).observer(Gone(send));
    (server.bind(place).expect("a free port"), gone)
}

fn server((_running, gone): (Running<SocketAddr>, mpsc::Receiver<()>)) {
    gone.recv().expect("a client that comes and goes");
    stage::part("server", "The client has gone; the handler never saw a byte.");
}

fn client(server: SocketAddr) {
    let deadline = Deadline::after(stage::PATIENCE);
    let transport = TcpTransport::connect(server, deadline, Waiting::Adaptive).expect("a server: start it first");
    let tap = tap::Tap::default();
    let marks = MarksClient::new(Channel::over(tap.listen(transport)));

    let mark = Mark { hundredths: 1450, coefficient: 2 };
    let count = marks.add_mark(22_104_567, mark);
    tap.show(&MarksClient::SERVICE);
    stage::part("client", &format!("add_mark(22104567, 14.50 ×2) answered {count:?}"));

    let refused = marks.average(1);
    tap.show(&MarksClient::SERVICE);
    stage::part("client", &format!("average(1) answered {refused:?}"));

    stage::part("client", "The same code with and without a network:");
    let local = Book::default();
    local.add_mark(22_104_567, mark).expect("a handler that takes a mark");
    for (place, marks) in [("local", &local as &dyn Marks), ("remote", &marks)] {
        stage::say("client", format!("{place}: the mean is {:?}", marks.average(22_104_567)));
    }
    tap.show(&MarksClient::SERVICE);
    stage::hurts(
        "a call may fail where a function can't; each error says whether it ran. Who may call is the service's to say",
    );
}
