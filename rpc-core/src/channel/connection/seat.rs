//! Where a thread sleeps until its reply lies there. Each thread has one seat, made once, so that waiting allocates nothing.
//!
//! Why not a condition on the connection's state: whoever is woken finds the reply in its own seat, and need not take the
//! lock for which all the others who were woken stand in line.

use std::{
    cell::RefCell,
    mem,
    sync::Arc,
    thread::{self, Thread},
};

use parking_lot::Mutex;

use crate::{Status, channel::pool, tlv::Buffer, transport::Deadline};

#[derive(Debug)]
pub(super) struct Seat {
    /// Whose it is.
    thread: Thread,
    /// What is put here for its thread. Taken for a few instructions; may be taken while the connection's state is.
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    reply: Option<Status>,
    /// The body of the reply; otherwise memory for one.
    body: Buffer,
    /// Whether the thread is to look at the connection.
    called: bool,
}

/// What a thread has found in its seat.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Its reply. The body is to be given back, for its memory.
    pub(super) reply: Option<(Status, Buffer)>,
    /// Whether it is to look at the connection: to read, to write, or to see that there will be no reply.
    pub(super) called: bool,
}

/// How often a thread gives way before it sleeps. Among 64 calling threads 8 save nearly every wake-up, 2 hardly any; where
/// nobody else can run they take 1 to 2 µs, a tenth of what waking the thread will.
const YIELDS: u32 = 8;

thread_local! {
    static MINE: RefCell<Option<Arc<Seat>>> = const { RefCell::new(None) };
}

impl Seat {
    /// This thread's seat.
    pub(super) fn mine() -> Arc<Self> {
        let new = || Arc::new(Self { thread: thread::current(), slot: Mutex::default() });
        MINE.with_borrow_mut(|mine| Arc::clone(mine.get_or_insert_with(new)))
    }

    /// Sleeps until something lies here, at the latest until the deadline. Before, it gives way to other threads a few
    /// times: while many threads call, the leader is about to run, and a thread that does not sleep need not be woken.
    pub(super) fn sleep(&self, deadline: Deadline) -> Found {
        for _ in 0..YIELDS {
            thread::yield_now();
            let found = self.find();
            if found.called || found.reply.is_some() {
                return found;
            }
        }
        loop {
            let found = self.find();
            if found.called || found.reply.is_some() {
                return found;
            }
            match deadline.left() {
                None => thread::park(),
                Some(left) if left.is_zero() => return found,
                Some(left) => thread::park_timeout(left),
            }
        }
    }

    /// Takes what lies here.
    pub(super) fn find(&self) -> Found {
        let mut slot = self.slot.lock();
        let called = mem::take(&mut slot.called);
        let reply = slot.reply.take().map(|status| (status, mem::take(&mut slot.body)));
        Found { reply, called }
    }

    /// Puts a reply here. [`Seat::wake`] is to follow.
    pub(super) fn put(&self, status: Status, body: &[u8]) {
        let mut slot = self.slot.lock();
        slot.body.clear();
        slot.body.extend_from_slice(body);
        slot.reply = Some(status);
    }

    /// Asks the thread to look at the connection. [`Seat::wake`] is to follow.
    pub(super) fn call(&self) {
        self.slot.lock().called = true;
    }

    /// Asks the thread to look at the connection once it has taken its reply; `false` if it has taken it already.
    pub(super) fn charge(&self) -> bool {
        let mut slot = self.slot.lock();
        slot.called |= slot.reply.is_some();
        slot.called
    }

    pub(super) fn wake(&self) {
        self.thread.unpark();
    }

    /// Gives the memory of a body back to this thread's seat.
    pub(super) fn give_back(body: Buffer) {
        if pool::is_worth_keeping(body.capacity(), body.len()) {
            Self::mine().slot.lock().body = body;
        }
    }
}
