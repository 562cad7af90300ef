//! How many writes replies take.

use std::{
    io::{self, IoSlice},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::*;
use crate::transport::{Decorator, MemoryTransport, memory_pair_with};

/// A transport that counts its writes.
#[derive(Debug)]
struct Counting {
    inner: MemoryTransport,
    writes: Arc<AtomicUsize>,
}

impl Decorator for Counting {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.inner.write(parts)
    }
}

/// Sends the requests that `calls` makes in one write, hears a reply to each; how many writes those took.
fn check(bench: &Bench, calls: impl FnOnce(&mut Client) -> Vec<Vec<u8>>, meanwhile: impl FnOnce()) -> usize {
    let writes = Arc::new(AtomicUsize::new(0));
    let (inner, client) = memory_pair_with(1 << 20);
    bench.running.serve(Counting { inner, writes: Arc::clone(&writes) });
    let mut client = Client::over(Box::new(client));
    client.greet();
    let before = writes.load(Ordering::SeqCst);
    let calls = calls(&mut client);
    client.send(&calls.concat());
    meanwhile();
    for _ in &calls {
        assert_eq!(client.hear().status, Status::OK);
    }
    writes.load(Ordering::SeqCst) - before
}

#[test]
fn replies_to_requests_that_came_together_leave_together() {
    let bench = Bench::new();
    let many = |client: &mut Client| (0..30).map(|_| client.request(1, &GOOD, &number(2))).collect();
    // A busy machine may take 200 µs for a call or two.
    let writes = (0..10).map(|_| check(&bench, many, || {})).min();
    assert!(writes.is_some_and(|writes| writes <= 3), "{writes:?}");
}

#[test]
fn sixteen_kib_of_replies_do_not_wait_for_more() {
    let bench = Bench::new();
    let two = |bytes: u64| {
        move |client: &mut Client| vec![client.request(3, &GOOD, &number(bytes)), client.request(1, &GOOD, &number(2))]
    };
    let header_and_tag = 16 + 5;
    for (bytes, together) in [((16 << 10) - header_and_tag - 1, true), ((16 << 10) - header_and_tag, false)] {
        let writes = (0..10).map(|_| check(&bench, two(bytes), || {})).min();
        assert_eq!(writes, Some(if together { 1 } else { 2 }), "{bytes}");
    }
}

#[test]
fn a_reply_that_has_waited_200_us_leaves_after_the_next_call() {
    let bench = Bench::new();
    let three = |client: &mut Client| {
        let fast = [client.request(1, &GOOD, &number(2)), client.request(1, &GOOD, &number(2))];
        let [first, last] = fast;
        vec![first, client.request(7, &GOOD, &[]), last]
    };
    let writes = check(&bench, three, || {
        bench.arrived();
        let came = Instant::now();
        while came.elapsed() < Duration::from_micros(200) {
            std::hint::spin_loop();
        }
        bench.gate.send(()).unwrap();
    });
    assert!(writes >= 2, "all replies waited for the last call");
}
