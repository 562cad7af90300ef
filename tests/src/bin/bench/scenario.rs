//! What is asked of a row, and the loops that ask it: the same for every row, so that only the row differs.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    ours,
    process::{Placement, Row},
    raw,
    sample::Sample,
};

/// Calls in flight in `pipeline`, threads in `threads`.
pub(crate) const WINDOW: usize = 64;
pub(crate) const ECHO_BYTES: usize = 1 << 20;
const CONNECTIONS: usize = 16;
/// Enough that one connection's share is seen beside the rest of the process; both ends fit the descriptors of a process.
pub(crate) const IDLE_CONNECTIONS: usize = 2_000;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// One call at a time, processors chosen by the kernel.
    Free,
    /// One call at a time, both sides on one processor.
    Same,
    /// One call at a time, a processor each.
    Split,
    /// 64 calls in flight on one connection.
    Pipeline,
    /// 64 threads that share one connection.
    Threads,
    /// 16 connections, one call each.
    Connections,
    /// 1 MiB there and back.
    Echo,
    /// Resident memory of a connection that says nothing.
    Idle,
}

impl Scenario {
    pub(crate) const ALL: [Self; 8] =
        [Self::Free, Self::Same, Self::Split, Self::Pipeline, Self::Threads, Self::Connections, Self::Echo, Self::Idle];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Same => "same",
            Self::Split => "split",
            Self::Pipeline => "pipeline",
            Self::Threads => "threads",
            Self::Connections => "connections",
            Self::Echo => "echo",
            Self::Idle => "idle",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    pub(crate) const fn placement(self) -> Placement {
        match self {
            Self::Same => Placement::Same,
            Self::Split => Placement::Split,
            _ => Placement::Free,
        }
    }

    /// Runs the client's side in this process.
    pub(crate) fn run(self, row: Row, port: u16, time: Duration) -> Sample {
        let raw = matches!(row, Row::Raw | Row::RawAdaptive);
        match self {
            Self::Free | Self::Same | Self::Split if raw => raw::latency(row, port, time),
            Self::Free | Self::Same | Self::Split => ours::latency(row, port, time),
            Self::Pipeline if raw => raw::pipeline(row, port, time),
            Self::Pipeline => ours::pipeline(row, port, time),
            Self::Threads if raw => raw::threads(row, port, WINDOW, time),
            Self::Threads => ours::threads(row, port, WINDOW, time),
            Self::Connections if raw => raw::connections(row, port, CONNECTIONS, time),
            Self::Connections => ours::connections(row, port, CONNECTIONS, time),
            Self::Echo if raw => raw::echo(row, port, time),
            Self::Echo => ours::echo(row, port, time),
            Self::Idle if raw => raw::idle(row, port, IDLE_CONNECTIONS),
            Self::Idle => ours::idle(row, port, IDLE_CONNECTIONS),
        }
    }
}

/// A fifth of the time to warm up, then every call timed.
pub(crate) fn one_by_one(time: Duration, mut call: impl FnMut()) -> Sample {
    let warm = Instant::now() + time / 5;
    while Instant::now() < warm {
        call();
    }
    let mut nanoseconds = Vec::with_capacity(1 << 20);
    let began = Instant::now();
    let mut last = began;
    while last.duration_since(began) < time {
        call();
        let now = Instant::now();
        nanoseconds.push(now.duration_since(last).as_nanos() as u32);
        last = now;
    }
    Sample::of_latencies(nanoseconds, began.elapsed())
}

/// `step` makes some calls and says how many.
pub(crate) fn pipelined(time: Duration, mut step: impl FnMut() -> usize) -> Sample {
    let warm = Instant::now() + time / 5;
    while Instant::now() < warm {
        step();
    }
    let began = Instant::now();
    let mut calls = 0;
    while began.elapsed() < time {
        for _ in 0..16 {
            calls += step();
        }
    }
    Sample::of_calls(calls as f64, began.elapsed())
}

/// `count` threads that call as fast as they can.
pub(crate) fn together<C: FnMut()>(count: usize, time: Duration, client: impl Fn(usize) -> C + Sync) -> Sample {
    let (ready, stop) = (Barrier::new(count + 1), AtomicBool::new(false));
    thread::scope(|scope| {
        let callers: Vec<_> = (0..count)
            .map(|index| {
                let (ready, stop, client) = (&ready, &stop, &client);
                scope.spawn(move || {
                    let mut call = client(index);
                    call();
                    ready.wait();
                    let mut calls = 0_u64;
                    while !stop.load(Ordering::Relaxed) {
                        call();
                        calls += 1;
                    }
                    calls as f64
                })
            })
            .collect();
        ready.wait();
        let began = Instant::now();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        let elapsed = began.elapsed();
        let calls: Vec<f64> = callers.into_iter().map(|caller| caller.join().expect("a caller")).collect();
        let sum: f64 = calls.iter().sum();
        let slowest = calls.iter().copied().fold(f64::INFINITY, f64::min);
        Sample { fairness: slowest * count as f64 / sum, ..Sample::of_calls(sum, elapsed) }
    })
}

/// Leaves the connections standing until this process ends, which is when the driver has looked at the server's memory.
pub(crate) fn hold<T>(clients: Vec<T>, began: Instant) -> Sample {
    let sample = Sample::of_calls(clients.len() as f64, began.elapsed());
    std::mem::forget(clients);
    sample
}
