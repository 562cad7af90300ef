//! A database on two machines: a primary that takes the changes, and a standby that has each before it is acknowledged, or,
//! where that is asked for, some time later.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::machine::{Machine, free_port};

/// When an acknowledged change is on the standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copying {
    /// Before it is acknowledged.
    Synchronous,
    /// Some time later: what a primary had acknowledged may be lost with it.
    Asynchronous,
}

/// A primary and its standby.
#[derive(Debug)]
pub struct Replicated {
    folder: PathBuf,
    copying: Copying,
    primary: Machine,
    /// None from a failover to its repair.
    standby: Option<Machine>,
    /// Where the machine listened that is not there; the one that takes its place will.
    vacant: u16,
    /// How many machines there have been: each has a folder of its own.
    made: u32,
}

/// The name of the database.
const DATABASE: &str = "grades";

/// A standby looks at once whether its primary is back, and not after PostgreSQL's 5 s: changes wait for it.
const SETTINGS: &str = "max_connections = 100\nwal_retrieve_retry_interval = '200ms'";

impl Replicated {
    /// A primary with an empty database, and a standby that follows it; `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// One of them does not start.
    #[must_use]
    pub fn start(folder: &Path, copying: Copying) -> Option<Self> {
        let mut primary = Machine::new(&folder.join("machine-1"), free_port(), SETTINGS)?;
        primary.start();
        primary.sql("postgres", &format!("CREATE DATABASE {DATABASE}"));
        let mut replicated =
            Self { folder: folder.to_owned(), copying, primary, standby: None, vacant: free_port(), made: 1 };
        replicated.repair();
        Some(replicated)
    }

    /// Its URL, which names both machines: whoever connects looks for the one that takes changes.
    #[must_use]
    pub fn url(&self) -> String {
        let (one, other) = (self.primary.port(), self.standby.as_ref().map_or(self.vacant, Machine::port));
        format!("postgres://grades@127.0.0.1:{one},127.0.0.1:{other}/{DATABASE}")
    }

    /// The machine that takes changes.
    #[must_use]
    pub const fn primary(&self) -> &Machine {
        &self.primary
    }

    /// Runs SQL at the primary.
    ///
    /// # Panics
    /// It fails.
    pub fn sql(&self, sql: &str) -> String {
        self.primary.sql(DATABASE, sql)
    }

    /// Cuts the connections of all servers: how many.
    pub fn cut_connections(&self) -> usize {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'grades-server'";
        self.sql(cut).lines().count()
    }

    /// The primary's processes are killed, and it is started again on its data.
    pub fn crash_primary(&mut self) {
        self.primary.kill();
        self.primary.start();
    }

    /// Loses the primary for ever, and promotes the standby.
    ///
    /// # Panics
    /// There is none.
    pub fn fail_over(&mut self) {
        self.primary.kill();
        let standby = self.standby.take().expect("a standby");
        standby.sql("postgres", "SELECT pg_promote(true, 60)");
        self.vacant = self.primary.port();
        self.primary = standby;
    }

    /// Promotes the standby while the primary stands still, and wakes that one: two machines take changes, of which the one that is
    /// given back has no standby. It has to be killed before [`repair`](Self::repair).
    ///
    /// # Panics
    /// There is no standby.
    pub fn fail_over_and_wake(&mut self) -> Machine {
        self.primary.pause();
        let standby = self.standby.take().expect("a standby");
        standby.sql("postgres", "SELECT pg_promote(true, 60)");
        self.vacant = self.primary.port();
        let former = std::mem::replace(&mut self.primary, standby);
        former.resume();
        former
    }

    /// Puts a new standby in the place of the machine that was lost, and waits until it follows. With it, changes wait for
    /// it again.
    ///
    /// # Panics
    /// It does not follow.
    pub fn repair(&mut self) {
        let lost = self.folder.join(format!("machine-{}", self.made.saturating_sub(1)));
        if self.made > 1 {
            fs::remove_dir_all(lost).expect("its data is of no more use");
        }
        self.made += 1;
        let mut standby = self.primary.standby(&self.folder.join(format!("machine-{}", self.made)), self.vacant);
        standby.start();
        self.standby = Some(standby);
        self.primary.wait_for("SELECT state FROM pg_stat_replication", "streaming");
        if self.copying == Copying::Synchronous {
            self.primary.sql(DATABASE, "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
            self.primary.sql(DATABASE, "SELECT pg_reload_conf()");
            self.primary.wait_for("SELECT sync_state FROM pg_stat_replication", "sync");
        }
    }

    /// From now on the standby gets nothing more, as if the network between the two were cut.
    ///
    /// # Panics
    /// There is no standby.
    pub fn part(&self) {
        let standby = self.standby.as_ref().expect("a standby");
        standby.sql("postgres", "ALTER SYSTEM SET primary_conninfo = ''");
        standby.sql("postgres", "SELECT pg_reload_conf()");
        self.primary.wait_for("SELECT count(*) FROM pg_stat_replication", "0");
    }
}
