//! Layer 2: a byte array over TCP. Nothing is lost, doubled or reordered any more; but a stream has no messages. Three
//! writes arrive as one read or as five, cut anywhere. A length before each message gives the messages back.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a program that teaches stops where its own expectation is wrong"
)]

#[path = "layers/stage.rs"]
mod stage;

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

const MARKS: [&[u8]; 3] = [b"22104567 14.5 2", b"22104568 9 1", b"22104569 ABS 2"];
/// A message may have this many bytes: the peer chooses the length, so it is checked before anything is allocated.
const MESSAGE_BYTES_MAX: usize = 1024;

fn main() {
    stage::play(7102, bind, |listener| listener.local_addr().expect("a bound socket"), server, client);
}

fn bind(place: SocketAddr) -> TcpListener {
    TcpListener::bind(place).expect("a free port")
}

fn server(listener: TcpListener) {
    let (mut stream, _) = listener.accept().expect("a client");
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    stage::part("server", "Without framing: what each read gives.");
    let mut buffer = [0; 24];
    let mut left: usize = MARKS.iter().map(|mark| mark.len()).sum();
    // Waits until all is there, so that the picture is the same each time; a network cuts where it likes.
    while stream.peek(&mut [0; 64]).expect("bytes of the client") < left {}
    while left > 0 {
        let room = left.min(buffer.len());
        let length = stream.read(&mut buffer[..room]).expect("bytes of the client");
        stage::dump("server", &buffer[..length], "one read: where does a mark end?");
        left -= length;
    }
    stream.write_all(b"!").expect("a client that listens");
    stage::part("server", "With framing: what the reader gets.");
    while let Some(message) = read_message(&mut stream).expect("messages of the client") {
        stage::dump("server", &message, "one message");
    }
    stage::say("server", "end of the stream between two messages: a clean end");
}

fn client(server: SocketAddr) {
    let mut stream = TcpStream::connect(server).expect("a server: start it first");
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    stage::part("client", "Without framing: three writes.");
    for mark in MARKS {
        stage::dump("client", mark, "one write");
        stream.write_all(mark).expect("a server that reads");
    }
    stream.read_exact(&mut [0]).expect("the server's word that it has read all");
    stage::part("client", "With framing: a length of four bytes before each message.");
    for mark in MARKS {
        let message = [&u32::try_from(mark.len()).expect("a short mark").to_be_bytes(), mark].concat();
        stage::dump("client", &message, "length, then the bytes");
        // Cut in two on purpose: the reader must not care.
        let (head, tail) = message.split_at(7);
        stream.write_all(head).and_then(|()| stream.write_all(tail)).expect("a server that reads");
    }
    drop(stream);
    stage::hurts(
        "the bytes are still only bytes: both sides must agree what they mean, down to the order of each number's bytes",
    );
}

/// The next message, or `None` where the stream ends between two. An end inside a message is an error.
fn read_message(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let first = loop {
        match stream.read(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if first == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut length[first..])?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MESSAGE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a message over the limit: nothing was allocated"));
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message)?;
    Ok(Some(message))
}
