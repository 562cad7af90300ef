//! What a channel keeps of large replies, seen by the room that its reads have.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::played::{Odd, PLAIN, Server, reply};
use crate::{
    CallOptions, Channel, Status,
    channel::call,
    tlv::{Encode, Writer},
    transport::{Decorator, MemoryTransport, Transport, Wait, memory_pair},
};

/// A transport that notes how many bytes the last read could have taken.
#[derive(Debug)]
struct Watched {
    inner: MemoryTransport,
    room: Arc<AtomicUsize>,
}

impl Decorator for Watched {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        self.room.store(buffer.len(), Ordering::Relaxed);
        self.inner.read(buffer, wait)
    }
}

#[test]
fn memory_of_a_large_reply_is_kept_for_the_next_one_and_given_back_when_only_small_ones_follow() {
    const LARGE: usize = 3 << 20;
    let ((inner, far), room) = (memory_pair(), Arc::new(AtomicUsize::new(0)));
    let channel = Channel::over(Watched { inner, room: Arc::clone(&room) });
    let server = thread::spawn(move || {
        let mut server = Server::new(far);
        server.hello();
        while let Some(asked) = server.asked() {
            let value = vec![7_u8; usize::try_from(asked.argument()).unwrap()];
            server.send(&reply(&PLAIN, asked.id(), Status::OK, |out| value.encode(1, out)));
        }
    });
    // What the next read has room for after a reply of so many bytes.
    let room_after = |bytes: usize| {
        let asks = |out: &mut Writer<'_>| u64::try_from(bytes).unwrap().encode(1, out);
        assert_eq!(call::<Vec<u8>, Odd>(&channel, &PLAIN, &CallOptions::new(), asks).unwrap().len(), bytes);
        room.load(Ordering::Relaxed)
    };
    for _ in 0..2 {
        room_after(LARGE);
        assert!((0..60).all(|_| room_after(10) >= LARGE), "a burst of small ones");
    }
    assert!((0..20).any(|_| room_after(10) <= 64 << 10), "they have come for a while");
    drop(channel);
    server.join().unwrap();
}
