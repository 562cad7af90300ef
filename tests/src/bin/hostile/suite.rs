//! The suites, and how they are run: one after another, each on a thread of its own under a guard.

use std::{process::ExitCode, time::Duration};

use crate::{
    arguments::Terms,
    bad_clients, drain, exhaustion, faults,
    guard::{self, Guarded},
    limits, logins,
    report::{Report, Table},
    slow,
};

/// One subject.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// For `--list`.
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Terms) -> Report,
}

/// In the order in which they run.
pub(crate) const ALL: &[Suite] = &[
    Suite {
        name: "bad_clients",
        about: "clients that break the protocol in every byte and bit, before a login and after",
        run: bad_clients::run,
    },
    Suite { name: "limits", about: "what running into a limit costs others", run: limits::run },
    Suite { name: "faults", about: "every call, cut at every byte of its request and of its reply", run: faults::run },
    Suite {
        name: "slow",
        about: "200 peers that send a byte a second, 200 that never read, 200 silent",
        run: slow::run,
    },
    Suite { name: "drain", about: "TERM under load, and with a peer in the way", run: drain::run },
    Suite {
        name: "logins",
        about: "500 connections that guess passwords; with --long, what the time tells",
        run: logins::run,
    },
    Suite {
        name: "descriptors",
        about: "200 connections to a server that may have 64 file descriptors",
        run: exhaustion::descriptors::run,
    },
    Suite {
        name: "threads",
        about: "200 connections to a server that may have 48 threads",
        run: exhaustion::threads::run,
    },
    Suite { name: "burst", about: "5,000 connections at once", run: exhaustion::burst::run },
    Suite {
        name: "held",
        about: "every place held: 4,096 connections, and 8,000 with --long",
        run: exhaustion::held::run,
    },
];

/// A suite that takes longer hangs. Ten times what the slowest takes on an idle machine.
const QUICK_MAX: Duration = Duration::from_secs(300);
/// The same for `--long`.
const LONG_MAX: Duration = Duration::from_secs(900);

/// Runs suites and prints the table.
pub(crate) fn run(suites: &[&'static Suite], terms: &Terms) -> ExitCode {
    println!("SEED={}", terms.seed);
    let mut table = Table::default();
    for &suite in suites {
        println!("{}: {}", suite.name, suite.about);
        let (terms, guard) = (*terms, if terms.long { LONG_MAX } else { QUICK_MAX });
        let (report, hung) = match guard::run(guard, move || (suite.run)(&terms)) {
            Guarded::Ended(report) => (report, false),
            Guarded::Panicked(why) => (Report::of_panic(why), false),
            Guarded::Hung => (Report::of_hang(guard), true),
        };
        report.tell();
        table.add(suite.name, report);
        if hung {
            break; // its threads are still there: what came after would be judged beside them
        }
    }
    table.print();
    guard::end_children();
    if table.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the names of all suites.
pub(crate) fn list() {
    for Suite { name, about, .. } in ALL {
        println!("{name:<14} {about}");
    }
}
