//! What a warm call asks of the operating system: one write, and one read that finds data, on each side. Counted at the
//! transport, over TCP; what a transport does beside to wait for bytes is its waiting strategy's.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rpc_core::{
    Channel, Result, Server,
    transport::{Decorator, TcpTransport, Transport, Wait, Waiting},
};

#[rpc_core::service(id = 0x46, name = "counted", open)]
trait Counted {
    #[rpc(opcode = 1)]
    fn length(&self, words: &str) -> Result<u64, Infallible>;
}

struct Handler;

impl Counted for Handler {
    fn length(&self, words: &str) -> Result<u64, Infallible> {
        Ok(words.len() as u64)
    }
}

#[derive(Debug, Default)]
struct Counts {
    writes: AtomicU64,
    finds: AtomicU64,
}

impl Counts {
    fn now(&self) -> [u64; 2] {
        [&self.writes, &self.finds].map(|count| count.load(Ordering::SeqCst))
    }
}

/// Counts what passes through.
#[derive(Debug)]
struct Counting<T> {
    inner: T,
    counts: Arc<Counts>,
    /// What the negative control sets: every write takes a few bytes only.
    write_bytes_max: usize,
}

impl<T: Transport> Decorator for Counting<T> {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let read = self.inner.read(buffer, wait);
        if read.is_ok() {
            self.counts.finds.fetch_add(1, Ordering::SeqCst);
        }
        read
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        // Before the peer can answer, and its answer be counted.
        self.counts.writes.fetch_add(1, Ordering::SeqCst);
        match parts {
            [part] if part.len() > self.write_bytes_max => {
                self.inner.write(&[IoSlice::new(&part[..self.write_bytes_max])])
            }
            _ => self.inner.write(parts),
        }
    }
}

/// What `calls` cost each side, once the connection is warm.
fn cost(waiting: Waiting, write_bytes_max: usize, calls: impl Fn(&CountedClient)) -> [[u64; 2]; 2] {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let sides = [near, listener.accept().unwrap().0].map(|stream| Counting {
        inner: TcpTransport::new(stream, waiting).unwrap(),
        counts: Arc::default(),
        write_bytes_max,
    });
    let counts = [0, 1].map(|side: usize| Arc::clone(&sides[side].counts));
    let [near, far] = sides;
    let server = Server::builder().service(CountedDispatch::new(Handler)).start().unwrap();
    server.serve(far);
    let client = CountedClient::new(Channel::over(near));
    for _ in 0..64 {
        client.length("warm").unwrap();
    }
    let before = [counts[0].now(), counts[1].now()];
    calls(&client);
    [0, 1].map(|side| {
        let now = counts[side].now();
        [0, 1].map(|what: usize| now[what] - before[side][what])
    })
}

fn one_by_one(client: &CountedClient) {
    for _ in 0..100 {
        assert_eq!(client.length("TP reseau 01").unwrap(), 12);
    }
}

#[test]
fn a_warm_call_is_one_write_and_one_read_that_finds_data_on_each_side() {
    for waiting in [Waiting::Adaptive, Waiting::Block] {
        let [client, server] = cost(waiting, usize::MAX, one_by_one);
        assert_eq!((client, server), ([100, 100], [100, 100]), "{waiting:?}");
    }
}

#[test]
fn where_writes_are_cut_the_counts_tell() {
    let [client, server] = cost(Waiting::Adaptive, 8, one_by_one);
    assert!(client[0] > 200 && server[0] > 200, "{client:?} {server:?}");
}

#[test]
fn a_full_window_leaves_in_three_writes() {
    let [client, server] = cost(Waiting::Adaptive, usize::MAX, |client| {
        let pending: Vec<_> = (0..64).map(|_| client.start_length("TP reseau 01")).collect();
        assert!(pending.into_iter().all(|call| call.wait().unwrap() == 12));
    });
    assert_eq!(client[0], 3, "after 16, 32 and 64 calls");
    assert!(server[0] <= 64 && server[1] <= 3, "{server:?}");
}
