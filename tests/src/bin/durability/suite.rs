//! The suites by name, and what each of them tells: rows of figures, and controls.

use std::time::Duration;

use tests::{Random, Verdict};

use crate::{cuts, disks, failovers, groups, histories, kills, power};

/// A suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The server is killed, and comes again, under clients that write.
    Kills,
    /// The power fails at any step of the disk.
    Power,
    /// The disk is full, or fails, at any call.
    Disks,
    /// Concurrent clients, held against the one story that they must tell.
    Histories,
    /// Many connections, whose changes share commits.
    Groups,
    /// Connections are cut at every byte of every keyed call.
    Cuts,
    /// The database loses its primary, its processes and its connections.
    Failovers,
}

/// What a suite is run with.
#[derive(Debug)]
pub(crate) struct Run {
    /// Whether to take the time for the figures that are quoted.
    pub(crate) long: bool,
    /// What all choices follow from; each suite has its own.
    pub(crate) random: Random,
}

/// What a suite has found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) rows: Vec<Row>,
    pub(crate) controls: Vec<Control>,
}

/// One line of the table. A figure that a suite does not have stays 0 and is shown as `-`, but for `lost` and `doubled`.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) kills: u64,
    pub(crate) acknowledged: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) crash_points: u64,
    pub(crate) failovers: u64,
    pub(crate) histories: u64,
    /// From the fault to the first change that was acknowledged after it: the longest.
    pub(crate) back: Option<Duration>,
    /// What else is wrong, in words: the row fails with it.
    pub(crate) faults: Vec<String>,
    /// What else was measured, in words.
    pub(crate) notes: Vec<String>,
}

/// The same with the protection off: it must fail, or the suite could not have found anything.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) name: &'static str,
    /// What was seen, in words.
    pub(crate) seen: String,
    /// Whether it failed, as it must.
    pub(crate) failed: bool,
}

impl Suite {
    pub(crate) const ALL: &'static [Self] =
        &[Self::Kills, Self::Power, Self::Disks, Self::Histories, Self::Groups, Self::Cuts, Self::Failovers];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kills => "kills",
            Self::Power => "power",
            Self::Disks => "disks",
            Self::Histories => "histories",
            Self::Groups => "groups",
            Self::Cuts => "cuts",
            Self::Failovers => "failovers",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|suite| suite.name() == name)
    }

    pub(crate) fn run(self, run: Run) -> Findings {
        match self {
            Self::Kills => kills::run(run),
            Self::Power => power::run(run),
            Self::Disks => disks::run(run),
            Self::Histories => histories::run(run),
            Self::Groups => groups::run(run),
            Self::Cuts => cuts::run(run),
            Self::Failovers => failovers::run(run),
        }
    }
}

impl Row {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// Adds what a judge has found.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        self.lost += verdict.lost;
        self.doubled += verdict.doubled;
        self.faults.extend(verdict.faults);
    }

    pub(crate) fn is_good(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.faults.is_empty()
    }
}
