//! A network between a client and a server, within this process: it passes bytes on until it is to fail, and then fails. What
//! comes over it are real connections, which end as real ones do; and it remembers what passed over the last of them.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use parking_lot::Mutex;
use rpc_core::Channel;
use socket2::SockRef;

use crate::RawFrame;

/// Whose bytes a fault befalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Those of the client.
    Request,
    /// Those of the server.
    Reply,
}

/// How a connection fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Both ways end in order.
    Close,
    /// Both ends are told that the connection is no more, and lose what they had not read.
    Reset,
    /// This way ends in order, the other goes on.
    HalfClose,
    /// What would come this way is lost, without a sign.
    Swallow,
}

impl How {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Close, Self::Reset, Self::HalfClose, Self::Swallow];
}

/// What befalls the first connection after it was set; later ones work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose bytes it befalls.
    pub direction: Direction,
    /// Bytes that still pass.
    pub at: u64,
    /// How the connection fails then.
    pub how: How,
    /// The most bytes that pass at once, both ways.
    pub piece: usize,
    /// How long each piece takes.
    pub latency: Duration,
    /// Every frame of the client after its hello comes twice.
    pub twice: bool,
}

impl Fault {
    /// None: all bytes pass.
    pub const NONE: Self = Self {
        direction: Direction::Request,
        at: u64::MAX,
        how: How::Close,
        piece: 64 << 10,
        latency: Duration::ZERO,
        twice: false,
    };
}

/// The network.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    /// For the next connection.
    fault: Mutex<Fault>,
    /// Connections that were made to the server.
    made: AtomicU64,
    last: Mutex<Arc<Connection>>,
    stopping: AtomicBool,
}

/// What became of one connection.
#[derive(Debug, Default)]
struct Connection {
    /// The bytes that passed.
    requests: Mutex<Vec<u8>>,
    replies: Mutex<Vec<u8>>,
    /// It is being reset: an end in order would only come before that.
    is_reset: AtomicBool,
}

