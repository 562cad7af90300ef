//! Plays an example of a layer as two terminals would: a server process, a client process, and between them a relay that
//! keeps a copy of what crosses.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, ChildStdout, Command, Stdio},
    thread::{self, JoinHandle},
};

use crate::{example, run_to_end};

/// What a layer showed, and what crossed the wire meanwhile.
#[derive(Debug)]
pub struct Played {
    /// What the server printed.
    pub server: String,
    /// What the client printed.
    pub client: String,
    /// What the client sent: a datagram each, or all of a connection each.
    pub from_client: Vec<Vec<u8>>,
    /// What the server sent.
    pub from_server: Vec<Vec<u8>>,
}

impl Played {
    /// The first part of what `role` printed whose first line contains `title`, without the empty lines around it.
    ///
    /// # Panics
    /// No part has such a title.
    #[must_use]
    pub fn part(&self, role: &str, title: &str) -> &str {
        let printed = match role {
            "server" => &self.server,
            "client" => &self.client,
            other => panic!("{other} is no role"),
        };
        let mut parts = printed.split("\n\n").map(str::trim);
        let found = parts.find(|part| part.lines().next().is_some_and(|line| line.contains(title)));
        found.unwrap_or_else(|| panic!("the {role} shows no {title:?}:\n{printed}"))
    }

    /// The bytes that `role` showed in the dumps of its output, one after the other.
    #[must_use]
    pub fn shown(&self, role: &str) -> Vec<u8> {
        let printed = if role == "server" { &self.server } else { &self.client };
        let mut digits = String::new();
        for line in printed.lines() {
            // `client   0000  4e 00  meaning`, or, from `rpc_core::dump`, `4e 00   # 0000  meaning`.
            let own =
                line.strip_prefix(&format!("{role:<8} ")).filter(|rest| is_offset(rest)).and_then(|rest| rest.get(6..));
            let hex = own.map(|rest| rest.get(..47).unwrap_or(rest)).or_else(|| Some(line.split_once("  # ")?.0));
            writeln!(digits, "{}", hex.unwrap_or_default()).expect("a string takes text");
        }
        crate::hex(&digits)
    }
}

fn is_offset(rest: &str) -> bool {
    rest.get(..4).is_some_and(|offset| u16::from_str_radix(offset, 16).is_ok()) && rest.get(4..6) == Some("  ")
}

/// Plays the example `name`.
///
/// # Panics
/// A role does not start, fails, or does not end.
#[must_use]
pub fn play_layer(name: &str) -> Played {
    let (mut server, address) = start_server(name);
    let relay = match name {
        "layer1_udp" => Relay::datagrams(address),
        // One server without threads, one with, on two ports in a row; a slow client and nine others each.
        "layer6_threads" => Relay::streams(address, 2, 10),
        _ => Relay::streams(address, 1, 1),
    };
    let port = relay.address.port().to_string();
    let client = run_to_end(Command::new(example(name)).args(["client", &port]), "").ok();
    let mut printed = String::new();
    server.1.read_to_string(&mut printed).expect("what the server prints");
    assert!(server.0.wait().expect("a child can be waited for").success(), "the server of {name} failed:\n{printed}");
    let (from_client, from_server) = relay.crossed();
    Played { server: printed, client, from_client, from_server }
}

/// A server process that ends with the test at the latest.
struct ServerProcess(Child, BufReader<ChildStdout>);

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It has ended already, unless the test fails.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start_server(name: &str) -> (ServerProcess, SocketAddr) {
    let mut child =
        Command::new(example(name)).args(["server", "0"]).stdout(Stdio::piped()).spawn().expect("an example starts");
    let mut printed = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut line = String::new();
    printed.read_line(&mut line).expect("what the server prints");
    let address = line.strip_prefix("server   waits on ").unwrap_or_else(|| panic!("{name} says {line:?}"));
    (ServerProcess(child, printed), address.trim().parse().expect("an address"))
}

/// What the client sent and what the server sent: a datagram each, or all of a connection each.
type Crossed = (Vec<Vec<u8>>, Vec<Vec<u8>>);

/// Stands between a client and a server. Each thread gives what it has copied: the client's part and the server's.
struct Relay {
    address: SocketAddr,
    threads: Vec<JoinHandle<Crossed>>,
    /// Where an empty datagram ends the copying of answers: datagrams have no end of their own.
    end: Option<SocketAddr>,
}

