//! Layer 4: structured data as JSON text over TCP. Readable without its syntax at hand, self-describing, and every field
//! has a name; paid for in bytes, in work, and in things that the text leaves open (RFC 8259 §4, §6).
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a program that teaches stops where its own expectation is wrong"
)]

#[path = "layers/stage.rs"]
mod stage;

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

use serde_json::{Value, json};

/// The texts that JSON leaves open, and what is doubtful about each.
const DOUBTFUL: [(&str, &str); 4] = [
    (r#"{"value": 14.10}"#, "a decimal that binary floating point can't hold"),
    (r#"{"student": 9007199254740993}"#, "2^53 + 1: many readers keep every number as a double"),
    (r#"{"value": 14, "value": 4}"#, "a name twice: first, last, or refuse?"),
    (r#"{"session": "ZXhhbXBsZQ=="}"#, "bytes have no type: text? base64? hexadecimal?"),
];

fn main() {
    stage::play(7104, bind, |listener| listener.local_addr().expect("a bound socket"), server, client);
}

fn bind(place: SocketAddr) -> TcpListener {
    TcpListener::bind(place).expect("a free port")
}

/// Answers each line with what was understood. A line a message: JSON text itself never needs a newline.
fn server(listener: TcpListener) {
    let (mut stream, _) = listener.accept().expect("a client");
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    let lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    for line in lines {
        let line = line.expect("text of the client");
        let answer = match serde_json::from_str::<Value>(&line) {
            Ok(value) => json!({ "understood": value }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(stream, "{answer}").expect("a client that listens");
    }
}

fn client(server: SocketAddr) {
    let mut stream = TcpStream::connect(server).expect("a server: start it first");
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    let mut answers = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut ask = |text: &str| {
        writeln!(stream, "{text}").expect("a server that reads");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("an answer");
        answer.trim_end().to_owned()
    };

    stage::part("client", "A mark as text:");
    let mark = json!({ "student": 22_104_567, "value": 14.5, "coefficient": 2 });
    let text = mark.to_string();
    stage::dump("client", text.as_bytes(), &text);
    stage::say("answer", ask(&text));
    let binary = 8 + 4 + 4; // u64 student, u32 value in ten-thousandths, u32 coefficient in hundredths
    stage::say("client", format!("{} bytes of text for {binary} bytes of numbers", text.len()));

    stage::part("client", "A field more, and an old reader still reads; a mistake is named with its place:");
    stage::say("answer", ask(r#"{"student": 22104567, "value": 14.5, "coefficient": 2, "label": "TP"}"#));
    stage::say("answer", ask(r#"{"student": 22104567, "value": 14,5}"#));

    stage::part("client", "What the text leaves open, and what this reader makes of it:");
    for (text, doubt) in DOUBTFUL {
        stage::say("client", format!("{text}: {doubt}"));
        stage::say("answer", ask(text));
    }
    stage::hurts("text is long and slow, numbers are doubtful; and a tree can't say that two links lead to one object");
}
