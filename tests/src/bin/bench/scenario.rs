//! What is asked of a row.

/// A way to call, and how much of it: `threads` is `threads=64`, `threads=256` is more of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    pub(crate) kind: Kind,
    /// Calls in flight, threads, connections, bytes or marks.
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
    /// Of the grades service: connections that read.
    Reads,
    /// Connections that add marks.
    Adds,
    /// Marks in one import.
    Import,
    /// Marks that are in the store already.
    Store,
}

const NAMES: [(Kind, &str, usize); 12] = [
    (Kind::Free, "free", 1),
    (Kind::Same, "same", 1),
    (Kind::Split, "split", 1),
    (Kind::Pipeline, "pipeline", 64),
    (Kind::Threads, "threads", 64),
    (Kind::Connections, "connections", 16),
    (Kind::Echo, "echo", 1 << 20),
    // Enough that one connection's share is seen beside the rest of the process; both ends fit the descriptors of a process.
    (Kind::Idle, "idle", 2_000),
    (Kind::Reads, "reads", 16),
    (Kind::Adds, "adds", 64),
    (Kind::Import, "import", 50_000),
    (Kind::Store, "store", 10_000),
];

impl Scenario {
    /// As on the command line, without the amount where it is the usual one.
    pub(crate) fn name(self) -> String {
        let (_, name, usual) = NAMES[self.kind as usize];
        if self.amount == usual { name.to_owned() } else { format!("{name}={}", self.amount) }
    }

    /// What an argument asks for: `threads`, `threads=8`, `threads=1,8,64`; none if it is no scenario.
    pub(crate) fn parse(argument: &str) -> Option<Vec<Self>> {
        let (name, amounts) =
            argument.split_once('=').map_or((argument, None), |(name, amounts)| (name, Some(amounts)));
        let (kind, _, usual) = NAMES.into_iter().find(|(_, known, _)| *known == name)?;
        let Some(amounts) = amounts else { return Some(vec![Self { kind, amount: usual }]) };
        amounts.split(',').map(|amount| Some(Self { kind, amount: amount.parse().ok()? })).collect()
    }
}
