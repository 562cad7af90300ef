//! Someone who guesses, on one connection at a time; losing it is part of the game.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use rpc_core::Status;
use tests::RawPeer;

use crate::crowd::{self, ACCOUNTS, LOGIN};

/// Far above what any answer takes: a flood makes a login wait for 2 s at most.
const ANSWER_MAX: Duration = Duration::from_secs(30);

pub(super) struct Guesser {
    number: usize,
    address: String,
    stream: Option<TcpStream>,
}

/// What a guess came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Verdict {
    /// The name or the password is wrong: it was judged.
    Wrong,
    /// Too many failures of late: it was not judged.
    Later,
    /// The server has too much to do.
    Overloaded,
    /// No connection, or none any more.
    NoConnection,
    /// Whatever else; nothing else may come.
    Other(Status),
    /// Nothing at all.
    Nothing,
}

impl Guesser {
    pub(super) fn new(number: usize, address: &str) -> Self {
        Self { number, address: address.to_owned(), stream: None }
    }

    /// Tries one name with a password that nobody has.
    pub(super) fn guess(&mut self, name: &str) -> Verdict {
        match self.try_to_guess(name) {
            Ok(verdict) => verdict,
            Err(error) => {
                self.stream = None;
                match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Verdict::Nothing,
                    _ => Verdict::NoConnection,
                }
            }
        }
    }

    fn try_to_guess(&mut self, name: &str) -> io::Result<Verdict> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(greeted(self.number, &self.address)?),
        };
        let body = [RawPeer::text(1, name), RawPeer::text(2, "eleven herons by the weir")].concat();
        stream.write_all(&RawPeer::request(1, ACCOUNTS, LOGIN, None, &body))?;
        let (kind, status, body) = frame(stream)?;
        if kind != REPLY {
            return Err(io::ErrorKind::ConnectionAborted.into()); // a goodbye
        }
        Ok(match status {
            // Field 1 is the number of the method's own error.
            Status::APP if body.get(1) == Some(&BAD_CREDENTIALS) => Verdict::Wrong,
            Status::APP if body.get(1) == Some(&TRY_LATER) => Verdict::Later,
            Status::OVERLOADED => Verdict::Overloaded,
            other => Verdict::Other(other),
        })
    }
}

const REPLY: u8 = 3;
const BAD_CREDENTIALS: u8 = 1;
const TRY_LATER: u8 = 2;

fn greeted(number: usize, address: &str) -> io::Result<TcpStream> {
    let mut stream = crowd::connect(number, address)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_nodelay(true)?;
    stream.write_all(&RawPeer::hello())?;
    match frame(&mut stream)? {
        (_, Status::OK, _) => Ok(stream),
        _ => Err(io::ErrorKind::ConnectionRefused.into()),
    }
}

/// Kind, status and body of the next frame.
fn frame(stream: &mut TcpStream) -> io::Result<(u8, Status, Vec<u8>)> {
    let mut header = [0; 16];
    stream.read_exact(&mut header)?;
    let [a, b, c, d, .., kind, _, low, high] = header;
    let mut body = vec![0; usize::try_from(u32::from_le_bytes([a, b, c, d])).expect("32 bits fit")];
    stream.read_exact(&mut body)?;
    Ok((kind, Status(u16::from_le_bytes([low, high])), body))
}