impl Relay {
    fn datagrams(server: SocketAddr) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let back = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let (address, end) = (front.local_addr().expect("a bound socket"), back.local_addr().ok());
        Self { address, threads: vec![thread::spawn(move || copy_datagrams(&front, &back, server))], end }
    }

    /// One relay for each of `doors` ports in a row, each for as many connections as will come.
    fn streams(server: SocketAddr, doors: u16, connections: usize) -> Self {
        let listeners = listen_in_a_row(doors);
        let address = listeners[0].local_addr().expect("a bound socket");
        let door = |(door, listener): (u16, TcpListener)| {
            let server = SocketAddr::new(server.ip(), server.port() + door);
            thread::spawn(move || {
                let streams = listener.incoming().take(connections).map(|client| {
                    let client = client.expect("a client");
                    // Here and not in the thread: who came first has to come first at the server too.
                    let server = TcpStream::connect(server).expect("the server");
                    thread::spawn(move || copy_stream(&client, &server))
                });
                let streams: Vec<_> = streams.collect();
                streams.into_iter().map(|stream| stream.join().expect("a relay that copies")).unzip()
            })
        };
        Self { address, threads: (0..).zip(listeners).map(door).collect(), end: None }
    }

    /// Everything, once both processes have ended.
    fn crossed(self) -> Crossed {
        if let Some(end) = self.end {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
            socket.send_to(&[], end).expect("loopback takes a datagram");
        }
        let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
        for thread in self.threads {
            let (client, server) = thread.join().expect("a relay that copies");
            from_client.extend(client);
            from_server.extend(server);
        }
        (from_client, from_server)
    }
}

fn listen_in_a_row(doors: u16) -> Vec<TcpListener> {
    for _ in 0..100 {
        let first = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = first.local_addr().expect("a bound socket").port();
        let others: Option<Vec<_>> =
            (1..doors).map(|door| TcpListener::bind(("127.0.0.1", port.checked_add(door)?)).ok()).collect();
        if let Some(others) = others {
            return std::iter::once(first).chain(others).collect();
        }
    }
    panic!("no {doors} free ports in a row");
}

/// Copies until the client's last datagram, `E`.
fn copy_datagrams(front: &UdpSocket, back: &UdpSocket, server: SocketAddr) -> Crossed {
    let (mut from_client, mut buffer) = (Vec::new(), [0; 1024]);
    thread::scope(|scope| {
        let mut answers = None;
        while from_client.last().is_none_or(|last| last != b"E") {
            let (length, client) = front.recv_from(&mut buffer).expect("a datagram of the client");
            from_client.push(buffer[..length].to_vec());
            answers.get_or_insert_with(|| scope.spawn(move || copy_answers(front, back, client)));
            back.send_to(&buffer[..length], server).expect("loopback takes a datagram");
        }
        let from_server = answers.expect("a client that spoke").join().expect("a relay that copies");
        (from_client.clone(), from_server)
    })
}

fn copy_answers(front: &UdpSocket, back: &UdpSocket, client: SocketAddr) -> Vec<Vec<u8>> {
    let (mut from_server, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let (length, _) = back.recv_from(&mut buffer).expect("a datagram of the server");
        if length == 0 {
            return from_server;
        }
        from_server.push(buffer[..length].to_vec());
        front.send_to(&buffer[..length], client).expect("loopback takes a datagram");
    }
}

fn copy_stream(client: &TcpStream, server: &TcpStream) -> (Vec<u8>, Vec<u8>) {
    thread::scope(|scope| {
        let from_client = scope.spawn(|| copy_half(client, server));
        let from_server = copy_half(server, client);
        (from_client.join().expect("a relay that copies"), from_server)
    })
}

fn copy_half(mut from: &TcpStream, mut to: &TcpStream) -> Vec<u8> {
    let (mut copied, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        // A peer that has what it wants closes at once; the reset that this may cause ends the copy like any end.
        let length = from.read(&mut buffer).unwrap_or(0);
        copied.extend_from_slice(&buffer[..length]);
        if length == 0 || to.write_all(&buffer[..length]).is_err() {
            drop(to.shutdown(Shutdown::Write)); // gone already, perhaps
            return copied;
        }
    }
}
