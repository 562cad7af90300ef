//! Clients that do nothing wrong, and what becomes of their calls while others do: every one must be answered, and how long it
//! took is kept.

use std::{
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rpc_core::Status;

use crate::{
    crowd::{ACCOUNTS, WHOAMI, connect, sign_in},
    report::Report,
};

/// Clients at once: a school in which several people work.
const CLIENTS: usize = 4;
/// Between two calls of one client. Short, so that a second gives enough of them for a percentile; not nothing, since a client
/// that never waits measures itself.
const PAUSE: Duration = Duration::from_millis(2);
/// Where these come from: far from the peers that are counted up from 0.
const FIRST_NUMBER: usize = 1 << 15;

/// Honest clients that call until they are told to end.
pub(crate) struct Honest {
    stop: Arc<AtomicBool>,
    micros: Arc<Mutex<Vec<u64>>>,
    threads: Vec<JoinHandle<Result<(), String>>>,
}

impl Honest {
    /// Signs them in and lets them call.
    pub(crate) fn start(address: &str, session: [u8; 32]) -> Self {
        let (stop, micros) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let client = |number| {
            let (address, stop, micros) = (address.to_owned(), Arc::clone(&stop), Arc::clone(&micros));
            thread::spawn(move || calls(FIRST_NUMBER + number, &address, &session, &stop, &micros))
        };
        let threads = (0..CLIENTS).map(client).collect();
        Self { stop, micros, threads }
    }

    /// How long the calls took that have ended since this was last asked.
    pub(crate) fn latencies(&self) -> Latencies {
        let mut micros = mem::take(&mut *self.micros.lock().expect("no client panics with it"));
        micros.sort_unstable();
        Latencies(micros)
    }

    /// How long the calls of the next `time` take.
    pub(crate) fn latencies_for(&self, time: Duration) -> Latencies {
        self.latencies();
        // Why a pause: what is measured is what happens meanwhile.
        thread::sleep(time);
        self.latencies()
    }

    /// Ends them and judges what they were told: each client is a case.
    pub(crate) fn end(self, report: &mut Report) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            let ended = thread.join().unwrap_or_else(|_| Err("it gave up".to_owned()));
            report.check(ended.is_ok(), || format!("an honest client was not served: {ended:?}"));
        }
    }
}

fn calls(
    number: usize,
    address: &str,
    session: &[u8; 32],
    stop: &AtomicBool,
    micros: &Mutex<Vec<u64>>,
) -> Result<(), String> {
    let mut client = sign_in(connect(number, address).map_err(|error| error.to_string())?, session);
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let reply = client.call(ACCOUNTS, WHOAMI, Some(session), &[]);
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if Status(reply.status) != Status::OK {
            return Err(format!("{reply:?}"));
        }
        micros.lock().expect("no client panics with it").push(took);
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Durations of calls, ascending.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Vec<u64>);

impl Latencies {
    /// The 99th percentile.
    pub(crate) fn p99(&self) -> Duration {
        Duration::from_micros(self.0.get(self.0.len() * 99 / 100).copied().unwrap_or_default())
    }
}

/// The 99th percentiles of several rounds, calm and under attack in turn.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    calm: Vec<Duration>,
    attacked: Vec<Duration>,
}

impl Rounds {
    pub(crate) fn add(&mut self, calm: &Latencies, attacked: &Latencies) {
        self.calm.push(calm.p99());
        self.attacked.push(attacked.p99());
    }

    /// Judges the medians of the rounds.
    pub(crate) fn judge(mut self, report: &mut Report, within: impl FnOnce(Duration) -> Duration) {
        let (calm, attacked) = (median(&mut self.calm), median(&mut self.attacked));
        let allowed = within(calm);
        report.figure(format!(
            "p99 of honest clients, median of {} rounds: calm {calm:?}, attacked {attacked:?} (at most {allowed:?})",
            self.calm.len()
        ));
        report.check(attacked <= allowed, || {
            format!("p99 of honest clients {attacked:?} instead of {allowed:?} at most: {self:?}")
        });
    }
}

/// The one in the middle; sorts.
pub(crate) fn median(durations: &mut [Duration]) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}
