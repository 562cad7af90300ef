//! The client's side of a measurement: the loops that call, the same for every row, so that only the row differs, and what
//! they found: one line of text from the child to the driver.

use std::{
    env, fs,
    path::PathBuf,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::{footprint, scenario::Scenario};

/// What one client process has to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) scenario: Scenario,
    pub(crate) port: u16,
    /// The process id of the server, whose processor time is measured with ours.
    pub(crate) server: u32,
    pub(crate) time: Duration,
}

/// The figures of one row in one round. A figure that does not apply is NaN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Calls made.
    pub(crate) calls: f64,
    /// Seconds they took.
    pub(crate) seconds: f64,
    /// Median and 99th percentile of a call, in microseconds.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// The slowest caller's calls as a part of the mean.
    pub(crate) fairness: f64,
    /// Processor seconds meanwhile.
    pub(crate) client_cpu_s: f64,
    pub(crate) server_cpu_s: f64,
    /// How often the server made something durable meanwhile, where it counts that.
    pub(crate) fsyncs: f64,
}

impl Run {
    /// Lets `callers` call, a fifth of the time to warm up and then the time that counts.
    pub(crate) fn measure(&self, callers: impl FnOnce(Window) -> Vec<Turns>) -> Sample {
        let from = Instant::now() + self.time / 5;
        let window = Window { from, to: from + self.time };
        // Beside the callers: it sleeps between its two looks.
        let (own, server) = (std::process::id(), self.server);
        let cpu_seconds = |pid| footprint::cpu(pid).as_secs_f64();
        let meter = thread::spawn(move || {
            let [before, after] = [window.from, window.to].map(|at| {
                thread::sleep(at.saturating_duration_since(Instant::now()));
                (Instant::now(), [cpu_seconds(own), cpu_seconds(server), fsyncs(server)])
            });
            window.share_of(before, after)
        });
        let turns = callers(window);
        let [client_cpu_s, server_cpu_s, fsyncs] = meter.join().expect("two processes that run");
        Sample { client_cpu_s, server_cpu_s, fsyncs, ..Sample::of(turns, self.time) }
    }

    /// One call at a time, each of them timed.
    pub(crate) fn one_by_one(&self, mut call: impl FnMut()) -> Sample {
        self.measure(|window| {
            let mut turns = Turns::new(window, 1);
            while turns.another() {
                call();
            }
            vec![turns]
        })
    }

    /// A thread for each of the clients, which call as fast as they can.
    pub(crate) fn together<C: FnMut() + Send>(&self, clients: Vec<C>) -> Sample {
        let count = clients.len();
        thread::scope(|scope| {
            let (starts, callers): (Vec<_>, Vec<_>) = clients
                .into_iter()
                .map(|mut call| {
                    let (start, started) = mpsc::channel();
                    let calling = move || {
                        let mut turns = Turns::new(started.recv().expect("a window"), count);
                        while turns.another() {
                            call();
                        }
                        turns
                    };
                    // 4,096 threads of the usual size would be 8 GiB of addresses.
                    let thread = thread::Builder::new().stack_size(256 << 10);
                    (start, thread.spawn_scoped(scope, calling).expect("a thread"))
                })
                .unzip();
            self.measure(|window| {
                starts.iter().for_each(|start| start.send(window).expect("a caller"));
                callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
            })
        })
    }

    /// `step` makes some calls and says how many; calls in flight are counted, not timed.
    pub(crate) fn in_flight(&self, mut step: impl FnMut() -> usize) -> Sample {
        self.measure(|window| {
            let (mut turns, mut calls) = (Turns::new(window, 1), 0);
            while turns.counted(calls) {
                // A look at the clock costs as much as a quarter of a call.
                calls = (0..16).map(|_| step()).sum();
            }
            vec![turns]
        })
    }

    /// Leaves the connections standing until this process ends, which is when the driver has looked at the server's memory.
    pub(crate) fn hold<T>(&self, clients: Vec<T>) -> Sample {
        let calls = clients.len() as f64;
        std::mem::forget(clients);
        Sample { calls, ..Sample::of(Vec::new(), self.time) }
    }
}

