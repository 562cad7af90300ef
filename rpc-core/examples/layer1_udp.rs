//! Layer 1: a byte array over UDP. A datagram arrives whole or not at all, perhaps twice, perhaps late.
//!
//! A lossy shim shows it. Then the smallest cure: one bit that alternates, an acknowledgement that repeats it, and sending
//! again until it comes (the alternating-bit protocol: Bartlett, Scantlebury, Wilkinson, CACM 12(5), 1969).
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a program that teaches stops where its own expectation is wrong"
)]

#[path = "layers/stage.rs"]
mod stage;

use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

const MARK: &[u8] = b"22104567 14.5 2";
const BARE: u8 = b'B'; // a datagram begins with what it is
const NUMBERED: u8 = b'N';
const ACKNOWLEDGEMENT: u8 = b'A';
const END: u8 = b'E';
/// With this seed each half of the story meets everything that the link does.
const SEED: u32 = 143;
/// Longer than loopback takes on a busy machine, short enough to watch.
const RESEND_AFTER: Duration = Duration::from_secs(1);
/// After five seconds nobody is there.
const TRIES_MAX: u32 = 5;

fn main() {
    stage::play(7101, bind, |socket| socket.local_addr().expect("a bound socket"), server, client);
}

fn bind(place: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind(place).expect("a free port");
    socket.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    socket
}

/// Prints what arrives; acknowledges what is numbered, and takes it once.
fn server(socket: UdpSocket) {
    let (mut expected, mut taken) = (0, 0);
    let mut buffer = [0; 64];
    stage::part("server", "What arrives:");
    loop {
        let (length, from) = socket.recv_from(&mut buffer).expect("a client");
        let datagram = &buffer[..length];
        match datagram {
            [BARE, ..] => stage::dump("server", datagram, "arrived bare"),
            [NUMBERED, number, ..] => {
                let news = *number == expected;
                stage::dump("server", datagram, if news { "taken" } else { "seen before: only acknowledged again" });
                if news {
                    expected ^= 1;
                    taken += 1;
                }
                socket.send_to(&[ACKNOWLEDGEMENT, *number], from).expect("loopback takes a datagram");
            }
            [END, ..] => break,
            _ => {}
        }
    }
    stage::say("server", format!("took {taken} of 5 numbered datagrams, each once"));
}

fn client(server: SocketAddr) {
    stage::part("client", "Bare: five datagrams are sent over a link that loses, doubles and reorders.");
    let mut link = LossyLink::new(server, SEED);
    for number in 1..=5 {
        link.send(&[&[BARE, b'0' + number], MARK].concat());
    }
    stage::part("client", "Mended: the same five, numbered 0 1 0 1 0, each sent until it is acknowledged.");
    for turn in 0..5_u8 {
        let number = turn % 2;
        let datagram = [&[NUMBERED, number], MARK].concat();
        let mut tries = 1;
        link.send(&datagram);
        while !link.acknowledges(number) {
            assert!(tries < TRIES_MAX, "nobody acknowledges: start the server first");
            tries += 1;
            link.send(&datagram);
        }
        let noun = if tries == 1 { "try" } else { "tries" };
        stage::say("client", format!("datagram {turn} acknowledged after {tries} {noun}"));
    }
    link.socket.send_to(&[END], server).expect("loopback takes a datagram");
    stage::hurts("each datagram waits for the one before, and is at most 64 KiB; a stream does better: TCP");
}

/// A link that loses, doubles and reorders, always in the same way for a seed.
struct LossyLink {
    socket: UdpSocket,
    server: SocketAddr,
    random: u32,
    held_back: Option<Vec<u8>>,
}

impl LossyLink {
    fn new(server: SocketAddr, seed: u32) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.set_read_timeout(Some(RESEND_AFTER)).expect("a timeout above zero");
        Self { socket, server, random: seed, held_back: None }
    }

    fn send(&mut self, datagram: &[u8]) {
        // Why these constants: the generator of Numerical Recipes, enough for a die.
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match (self.random >> 24) % 8 {
            0 | 1 => stage::dump("client", datagram, "sent, and the link loses it"),
            2 => {
                stage::dump("client", datagram, "sent, and the link doubles it");
                self.put(datagram);
                self.put(datagram);
            }
            3 if self.held_back.is_none() => {
                stage::dump("client", datagram, "sent, and the link holds it back");
                self.held_back = Some(datagram.to_vec());
                return;
            }
            _ => {
                stage::dump("client", datagram, "sent");
                self.put(datagram);
            }
        }
        if let Some(late) = self.held_back.take() {
            self.put(&late);
        }
    }

    fn put(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.server).expect("loopback takes a datagram");
    }

    /// Whether the acknowledgement of `number` comes in time. Another one is late news of the datagram before.
    fn acknowledges(&self, number: u8) -> bool {
        let mut buffer = [0; 2];
        loop {
            match self.socket.recv_from(&mut buffer) {
                Ok(_) if buffer == [ACKNOWLEDGEMENT, number] => return true,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return false,
                Err(error) => panic!("loopback broke: {error}"),
            }
        }
    }
}
