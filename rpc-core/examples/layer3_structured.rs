//! Layer 3: structured data over TCP. The abstract value (an IPv4 address is an array of four integers) and its concrete
//! bytes are two things; a syntax for the bytes, and an order for each number's bytes, join them.
//!
//! The IPv6 address (RFC 4291 §2.1: eight numbers of 16 bits) is the exercise. Its solution stands in the two arms `V6`.
//! Empty both before you read them, write your own, and ask the test at the end of this file:
//! `cargo test -p rpc-core --example layer3_structured`. Two things decide: how many bytes a number of 16 bits has, and
//! which of them goes first.
#![allow(clippy::expect_used, reason = "a program that teaches stops where its own expectation is wrong")]

#[path = "layers/stage.rs"]
mod stage;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

/// The abstract value: what a program thinks in.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    V4([u8; 4]),
    V6([u16; 8]),
}

/// The concrete syntax: `kind` (1 byte), then as many bytes as the kind says, each number's high byte first.
mod concrete {
    pub(crate) const V4: u8 = 4;
    pub(crate) const V6: u8 = 6;
}

impl Address {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::V4(numbers) => [&[concrete::V4], numbers.as_slice()].concat(),
            Self::V6(numbers) => {
                let bytes = numbers.iter().flat_map(|number| number.to_be_bytes());
                [concrete::V6].into_iter().chain(bytes).collect()
            }
        }
    }

    fn read(stream: &mut impl Read) -> Self {
        let mut kind = [0];
        stream.read_exact(&mut kind).expect("a kind");
        match kind[0] {
            concrete::V4 => {
                let mut numbers = [0; 4];
                stream.read_exact(&mut numbers).expect("four bytes");
                Self::V4(numbers)
            }
            concrete::V6 => {
                let mut numbers = [0; 8];
                for number in &mut numbers {
                    let mut pair = [0; 2];
                    stream.read_exact(&mut pair).expect("two bytes");
                    *number = u16::from_be_bytes(pair);
                }
                Self::V6(numbers)
            }
            other => panic!("kind {other} is none of this syntax"),
        }
    }
}

fn main() {
    stage::play(7103, bind, |listener| listener.local_addr().expect("a bound socket"), server, client);
}

fn bind(place: SocketAddr) -> TcpListener {
    TcpListener::bind(place).expect("a free port")
}

fn server(listener: TcpListener) {
    let (mut stream, _) = listener.accept().expect("a client");
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    stage::part("server", "The abstract values again:");
    for _ in 0..2 {
        stage::say("server", format!("{:?}", Address::read(&mut stream)));
    }
    stage::part("server", "Four bytes, read in two orders:");
    let mut number = [0; 4];
    stream.read_exact(&mut number).expect("four bytes");
    stage::say("server", format!("high byte first: {}", u32::from_be_bytes(number)));
    stage::say("server", format!("low byte first:  {}", u32::from_le_bytes(number)));
}

fn client(server: SocketAddr) {
    let mut stream = TcpStream::connect(server).expect("a server: start it first");
    stage::part("client", "Abstract values, and the concrete bytes of each:");
    for address in [Address::V4([192, 168, 0, 10]), Address::V6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])] {
        stage::say("client", format!("{address:?}"));
        let bytes = address.encode();
        stage::dump("client", &bytes, "kind, numbers");
        stream.write_all(&bytes).expect("a server that reads");
    }
    stage::part("client", "A number of more than one byte:");
    let number: u32 = 14_500;
    stage::dump("client", &number.to_be_bytes(), "14500, high byte first");
    stream.write_all(&number.to_be_bytes()).expect("a server that reads");
    stage::hurts("every new field changes the syntax for everyone at once, and nobody can read the bytes without it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_survives_the_trip() {
        let address = Address::V6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
        let bytes = address.encode();
        assert_eq!(bytes.len(), 17);
        assert_eq!(Address::read(&mut bytes.as_slice()), address);
    }
}
