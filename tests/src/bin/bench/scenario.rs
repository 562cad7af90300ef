//! What is asked of a row.

/// A way to call, and how much of it: `threads` is `threads=64`, `threads=256` is more of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    pub(crate) kind: Kind,
    /// Calls in flight, threads, connections or bytes.
    pub(crate) amount: usize,
}

/// The ways to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One call at a time, processors chosen by the kernel.
    Free,
    /// One call at a time, both sides on one processor.
    Same,
    /// One call at a time, a processor each.
    Split,
    /// Calls in flight on one connection, from one thread.
    Pipeline,
    /// Threads that share one connection.
    Threads,
    /// Connections, one call each.
    Connections,
    /// Bytes there and back.
    Echo,
    /// Connections that made one call and then say nothing.
    Idle,
}

const NAMES: [(Kind, &str, usize); 8] = [
    (Kind::Free, "free", 1),
    (Kind::Same, "same", 1),
    (Kind::Split, "split", 1),
    (Kind::Pipeline, "pipeline", 64),
    (Kind::Threads, "threads", 64),
    (Kind::Connections, "connections", 16),
    (Kind::Echo, "echo", 1 << 20),
    // Enough that one connection's share is seen beside the rest of the process; both ends fit the descriptors of a process.
    (Kind::Idle, "idle", 2_000),
];

/// How cost grows: with connections, with threads on one channel, with bytes in a message.
const GROWTH: [(Kind, &[usize]); 3] = [
    (Kind::Connections, &[1, 4, 16, 64, 256, 1_024, 4_096]),
    (Kind::Threads, &[1, 2, 4, 8, 16, 32, 64, 128, 256]),
    (Kind::Echo, &[8, 64, 512, 4 << 10, 32 << 10, 256 << 10, 2 << 20, 16 << 20]),
];

impl Scenario {
    /// Each way to call once, with its usual amount.
    pub(crate) fn all() -> Vec<Self> {
        NAMES.iter().map(|(kind, _, amount)| Self { kind: *kind, amount: *amount }).collect()
    }

    /// What the plots are made of.
    pub(crate) fn growth() -> Vec<Self> {
        GROWTH
            .iter()
            .flat_map(|(kind, amounts)| amounts.iter().map(|amount| Self { kind: *kind, amount: *amount }))
            .collect()
    }

    /// As on the command line, without the amount where it is the usual one.
    pub(crate) fn name(self) -> String {
        let (_, name, usual) = NAMES[self.kind as usize];
        if self.amount == usual { name.to_owned() } else { format!("{name}={}", self.amount) }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let (name, amount) = name.split_once('=').map_or((name, None), |(name, amount)| (name, Some(amount)));
        let (kind, _, usual) = NAMES.into_iter().find(|(_, known, _)| *known == name)?;
        Some(Self { kind, amount: amount.map_or(Some(usual), |amount| amount.parse().ok())? })
    }
}
