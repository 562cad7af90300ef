//! Clients that ask at the same time and write down when they began, what they were answered and when.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tests::{Random, Seen};

use super::book::{Call, Entry, Keeper, Reply};

/// The history of one student.
pub(super) type History = Vec<Seen<Call, Reply>>;

/// What one client saw, each with the student it was about.
type Answers = Vec<(usize, Seen<Call, Reply>)>;

/// Clients at work.
#[derive(Debug)]
pub(super) struct Crowd {
    clients: Vec<thread::JoinHandle<Answers>>,
    students: usize,
}

/// Values that a mark may have, so that readers see which one was written.
const VALUES: u64 = 2_000;

impl Crowd {
    /// Lets each client ask so often of each student, all of the same one at a time.
    pub(super) fn start<K: Keeper + 'static>(
        keepers: Vec<K>,
        students: usize,
        calls: usize,
        random: &mut Random,
    ) -> Self {
        let (clock, together) = (Arc::new(AtomicU64::new(1)), Arc::new(Barrier::new(keepers.len())));
        let client = |(number, mut keeper): (usize, K)| {
            let (clock, together, mut random) = (Arc::clone(&clock), Arc::clone(&together), random.fork());
            thread::spawn(move || {
                let mut seen = Answers::new();
                for student in 0..students {
                    together.wait();
                    let mut known = Vec::new();
                    for call in 0..calls {
                        let call = choose(&mut random, &known, (number * calls + call) as u32);
                        let began = clock.fetch_add(1, Ordering::SeqCst);
                        let reply = keeper.ask(student, &call);
                        let ended = reply.map(|reply| (clock.fetch_add(1, Ordering::SeqCst), reply));
                        learn(&mut known, &call, ended.as_ref().map(|(_, reply)| reply));
                        seen.push((student, Seen { call, began, ended }));
                    }
                }
                seen
            })
        };
        Self { clients: keepers.into_iter().enumerate().map(client).collect(), students }
    }

    pub(super) fn is_done(&self) -> bool {
        self.clients.iter().all(thread::JoinHandle::is_finished)
    }

    /// Waits for the clients: a history for each student.
    pub(super) fn finish(self) -> Vec<History> {
        let mut histories = vec![History::new(); self.students];
        for client in self.clients {
            for (student, seen) in client.join().unwrap() {
                // A question whose answer nobody saw says nothing.
                if seen.ended.is_some() || !matches!(seen.call, Call::Read) {
                    histories[student].push(seen);
                }
            }
        }
        histories
    }
}

/// Adds, corrects what the client knows of, or reads.
fn choose(random: &mut Random, known: &[Entry], label: u32) -> Call {
    let value = random.below(VALUES) as u32;
    match (random.below(3), known.len() as u64) {
        (0, _) => Call::Add { label, value },
        (1, 1..) => {
            let (label, version, _) = known[random.below(known.len() as u64) as usize];
            Call::Correct { label, version, value }
        }
        _ => Call::Read,
    }
}

/// What a client knows of the marks after an answer.
fn learn(known: &mut Vec<Entry>, call: &Call, reply: Option<&Reply>) {
    let version_of = |known: &mut Vec<Entry>, label: u32, version: u32| {
        known.iter_mut().filter(|(there, ..)| *there == label).for_each(|mark| mark.1 = version);
    };
    match (call, reply) {
        (Call::Add { label, value }, Some(Reply::Added)) => known.push((*label, 1, *value)),
        (Call::Correct { label, .. }, Some(Reply::Corrected(version) | Reply::Conflict(version))) => {
            version_of(known, *label, *version);
        }
        (_, Some(Reply::Marks(marks))) => known.clone_from(marks),
        _ => {}
    }
}
