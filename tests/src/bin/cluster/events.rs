//! What breaks, one after the other, each time from a service that is whole.

use std::{
    thread,
    time::{Duration, Instant},
};

use tests::{Clients, Site};

/// Something that breaks, and what makes it whole again.
struct Event {
    name: String,
    breaks: fn(&mut Site),
    mends: fn(&mut Site),
    /// How long it stays broken, at least.
    lasts: Duration,
}

/// What an event cost.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Until each client had had a call acknowledged that it began after the event.
    pub(crate) back: Duration,
    /// Marks acknowledged from the event until all was whole again.
    pub(crate) acknowledged: usize,
}

/// A service that does not come back within it does not come back: ten times what the slowest event takes.
const BACK_MAX: Duration = Duration::from_secs(60);

fn events(pause: Duration) -> Vec<Event> {
    let nothing: fn(&mut Site) = |_| {};
    let event = |name: &str, breaks, mends| Event { name: name.to_owned(), breaks, mends, lasts: Duration::ZERO };
    vec![
        event("nothing", nothing, nothing),
        event("a node is killed", |site| site.nodes[0].kill(), |site| site.nodes[0].start_again()),
        Event {
            name: format!("a node is paused for {} s", pause.as_secs()),
            breaks: |site| site.nodes[1].pause(),
            mends: |site| site.nodes[1].resume(),
            lasts: pause,
        },
        event("connections to the database are cut", |site| assert!(site.database.cut_connections() > 0), nothing),
        event("the primary crashes and starts again", |site| site.database.crash_primary(), nothing),
        event(
            "the primary is lost, the standby promoted",
            |site| site.database.fail_over(),
            |site| site.database.repair(),
        ),
    ]
}

/// Plays all events while the clients work.
pub(crate) fn play(site: &mut Site, clients: &Clients, pause: Duration) -> Vec<Row> {
    let start = Instant::now();
    let say = |text: &str| println!("{:6.1} s  {text}", start.elapsed().as_secs_f64());
    let served = |since: Instant| match clients.all_served(since, BACK_MAX) {
        Ok(back) => back,
        Err(left) => panic!("{left} clients were not served within {BACK_MAX:?}"),
    };
    let play_one = |event: Event| {
        let (since, before) = (Instant::now(), clients.acknowledged());
        say(&event.name);
        (event.breaks)(site);
        let back = served(since);
        say(&format!("  back after {:.2} s", back.as_secs_f64()));
        thread::sleep(event.lasts.saturating_sub(since.elapsed())); // the event itself
        (event.mends)(site);
        served(Instant::now());
        Row { name: event.name, back, acknowledged: clients.acknowledged() - before }
    };
    events(pause).into_iter().map(play_one).collect()
}
