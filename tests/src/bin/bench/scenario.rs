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

/// Each with its name, the usual amount and, for the usage, what it counts.
const NAMES: [(Kind, &str, usize, &str); 12] = [
    (Kind::Free, "free", 1, "one call at a time, processors chosen by the kernel"),
    (Kind::Same, "same", 1, "one call at a time, both sides on one processor"),
    (Kind::Split, "split", 1, "one call at a time, a processor each"),
    (Kind::Pipeline, "pipeline", 64, "calls in flight on one connection, from one thread"),
    (Kind::Threads, "threads", 64, "threads that share one connection"),
    (Kind::Connections, "connections", 16, "connections, one call each"),
    (Kind::Echo, "echo", 1 << 20, "bytes there and back, one call at a time"),
    // Enough that one connection's share is seen beside the rest of the process; both ends fit the descriptors of a process.
    (Kind::Idle, "idle", 2_000, "connections that made one call and then say nothing"),
    (Kind::Reads, "reads", 16, "connections that read"),
    (Kind::Adds, "adds", 64, "connections that add marks"),
    (Kind::Import, "import", 50_000, "marks in one import"),
    (Kind::Store, "store", 10_000, "marks in the store that 16 connections read"),
];

impl Scenario {
    /// As on the command line, without the amount where it is the usual one.
    pub(crate) fn name(self) -> String {
        let (_, name, usual, _) = NAMES[self.kind as usize];
        if self.amount == usual { name.to_owned() } else { format!("{name}={}", self.amount) }
    }

    /// What an argument asks for: `threads`, `threads=8`, `threads=1,8,64`; none if it is no scenario.
    pub(crate) fn parse(argument: &str) -> Option<Vec<Self>> {
        let (name, amounts) =
            argument.split_once('=').map_or((argument, None), |(name, amounts)| (name, Some(amounts)));
        let (kind, _, usual, _) = NAMES.into_iter().find(|(_, known, ..)| *known == name)?;
        let Some(amounts) = amounts else { return Some(vec![Self { kind, amount: usual }]) };
        let scenario = |amount: &str| Some(Self { kind, amount: amount.parse().ok().filter(|amount| *amount > 0)? });
        amounts.split(',').map(scenario).collect()
    }

    /// Whether it is asked of the grades service, and not of the framework.
    pub(crate) const fn is_of_the_service(self) -> bool {
        matches!(self.kind, Kind::Reads | Kind::Adds | Kind::Import | Kind::Store)
    }

    /// All that are asked of the one or the other, for the usage: a line each.
    pub(crate) fn lines(of_the_service: bool) -> String {
        let scenarios = NAMES.map(|(kind, name, amount, what)| (Self { kind, amount }, name, amount, what));
        let of_these = scenarios.into_iter().filter(|(scenario, ..)| scenario.is_of_the_service() == of_the_service);
        let line = |(_, name, amount, what): (Self, &str, usize, &str)| match amount {
            1 => format!("\n    {name:<20}{what}"),
            _ => format!("\n    {:<20}{what}", format!("{name}={amount}")),
        };
        of_these.map(line).collect()
    }
}
