//! Peers in numbers: where they come from, what they are told, and those that take nothing in.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use rpc_core::Status;
use socket2::{Domain, Socket, Type};
use tests::RawPeer;

/// Peers that one source address is given: half of what a server takes from one.
const PER_SOURCE: usize = 256;
/// A peer that is told nothing for so long is told nothing. Shorter than the 5 s after which a silent one is cut, since the
/// server must not look as if it answered when it only gave up.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// The address that the peer of this number comes from.
pub(crate) fn source(number: usize) -> Ipv4Addr {
    let [.., third, fourth] = u32::try_from(number / PER_SOURCE + 256).expect("fewer than 2^24 peers").to_be_bytes();
    Ipv4Addr::new(127, 0, third, fourth)
}

/// Whether this process, and so a server that it starts, may have so many connections (proc_pid_limits(5)).
pub(crate) fn may_have(connections: usize) -> bool {
    /// For everything that is no connection.
    const BESIDE: usize = 64;
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("a line of this name");
    let soft = line.split_whitespace().next().expect("a soft limit");
    soft.parse::<usize>().map_or(soft == "unlimited", |descriptors| descriptors >= connections + BESIDE)
}

/// Connects the peer of this number.
pub(crate) fn connect(number: usize, address: &str) -> io::Result<TcpStream> {
    Ok(from(number)?.connect_to(address)?.into())
}

/// Connects a peer whose socket takes in next to nothing: what it does not read waits in the server soon.
pub(crate) fn connect_narrow(number: usize, address: &str) -> io::Result<TcpStream> {
    let socket = from(number)?;
    socket.set_recv_buffer_size(1)?; // the kernel's least
    socket.set_tcp_mss(536)?; // small segments, so that the server's socket gets a small buffer too
    Ok(socket.connect_to(address)?.into())
}

/// A peer that has signed in with a session, by the call that asks who one is.
pub(crate) fn sign_in(stream: TcpStream, session: &[u8; 32]) -> RawPeer {
    let mut peer = RawPeer::over(stream);
    peer.greet();
    let reply = peer.call(ACCOUNTS, WHOAMI, Some(session), &[]);
    assert_eq!(Status(reply.status), Status::OK, "{reply:?}");
    peer
}

pub(crate) const ACCOUNTS: u16 = 0x41;
pub(crate) const LOGIN: u16 = 1;
pub(crate) const WHOAMI: u16 = 3;

fn from(number: usize) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((source(number), 0)).into())?;
    Ok(socket)
}

trait ConnectTo: Sized {
    fn connect_to(self, address: &str) -> io::Result<Self>;
}

impl ConnectTo for Socket {
    fn connect_to(self, address: &str) -> io::Result<Self> {
        let address: SocketAddr = address.parse().map_err(|_| io::ErrorKind::InvalidInput)?;
        self.connect(&address.into())?;
        Ok(self)
    }
}

/// What newcomers were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) admitted: usize,
    pub(crate) busy: usize,
    /// Closed without a word.
    pub(crate) closed: usize,
    /// Nothing.
    pub(crate) nothing: usize,
    /// Anything else.
    pub(crate) other: usize,
}

impl Told {
    /// Lets every peer say hello, and reads what it is told.
    pub(crate) fn count(peers: &mut [TcpStream]) -> Self {
        let mut told = Self::default();
        for peer in peers {
            *match answer(peer) {
                Answer::Told(Status::OK) => &mut told.admitted,
                Answer::Told(Status::BUSY) => &mut told.busy,
                Answer::Told(_) => &mut told.other,
                Answer::Closed => &mut told.closed,
                Answer::Nothing => &mut told.nothing,
            } += 1;
        }
        told
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { admitted, busy, closed, nothing, other } = self;
        write!(f, "{admitted} admitted, {busy} told busy, {closed} closed, {nothing} left waiting, {other} told else")
    }
}

/// What a peer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Told(Status),
    Closed,
    Nothing,
}

/// Says hello and reads what the server says to it.
pub(crate) fn answer(peer: &mut TcpStream) -> Answer {
    peer.set_read_timeout(Some(TOLD_WITHIN)).expect("a socket takes a deadline");
    // Whoever was refused before can't be told any more: what counts is what was said.
    drop(peer.write_all(&RawPeer::hello()));
    let mut header = [0; 16];
    match peer.read_exact(&mut header) {
        Ok(()) => Answer::Told(Status(u16::from_le_bytes([header[14], header[15]]))),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Answer::Nothing,
        Err(_) => Answer::Closed,
    }
}
