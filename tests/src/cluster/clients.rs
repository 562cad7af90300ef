//! Clients that add marks, one after the other, and don't give up: each draws a request key for a mark, keeps it, and sends
//! the same call again until it is told what became of it, as a program would that has to survive its servers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use grades_api::{
    Grades,
    model::{Coefficient, Mark, SessionId},
};
use grades_client::Connection;
use parking_lot::{Condvar, Mutex};
use rpc_core::{CallOptions, Channel, Outcome};

use crate::Ledger;

/// Running clients.
#[derive(Debug)]
pub struct Clients {
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    progress: Mutex<Progress>,
    changed: Condvar,
    stop: AtomicBool,
}

#[derive(Debug, Default)]
struct Progress {
    told: Ledger,
    /// Calls that failed and were made again.
    failures: u64,
    /// When the last acknowledged call of each client began, and when it ended.
    last: Vec<Option<(Instant, Instant)>>,
}

/// A client that was told to stop asks for so long what became of its last mark.
const SETTLE_MAX: Duration = Duration::from_secs(60);

impl Clients {
    /// Starts so many, each with all addresses, beginning with another one, and a student of its own: number 0 and so on
    /// of `promotion`.
    #[must_use]
    pub fn start(addresses: &[String], promotion: &str, session: SessionId, count: usize) -> Self {
        let shared = Arc::new(Shared::default());
        shared.progress.lock().last = vec![None; count];
        let threads = (0..count).map(|client| {
            let mut addresses = addresses.to_vec();
            let first = client % addresses.len();
            addresses.rotate_left(first);
            let (addresses, promotion, shared) = (addresses.join(","), promotion.to_owned(), Arc::clone(&shared));
            thread::spawn(move || {
                let marks =
                    Marks { client, channel: Channel::connect(&addresses).expect("a node"), session, promotion };
                (0..).take_while(|_| !shared.stop.load(Ordering::Relaxed)).for_each(|n| marks.add(n, &shared));
            })
        });
        let threads = threads.collect();
        Self { threads, shared }
    }

    /// Waits until each of them has had a call acknowledged that began after `since`: when the last one had.
    ///
    /// # Errors
    /// One of them had none within `within`.
    pub fn all_served(&self, since: Instant, within: Duration) -> Result<Duration, usize> {
        let by = Instant::now() + within;
        let mut served: Vec<Option<Instant>> = vec![None; self.threads.len()];
        let mut progress = self.shared.progress.lock();
        loop {
            for (served, last) in served.iter_mut().zip(&progress.last) {
                *served = served.or(last.filter(|(began, _)| *began >= since).map(|(_, ended)| ended));
            }
            if let Some(last) = served.iter().copied().collect::<Option<Vec<_>>>() {
                return Ok(last.into_iter().max().map_or(Duration::ZERO, |last| last.saturating_duration_since(since)));
            }
            if self.shared.changed.wait_until(&mut progress, by).timed_out() {
                return Err(served.iter().filter(|served| served.is_none()).count());
            }
        }
    }

    /// Waits until so many more marks are acknowledged.
    ///
    /// # Panics
    /// They are not within `within`.
    pub fn wait_for(&self, more: usize, within: Duration) {
        let by = Instant::now() + within;
        let mut progress = self.shared.progress.lock();
        let enough = progress.told.acknowledged() + more;
        while progress.told.acknowledged() < enough {
            let timed_out = self.shared.changed.wait_until(&mut progress, by).timed_out();
            assert!(!timed_out, "{} of {enough} marks were acknowledged", progress.told.acknowledged());
        }
    }

    /// How many marks were acknowledged so far.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.shared.progress.lock().told.acknowledged()
    }

    /// Lets each finish its mark, and takes what they were told; and how many calls failed and were made again.
    ///
    /// # Panics
    /// One of them panicked.
    #[must_use]
    pub fn finish(mut self) -> (Ledger, u64) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().expect("a client that does not panic");
        }
        let mut progress = self.shared.progress.lock();
        (std::mem::take(&mut progress.told), progress.failures)
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

/// One client's marks.
struct Marks {
    client: usize,
    channel: Channel,
    session: SessionId,
    promotion: String,
}

impl Marks {
    /// Adds one mark, and asks until it is known what became of it.
    fn add(&self, n: u32, shared: &Shared) {
        let label = format!("{}-{n}", self.client);
        let key = self.channel.request_key().expect("randomness");
        let options = CallOptions::new().credential(self.session.expose()).key(key);
        let grades = Connection::over(self.channel.clone()).grades().with(options);
        let (mark, coefficient): (Mark, Coefficient) =
            ("12.5".parse().expect("a mark"), "1".parse().expect("a weight"));
        let settle_by = Instant::now() + SETTLE_MAX;
        loop {
            let began = Instant::now();
            let answer = grades.add_mark(&self.promotion, &self.client.to_string(), mark, coefficient, &label);
            let mut progress = shared.progress.lock();
            match answer {
                Ok(id) => {
                    progress.told.acknowledge(label, id.0);
                    progress.last[self.client] = Some((began, Instant::now()));
                    shared.changed.notify_all();
                    return;
                }
                Err(error) => {
                    assert!(error.outcome() != Outcome::Executed, "the service refused {label}: {error}");
                    progress.failures += 1;
                    if shared.stop.load(Ordering::Relaxed) && Instant::now() > settle_by {
                        progress.told.unknown(label);
                        return;
                    }
                    drop(progress);
                    thread::sleep(Duration::from_millis(50)); // as a program would that does not want to add to the trouble
                }
            }
        }
    }
}
