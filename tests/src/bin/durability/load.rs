//! A client that adds marks one after the other, and keeps at each until it is acknowledged: over attempts, connections and
//! restarts of the server, always with the key that it drew before it first sent anything.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use grades_api::{
    Grades, GradesClient, GradesError,
    model::{Coefficient, Mark, SessionId},
};
use rpc_core::{CallOptions, Channel, Error, Outcome, RequestKey};
use tests::Ledger;

use crate::gate::Gate;

/// The promotion that all suites fill.
pub(crate) const PROMOTION: &str = tests::KeyedCall::PROMOTION;

/// What a client does when it does not know what became of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It asks again with the key of the first attempt: what users of the library do.
    SameKey,
    /// A control: it asks again as if it had never asked before.
    NewKey,
    /// A control: it takes what was sent for done, as if the server acknowledged before it commits.
    TakenForDone,
}

/// How often a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempts {
    /// As often as the channel finds right.
    Many,
    /// Once: the caller wants to see what it is told.
    One,
}

/// A mark that was acknowledged: who has to find it again.
#[derive(Clone, Debug)]
pub(crate) struct Added {
    pub(crate) student: String,
    pub(crate) label: String,
    pub(crate) key: RequestKey,
    pub(crate) id: u64,
}

/// Where clients add marks, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) addresses: String,
    pub(crate) session: SessionId,
    pub(crate) students: usize,
    pub(crate) doubt: Doubt,
}

/// What a client has done when it ends.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) ledger: Ledger,
    pub(crate) added: Vec<Added>,
}

/// Starts client `number`. It sends the time of each acknowledgement, and ends when the gate is over.
pub(crate) fn start(
    place: &Place,
    number: usize,
    gate: &Arc<Gate>,
    acknowledged: &mpsc::Sender<Instant>,
) -> thread::JoinHandle<Work> {
    let (place, gate, acknowledged) = (place.clone(), Arc::clone(gate), acknowledged.clone());
    thread::spawn(move || {
        let channel = Channel::connect(&place.addresses).unwrap();
        let mut work = Work::default();
        for position in 0_usize.. {
            if gate.is_over() {
                break;
            }
            let mut mark = Added {
                student: ((number + position) % place.students).to_string(),
                label: format!("c{number}-{position}"),
                key: channel.request_key().unwrap(),
                id: 0,
            };
            match insist(&channel, &place, &mut mark, &gate) {
                Some(id) => {
                    mark.id = id;
                    work.ledger.acknowledge(&mark.label, id);
                    work.added.push(mark);
                    let _ = acknowledged.send(Instant::now()); // nobody counts any more at the end
                }
                None => work.ledger.acknowledge(&mark.label, 0),
            }
        }
        work
    })
}

/// Adds a mark until it is acknowledged; `None` if it is only taken for done.
fn insist(channel: &Channel, place: &Place, mark: &mut Added, gate: &Gate) -> Option<u64> {
    // A channel asks again with the same key, which a control must not.
    let attempts = if place.doubt == Doubt::SameKey { Attempts::Many } else { Attempts::One };
    loop {
        let starts = gate.starts();
        match add(channel, place, mark, attempts) {
            Ok(id) => return Some(id),
            Err(Error::App(error)) => panic!("{}: {error}", mark.label),
            Err(error) if place.doubt == Doubt::TakenForDone && error.outcome() == Outcome::MaybeExecuted => {
                return None;
            }
            Err(_) => gate.wait(starts),
        }
        if place.doubt == Doubt::NewKey {
            mark.key = channel.request_key().unwrap();
        }
    }
}

/// Adds a mark with its key.
pub(crate) fn add(
    channel: &Channel,
    place: &Place,
    mark: &Added,
    attempts: Attempts,
) -> rpc_core::Result<u64, GradesError> {
    let mut options = CallOptions::new().credential(place.session.expose()).key(mark.key);
    if attempts == Attempts::One {
        options = options.deadline(ONE_ATTEMPT);
    }
    let grades = GradesClient::new(channel.clone()).with(options);
    grades.add_mark(PROMOTION, &mark.student, a_mark(), whole(), &mark.label).map(|id| id.0)
}

/// Shorter than the least pause before a second attempt, which is therefore not made.
pub(crate) const ONE_ATTEMPT: Duration = Duration::from_millis(75);

fn a_mark() -> Mark {
    "12.5".parse().unwrap()
}

fn whole() -> Coefficient {
    "1".parse().unwrap()
}

/// Every mark of the promotion with its label and number, as a client of its own reads them.
pub(crate) fn listed(grades: &GradesClient) -> rpc_core::Result<Vec<(String, u64)>, GradesError> {
    let mut marks = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = grades.students(PROMOTION, after.as_deref(), PAGE)?;
        let Some(last) = page.last() else { return Ok(marks) };
        after = Some(last.number.clone());
        marks.extend(page.into_iter().flat_map(|student| student.marks).map(|mark| (mark.label, mark.id.0)));
    }
}

/// The marks that are there, as a ledger judges them.
pub(crate) fn pairs(there: &[(String, u64)]) -> impl Iterator<Item = (&str, u64)> {
    there.iter().map(|(label, id)| (label.as_str(), *id))
}

/// A page of so many students stays far below the limit of a reply.
const PAGE: u32 = 20;
