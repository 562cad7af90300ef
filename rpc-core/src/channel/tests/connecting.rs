//! Connecting: one thread does it, and the others wait for what it finds.

use std::{
    io,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU32, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use crate::{
    Channel, TransportErrorKind,
    channel::Core,
    transport::{Deadline, Transport, memory_pair},
};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(30);

/// Two threads need a connection. The first, which waits until `deadline`, connects while the second waits, and fails with
/// `error` once its time is over; another attempt would succeed. How the second one ends, and the attempts that were made.
fn second_of_two(deadline: Deadline, error: io::ErrorKind) -> (Result<(), TransportErrorKind>, u32) {
    let (told, connecting) = channel();
    let core: Arc<OnceLock<Weak<Core>>> = Arc::default();
    let attempts = Arc::new(AtomicU32::new(0));
    let made = Channel::builder().made({
        let (core, attempts) = (Arc::clone(&core), Arc::clone(&attempts));
        move || {
            if attempts.fetch_add(1, Ordering::SeqCst) > 0 {
                return Ok(Box::new(memory_pair().0) as Box<dyn Transport>);
            }
            told.send(()).unwrap();
            let core = core.get().unwrap().upgrade().unwrap();
            // Whoever is woken for nothing waits again.
            while !core.connected.notify_one() {
                thread::yield_now();
            }
            while deadline != Deadline::NEVER && !deadline.has_passed() {
                thread::yield_now();
            }
            Err(error.into())
        }
    });
    core.set(Arc::downgrade(&made.core)).unwrap();
    thread::scope(|scope| {
        let first = scope.spawn(|| made.core.connection(None, deadline).map(drop));
        connecting.recv().unwrap();
        let second = made.core.connection(None, Deadline::after(LONG)).map(drop);
        assert!(first.join().unwrap().is_err());
        (second, attempts.load(Ordering::SeqCst))
    })
}

#[test]
fn one_thread_learns_for_all_who_wait_that_nobody_answers() {
    let refused = TransportErrorKind::Connect(io::ErrorKind::ConnectionRefused);
    assert_eq!(second_of_two(Deadline::NEVER, io::ErrorKind::ConnectionRefused), (Err(refused), 1));
    let all_the_time = Err(TransportErrorKind::ConnectDeadline);
    assert_eq!(second_of_two(Deadline::NEVER, io::ErrorKind::TimedOut), (all_the_time, 1));
}

#[test]
fn a_deadline_that_ends_an_attempt_to_connect_is_its_own_threads_alone() {
    for error in [io::ErrorKind::TimedOut, io::ErrorKind::ConnectionRefused] {
        assert_eq!(second_of_two(Deadline::after(Duration::from_millis(50)), error), (Ok(()), 2));
    }
}