/// Where a server that counts how often it makes something durable writes it down, over and over.
pub(crate) fn fsyncs_file(server: u32) -> PathBuf {
    env::temp_dir().join(format!("bench-fsyncs-{server}"))
}

fn fsyncs(server: u32) -> f64 {
    fs::read_to_string(fsyncs_file(server)).ok().and_then(|count| count.parse().ok()).unwrap_or(f64::NAN)
}

/// When calls count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    from: Instant,
    to: Instant,
}

impl Window {
    /// What was spent in this window, by two looks at counters that never go back. Among thousands of callers a look comes
    /// late: what is between the two is taken for as long as the window; NaN if they show less than half of it.
    fn share_of(self, before: Look, after: Look) -> [f64; 3] {
        let (time, between) = (self.to - self.from, after.0 - before.0);
        if before.0 > self.from + time / 2 || between < time / 2 {
            return [f64::NAN; 3];
        }
        let share = time.as_secs_f64() / between.as_secs_f64();
        [0, 1, 2].map(|counter| (after.1[counter] - before.1[counter]) * share)
    }
}

/// When somebody looked at the processor time of client and server and at the server's fsyncs, and what they were.
type Look = (Instant, [f64; 3]);

/// The calls of one caller.
#[derive(Debug)]
pub(crate) struct Turns {
    window: Window,
    last: Instant,
    nanoseconds: Vec<u32>,
    calls: usize,
}

impl Turns {
    /// Of one of so many callers.
    pub(crate) fn new(window: Window, callers: usize) -> Self {
        Self { window, last: Instant::now(), nanoseconds: Vec::with_capacity((1 << 20) / callers), calls: 0 }
    }

    /// The call before has just ended: takes its time, and says whether there is time for another. Each call that was under
    /// way in the window is timed, also one that was answered after it: leaving those out would leave out the slowest.
    pub(crate) fn another(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.window.from && self.last < self.window.to {
            let nanoseconds = now.duration_since(self.last).as_nanos();
            self.nanoseconds.push(u32::try_from(nanoseconds).unwrap_or(u32::MAX)); // 4 s and more
            self.calls += usize::from(now <= self.window.to);
        }
        self.last = now;
        now < self.window.to
    }

    /// The same for some calls at once, which are only counted.
    pub(crate) fn counted(&mut self, calls: usize) -> bool {
        let now = Instant::now();
        if now >= self.window.from && now <= self.window.to {
            self.calls += calls;
        }
        self.last = now;
        now < self.window.to
    }
}

impl Sample {
    fn of(turns: Vec<Turns>, time: Duration) -> Self {
        let calls: Vec<f64> = turns.iter().map(|turns| turns.calls as f64).collect();
        let sum: f64 = calls.iter().sum();
        let slowest = calls.iter().copied().fold(f64::INFINITY, f64::min);
        let mut nanoseconds: Vec<u32> = turns.into_iter().flat_map(|turns| turns.nanoseconds).collect();
        nanoseconds.sort_unstable();
        let at = |part: f64| {
            let index = ((nanoseconds.len() as f64 * part) as usize).min(nanoseconds.len().saturating_sub(1));
            nanoseconds.get(index).map_or(f64::NAN, |ns| f64::from(*ns) / 1e3)
        };
        Self {
            calls: sum,
            seconds: time.as_secs_f64(),
            p50_us: at(0.5),
            p99_us: at(0.99),
            fairness: slowest * calls.len() as f64 / sum,
            client_cpu_s: f64::NAN,
            server_cpu_s: f64::NAN,
            fsyncs: f64::NAN,
        }
    }

    pub(crate) fn to_line(self) -> String {
        let Self { calls, seconds, p50_us, p99_us, fairness, client_cpu_s, server_cpu_s, fsyncs } = self;
        format!("{calls} {seconds} {p50_us} {p99_us} {fairness} {client_cpu_s} {server_cpu_s} {fsyncs}")
    }

    /// None of an empty line, which says that there is no such scenario.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let numbers: Vec<f64> = line.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let [calls, seconds, p50_us, p99_us, fairness, client_cpu_s, server_cpu_s, fsyncs] =
            <[f64; 8]>::try_from(numbers).ok()?;
        Some(Self { calls, seconds, p50_us, p99_us, fairness, client_cpu_s, server_cpu_s, fsyncs })
    }
}
