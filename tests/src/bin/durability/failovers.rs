//! The database loses its primary, its processes and its connections under clients that write through three servers: each
//! mark that was acknowledged is there once, on whatever machine has taken over.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tests::{Clients, Copying, Random, Site};

use crate::suite::{Control, Findings, Row, Run};

/// What happens to the database, and how often in the short form and in the long one.
const FAILOVERS: (u64, u64) = (2, 30);
const RESTARTS: (u64, u64) = (1, 10);
const WOKEN: (u64, u64) = (1, 10);
const CUTS: (u64, u64) = (3, 100);

/// Servers, and clients: two for each.
const NODES: usize = 3;
const CLIENTS: usize = 6;

/// Acknowledged changes from one event to the next.
const BETWEEN: (u64, u64) = (20, 200);

/// No client has been acknowledged anything for so long: the service is not coming back.
const HANG_GUARD: Duration = Duration::from_secs(60);

/// What befalls the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The primary is lost, the standby promoted, a new standby made.
    Failover,
    /// The same, after the two were parted: the primary holds changes that the standby has not got, and nobody was told of.
    PartedFailover,
    /// The primary stands still, the standby is promoted, and the former primary goes on as if nothing had happened: servers
    /// that talk to it make changes there, until somebody ends it.
    Woken,
    /// The primary's processes are killed, and it starts again.
    Restart,
    /// Its connections are cut, each with a process of its own.
    Cut,
}

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let times = |(short, longer): (u64, u64)| if long { longer } else { short };
    let folder = folder();
    let Some(mut site) = Site::start(folder.path(), Copying::Synchronous, NODES, CLIENTS) else {
        eprintln!("SKIPPED: failovers: PostgreSQL is not installed");
        return Findings::default();
    };
    let clients = site.clients();
    let mut failovers = Row::new("primary lost, standby promoted");
    let mut woken = Row::new("former primary woken");
    let mut restarts = Row::new("PostgreSQL killed, started again");
    let mut cuts = Row::new("connections to PostgreSQL cut");
    for event in 0..times(FAILOVERS) {
        let event = if event % 2 == 0 { Event::Failover } else { Event::PartedFailover };
        failovers.meet(event, &mut site, &clients, &mut random);
        failovers.failovers += 1;
    }
    for _ in 0..times(WOKEN) {
        woken.meet(Event::Woken, &mut site, &clients, &mut random);
        woken.failovers += 1;
    }
    for _ in 0..times(RESTARTS) {
        restarts.meet(Event::Restart, &mut site, &clients, &mut random);
        restarts.kills += 1;
    }
    for _ in 0..times(CUTS) {
        cuts.meet(Event::Cut, &mut site, &clients, &mut random);
        cuts.kills += 1;
    }
    let (told, repeated) = clients.finish();
    // All of them wrote into one database, which is judged once, at the end.
    cuts.add(site.judge(&told));
    cuts.notes.push(format!("judged at the end, over all four; {repeated} calls failed and were made again"));
    Findings { rows: vec![failovers, woken, restarts, cuts], controls: vec![asynchronous(), woken_alone()] }
}

impl Row {
    /// Lets one thing happen while the clients write, and waits until each of them was served again.
    fn meet(&mut self, event: Event, site: &mut Site, clients: &Clients, random: &mut Random) {
        let before = clients.acknowledged();
        clients.wait_for((BETWEEN.0 + random.below(BETWEEN.1 - BETWEEN.0)) as usize, HANG_GUARD);
        if event == Event::PartedFailover {
            site.database.part();
            site.database.primary().wait_for_stuck_change();
        }
        let mut since = Instant::now();
        match event {
            Event::Failover | Event::PartedFailover => site.database.fail_over(),
            Event::Woken => since = woken(site),
            Event::Restart => site.database.crash_primary(),
            Event::Cut => assert!(site.database.cut_connections() > 0),
        }
        let back = clients.all_served(since, HANG_GUARD);
        let back = back.unwrap_or_else(|left| panic!("{left} clients were not served after {event:?}"));
        self.back = self.back.max(Some(back));
        if matches!(event, Event::Failover | Event::PartedFailover | Event::Woken) {
            site.database.repair();
        }
        self.acknowledged += (clients.acknowledged() - before) as u64;
    }
}

/// Two primaries: when the former one was ended. What is done there waits for a standby that follows another; and where somebody
/// cancels these waits, PostgreSQL says that it is done, which servers must not take for an acknowledgement.
fn woken(site: &mut Site) -> Instant {
    let mut former = site.database.fail_over_and_wake();
    former.wait_for_stuck_change();
    assert!(former.cancel_stuck_changes() > 0, "a change that waits can be cancelled");
    former.wait_for_stuck_change(); // a further one, or the same that was sent again
    let ended = Instant::now();
    former.kill();
    ended
}

/// The same with a former primary that waits for nobody: what it acknowledges after it was woken is on no other machine.
fn woken_alone() -> Control {
    let folder = folder();
    let mut site = Site::start(folder.path(), Copying::Asynchronous, 1, 2).expect("PostgreSQL, as before");
    let clients = site.clients();
    clients.wait_for(20, HANG_GUARD);
    let mut former = site.database.fail_over_and_wake();
    clients.wait_for(20, HANG_GUARD);
    let (told, _) = clients.finish();
    former.kill();
    let lost = site.judge(&told).lost;
    Control {
        name: "failovers: a former primary that waits for nobody",
        seen: format!("{lost} of {} lost after it was woken", told.acknowledged()),
        failed: lost > 0,
    }
}

/// The same with a standby that is not waited for: what it had not got when the primary was lost is lost with it.
fn asynchronous() -> Control {
    let folder = folder();
    let mut site = Site::start(folder.path(), Copying::Asynchronous, 1, 2).expect("PostgreSQL, as before");
    let clients = site.clients();
    clients.wait_for(20, HANG_GUARD);
    site.database.part();
    clients.wait_for(20, HANG_GUARD);
    let (told, _) = clients.finish();
    site.database.fail_over();
    let lost = site.judge(&told).lost;
    Control {
        name: "failovers: a standby that is not waited for",
        seen: format!("{lost} of {} lost after 1 failover", told.acknowledged()),
        failed: lost > 0,
    }
}

/// A folder that PostgreSQL may enter where it has to run as another user.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}
