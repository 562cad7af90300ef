//! The layers themselves: how each serves, and how each calls. All add the mark to the same kind of book.

use std::{
    convert::Infallible,
    io::{self, BufRead, BufReader, IoSlice, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use rpc_core::{
    Channel, Message, Running, Server,
    tlv::{Buffer, DecodeBody, DecodeLimits, EncodeBody, Reader, Writer},
    transport::{Deadline, Decorator, TcpTransport, TlsClient, TlsServer, TlsTransport, Transport, Wait, Waiting},
};
use serde_json::{Value, json};

use crate::{
    Caller,
    identity::{SERVER_NAME, identity},
};

/// Starts each layer's server; gives its address.
pub(crate) const SERVERS: [fn() -> SocketAddr; 7] = [
    serve_udp,
    || serve_tcp(text),
    serve_json,
    || serve_tcp(tlv),
    || serve_rpc(Waiting::Block),
    || serve_rpc(Waiting::Adaptive),
    serve_tls,
];

/// A layer's name, and what connects to its server.
type Layer = (&'static str, fn(SocketAddr) -> Caller);

/// The layers' names, and what connects to each server.
pub(crate) const CALLERS: [Layer; 7] = [
    ("UDP, acknowledged", call_udp),
    ("TCP", call_tcp),
    ("JSON over TCP", call_json),
    ("TLV over TCP", call_tlv),
    ("the RPC, blocking", |server| call_rpc(server, Waiting::Block)),
    ("the RPC", |server| call_rpc(server, Waiting::Adaptive)),
    ("the RPC with TLS", call_tls),
];

const STUDENT: u32 = 22_104_567;
const HUNDREDTHS: u32 = 1450;
const COEFFICIENT: u32 = 2;
/// The first mark's number. Later ones have as many digits, so that the size of an answer in text does not wander.
const FIRST: u32 = 1_000_000;

/// Where marks go; the place does not matter here.
#[derive(Default)]
struct Book(Mutex<Vec<[u32; 3]>>);

impl Book {
    fn add(&self, mark: [u32; 3]) -> u32 {
        let mut marks = self.0.lock().expect("nobody panics under it");
        marks.push(mark);
        FIRST + u32::try_from(marks.len()).expect("few marks")
    }
}

/// The mark of the first two layers: a byte array that holds a text.
fn as_text() -> Vec<u8> {
    format!("{STUDENT} {HUNDREDTHS} {COEFFICIENT}").into_bytes()
}

fn text(book: &Book, request: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(request).expect("a text");
    let mut numbers = text.split(' ').map(|number| number.parse().expect("a number"));
    book.add([(); 3].map(|()| numbers.next().expect("three numbers"))).to_string().into_bytes()
}

fn number(text: &[u8]) -> u32 {
    std::str::from_utf8(text).expect("a text").trim_end().parse().expect("a number")
}

/// Layer 1's cure: a bit in front, repeated by the acknowledgement, which carries the answer.
fn serve_udp() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("a bound socket");
    thread::spawn(move || {
        let (book, mut buffer, mut last) = (Book::default(), [0; 64], (2, Vec::new()));
        loop {
            let (length, from) = socket.recv_from(&mut buffer).expect("a client");
            let bit = buffer[1];
            if bit != last.0 {
                last = (bit, [&[b'A', bit], text(&book, &buffer[2..length]).as_slice()].concat());
            }
            socket.send_to(&last.1, from).expect("loopback takes a datagram");
        }
    });
    address
}

fn call_udp(server: SocketAddr) -> Caller {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.connect(server).expect("loopback");
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout above zero");
    let (mut bit, mut buffer) = (1, [0; 64]);
    Box::new(move || {
        bit ^= 1;
        let request = [&[b'N', bit], as_text().as_slice()].concat();
        loop {
            socket.send(&request).expect("loopback takes a datagram");
            match socket.recv(&mut buffer) {
                Ok(length) if buffer[..2] == [b'A', bit] => {
                    return (number(&buffer[2..length]), (request.len() + length) as u64);
                }
                _ => {} // late news of the datagram before, or none in time: again
            }
        }
    })
}

/// A thread that answers one client; Nagle's algorithm off, as on every other side here.
fn listen(answer: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    thread::spawn(move || answer(prepared(listener.accept().expect("a client").0)));
    address
}

fn prepared(stream: TcpStream) -> TcpStream {
    stream.set_nodelay(true).expect("a TCP option");
    stream
}

/// Layer 2's framing around whatever `answer` understands.
fn serve_tcp(answer: fn(&Book, &[u8]) -> Vec<u8>) -> SocketAddr {
    listen(move |stream| {
        let (book, mut input) = (Book::default(), BufReader::new(&stream));
        while let Ok(request) = read_message(&mut input) {
            write_message(&stream, &answer(&book, &request));
        }
    })
}

fn read_message(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut message = vec![0; u32::from_be_bytes(length) as usize];
    input.read_exact(&mut message)?;
    Ok(message)
}

fn write_message(mut stream: &TcpStream, message: &[u8]) {
    let length = u32::try_from(message.len()).expect("a short message").to_be_bytes();
    stream.write_all(&[&length, message].concat()).expect("a peer that reads");
}

fn call_framed(server: SocketAddr, request: fn() -> Vec<u8>, answer: fn(&[u8]) -> u32) -> Caller {
    let stream = prepared(TcpStream::connect(server).expect("the server"));
    let mut input = BufReader::new(stream.try_clone().expect("a second handle"));
    Box::new(move || {
        let request = request();
        write_message(&stream, &request);
        let reply = read_message(&mut input).expect("an answer");
        (answer(&reply), (4 + request.len() + 4 + reply.len()) as u64)
    })
}

fn call_tcp(server: SocketAddr) -> Caller {
    call_framed(server, as_text, number)
}

fn serve_json() -> SocketAddr {
    listen(|mut stream| {
        let book = Book::default();
        for line in BufReader::new(stream.try_clone().expect("a second handle")).lines() {
            let request: Value = serde_json::from_str(&line.expect("text")).expect("JSON");
            let field = |name: &str| u32::try_from(request[name].as_u64().expect("a number")).expect("a small number");
            let id = book.add([field("student"), field("hundredths"), field("coefficient")]);
            let reply = format!("{}\n", json!({ "mark": id }));
            stream.write_all(reply.as_bytes()).expect("a peer that reads");
        }
    })
}

fn call_json(server: SocketAddr) -> Caller {
    let mut stream = prepared(TcpStream::connect(server).expect("the server"));
    let mut input = BufReader::new(stream.try_clone().expect("a second handle"));
    Box::new(move || {
        let mark = json!({ "student": STUDENT, "hundredths": HUNDREDTHS, "coefficient": COEFFICIENT });
        let request = format!("{mark}\n");
        stream.write_all(request.as_bytes()).expect("a server that reads");
        let mut reply = String::new();
        input.read_line(&mut reply).expect("an answer");
        let answer: Value = serde_json::from_str(&reply).expect("JSON");
        let id = u32::try_from(answer["mark"].as_u64().expect("a number")).expect("a small number");
        (id, (request.len() + reply.len()) as u64)
    })
}

#[derive(Message)]
struct AddMark {
    #[tag(1)]
    student: u32,
    #[tag(2)]
    hundredths: u32,
    #[tag(3)]
    coefficient: u32,
}

#[derive(Message)]
struct Added {
    #[tag(1)]
    mark: u32,
}

fn tlv(book: &Book, request: &[u8]) -> Vec<u8> {
    let AddMark { student, hundredths, coefficient } = decoded(request);
    encoded(&Added { mark: book.add([student, hundredths, coefficient]) })
}

fn call_tlv(server: SocketAddr) -> Caller {
    let request = || encoded(&AddMark { student: STUDENT, hundredths: HUNDREDTHS, coefficient: COEFFICIENT });
    call_framed(server, request, |reply| decoded::<Added>(reply).mark)
}

fn encoded(message: &impl EncodeBody) -> Vec<u8> {
    let mut bytes = Buffer::new();
    let mut out = Writer::new(&mut bytes, 1024);
    message.encode_body(&mut out);
    out.finish().expect("a short message");
    bytes.into()
}

fn decoded<'a, T: DecodeBody<'a>>(bytes: &'a [u8]) -> T {
    let limits = DecodeLimits { depth_max: 4, heap_bytes_max: 1024, unknown_fields_max: 8, string_bytes_max: 256 };
    T::decode_body(&mut Reader::new(bytes, limits)).expect("a message")
}

/// The same question as a trait.
#[rpc_core::service(id = 7, name = "marks", open)]
trait Marks {
    #[rpc(opcode = 1)]
    fn add_mark(&self, student: u32, hundredths: u32, coefficient: u32) -> rpc_core::Result<u32, Infallible>;
}

impl Marks for Book {
    fn add_mark(&self, student: u32, hundredths: u32, coefficient: u32) -> rpc_core::Result<u32, Infallible> {
        Ok(self.add([student, hundredths, coefficient]))
    }
}

fn serve_rpc(waiting: Waiting) -> SocketAddr {
    let server = Server::builder().service(MarksDispatch::new(Book::default())).waiting(waiting);
    serve_for_ever(server.bind("127.0.0.1:0").expect("a free port"))
}

fn serve_for_ever(running: Running<SocketAddr>) -> SocketAddr {
    let address = running.address();
    thread::spawn(move || {
        let _serving = running;
        loop {
            thread::park(); // until the process ends
        }
    });
    address
}

fn call_rpc(server: SocketAddr, waiting: Waiting) -> Caller {
    let (transport, bytes) = counted(server, waiting);
    call_over(transport, bytes)
}

fn serve_tls() -> SocketAddr {
    let identity = identity();
    let tls = TlsServer::new(identity.chain.as_bytes(), identity.key.as_bytes()).expect("an identity");
    let running = Server::builder().service(MarksDispatch::new(Book::default())).bind_tls("127.0.0.1:0", tls);
    serve_for_ever(running.expect("a free port"))
}

fn call_tls(server: SocketAddr) -> Caller {
    let (transport, bytes) = counted(server, Waiting::Adaptive);
    let tls = TlsClient::new(identity().chain.as_bytes()).expect("a certificate");
    call_over(TlsTransport::connect(transport, &tls, SERVER_NAME, Deadline::NEVER).expect("the server"), bytes)
}

/// What is counted is what the socket gets: beneath TLS, where there is TLS.
fn counted(server: SocketAddr, waiting: Waiting) -> (Counting<TcpTransport>, Arc<AtomicU64>) {
    let inner = TcpTransport::connect(server, Deadline::NEVER, waiting).expect("the server");
    let bytes = Arc::new(AtomicU64::new(0));
    (Counting { inner, bytes: Arc::clone(&bytes) }, bytes)
}

fn call_over(transport: impl Transport + 'static, bytes: Arc<AtomicU64>) -> Caller {
    let marks = MarksClient::new(Channel::over(transport));
    Box::new(move || {
        let before = bytes.load(Ordering::Relaxed);
        let id = marks.add_mark(STUDENT, HUNDREDTHS, COEFFICIENT).expect("an answer");
        (id, bytes.load(Ordering::Relaxed) - before)
    })
}

/// A transport that counts.
#[derive(Debug)]
struct Counting<T> {
    inner: T,
    bytes: Arc<AtomicU64>,
}

impl<T: Transport> Decorator for Counting<T> {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let count = self.inner.read(buffer, wait)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = self.inner.write(parts)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