impl Proxy {
    /// A network before the server at this address. No byte passes over a connection before `connected` has been called with
    /// the number of connections that there were so far.
    ///
    /// # Panics
    /// There is no free port.
    #[must_use]
    pub fn start(server: SocketAddr, connected: impl Fn(u64) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let shared = Arc::new(Shared {
            fault: Mutex::new(Fault::NONE),
            made: AtomicU64::new(0),
            last: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        let acceptor = thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                let fault = std::mem::replace(&mut *accepting.fault.lock(), Fault::NONE);
                accepting.join(client, server, fault, &connected);
            }
        });
        Self { shared, address, acceptor: Some(acceptor) }
    }

    /// Where clients of the server find it through this network.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client of the server, through this network. One that is reset before it could so much as connect connects again, as
    /// whoever makes a channel would.
    ///
    /// # Panics
    /// It can't connect twice.
    #[must_use]
    pub fn connect(&self) -> Channel {
        let connect = || Channel::connect(&self.address.to_string());
        connect().or_else(|_| connect()).expect("only one connection fails")
    }

    /// Sets what befalls the next connection.
    pub fn befall(&self, fault: Fault) {
        *self.shared.fault.lock() = fault;
    }

    /// Connections that were made to the server, ever.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.made.load(Ordering::SeqCst)
    }

    /// How many bytes passed over the last connection, of the client and of the server.
    #[must_use]
    pub fn passed(&self) -> (u64, u64) {
        let last = Arc::clone(&self.shared.last.lock());
        (count(&last.requests), count(&last.replies))
    }

    /// The client's bytes that passed over the last connection.
    #[must_use]
    pub fn requests(&self) -> Vec<u8> {
        self.shared.last.lock().requests.lock().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The acceptor waits for a connection: this one. Without it the thread would only end with the process.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

impl Shared {
    fn join(&self, client: TcpStream, server: SocketAddr, fault: Fault, connected: &impl Fn(u64)) {
        let server = TcpStream::connect(server).expect("the server listens");
        for end in [&client, &server] {
            end.set_nodelay(true).expect("a socket takes nodelay");
        }
        connected(self.made.fetch_add(1, Ordering::SeqCst) + 1);
        let connection = Arc::<Connection>::default();
        *self.last.lock() = Arc::clone(&connection);
        let ends = (Arc::new(client), Arc::new(server));
        for direction in [Direction::Request, Direction::Reply] {
            let (connection, client, server) = (Arc::clone(&connection), Arc::clone(&ends.0), Arc::clone(&ends.1));
            thread::spawn(move || {
                let (from, to) = match direction {
                    Direction::Request => (&*client, &*server),
                    Direction::Reply => (&*server, &*client),
                };
                if connection.pump(from, to, direction, fault).is_err() && !connection.is_reset() {
                    // One end has gone, which is what the other is then told; whichever it is takes no more notice.
                    for end in [from, to] {
                        drop(end.shutdown(Shutdown::Both));
                    }
                }
            });
        }
    }
}

impl Connection {
    fn is_reset(&self) -> bool {
        self.is_reset.load(Ordering::SeqCst)
    }

    /// Passes bytes on until one end has gone, or the fault comes.
    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream, direction: Direction, fault: Fault) -> io::Result<()> {
        let passed = match direction {
            Direction::Request => &self.requests,
            Direction::Reply => &self.replies,
        };
        let at = if fault.direction == direction { fault.at } else { u64::MAX };
        let mut buffer = vec![0; fault.piece];
        let mut frames = Frames::default();
        loop {
            let left = at.saturating_sub(count(passed));
            if left == 0 {
                return self.fail(from, to, fault.how);
            }
            let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let read = from.read(&mut buffer[..room])?;
            if self.is_reset() {
                return Ok(());
            }
            if read == 0 {
                return to.shutdown(Shutdown::Write);
            }
            thread::sleep(fault.latency);
            let bytes = &buffer[..read];
            // Noted before they go: who hears the answer may ask.
            passed.lock().extend(bytes);
            if fault.twice && direction == Direction::Request {
                to.write_all(&frames.doubled(bytes))?;
            } else {
                to.write_all(bytes)?;
            }
        }
    }

    fn fail(&self, mut from: &TcpStream, to: &TcpStream, how: How) -> io::Result<()> {
        match how {
            How::Close => {
                from.shutdown(Shutdown::Both)?;
                to.shutdown(Shutdown::Both)
            }
            How::Reset => {
                self.is_reset.store(true, Ordering::SeqCst);
                for end in [from, to] {
                    SockRef::from(end).set_linger(Some(Duration::ZERO))?;
                }
                // Wakes the thread of the other direction; both ends are reset once it has let go of them as well.
                from.shutdown(Shutdown::Read)?;
                to.shutdown(Shutdown::Read)
            }
            How::HalfClose => {
                to.shutdown(Shutdown::Write)?;
                discard(&mut from)
            }
            How::Swallow => {
                discard(&mut from)?;
                to.shutdown(Shutdown::Write)
            }
        }
    }
}

fn count(bytes: &Mutex<Vec<u8>>) -> u64 {
    u64::try_from(bytes.lock().len()).unwrap()
}

/// Reads to the end, for nobody.
fn discard(from: &mut &TcpStream) -> io::Result<()> {
    io::copy(from, &mut io::sink()).map(drop)
}

/// Cuts a stream into frames.
#[derive(Default)]
struct Frames {
    begun: Vec<u8>,
    greeted: bool,
}

impl Frames {
    /// The frames that are complete with these bytes: the first once, the others twice.
    fn doubled(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.begun.extend(bytes);
        let mut complete = Vec::new();
        for RawFrame { bytes: frame, .. } in RawFrame::all_of(&self.begun) {
            self.begun.drain(..frame.len());
            complete.extend(&frame);
            if self.greeted {
                complete.extend(&frame);
            }
            self.greeted = true;
        }
        complete
    }
}
