//! What the marks of one student are, one call at a time; and books in memory that keep them wrongly, each in its way, which
//! the checker has to find.

use std::sync::{Arc, Mutex};

use tests::{Model, Random};

/// A mark: its label, how often it was written, its value.
pub(super) type Entry = (u32, u32, u32);

/// What a client asks of a student's marks.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Add {
        label: u32,
        value: u32,
    },
    /// Corrects a mark that had this version when the client saw it.
    Correct {
        label: u32,
        version: u32,
        value: u32,
    },
    Read,
}

/// What it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Added,
    /// The version that the mark has now.
    Corrected(u32),
    /// Somebody else was first: the version that the mark has.
    Conflict(u32),
    /// There is no such mark, which is never true of one that a client knows.
    Missing,
    Marks(Vec<Entry>),
}

/// Keeps the marks of students, whatever it is.
pub(super) trait Keeper: Send {
    /// `None` if the client never learns what became of it.
    fn ask(&mut self, student: usize, call: &Call) -> Option<Reply>;
}

/// The marks of one student, sorted.
#[derive(Debug)]
pub(super) struct Marks;

impl Model for Marks {
    type State = Vec<Entry>;
    type Call = Call;
    type Reply = Reply;

    fn step(state: &Vec<Entry>, call: &Call, reply: Option<&Reply>) -> Option<Vec<Entry>> {
        let mut next = state.clone();
        let would = apply(&mut next, call)?;
        reply.is_none_or(|reply| *reply == would).then_some(next)
    }
}

/// Does what is asked; `None` if there is no such mark.
fn apply(marks: &mut Vec<Entry>, call: &Call) -> Option<Reply> {
    match *call {
        Call::Add { label, value } => {
            marks.push((label, 1, value));
            marks.sort_unstable();
            Some(Reply::Added)
        }
        Call::Correct { label, version, value } => {
            let mark = marks.iter_mut().find(|(there, ..)| *there == label)?;
            if mark.1 != version {
                return Some(Reply::Conflict(mark.1));
            }
            *mark = (label, version + 1, value);
            Some(Reply::Corrected(version + 1))
        }
        Call::Read => Some(Reply::Marks(marks.clone())),
    }
}

/// What a book in memory does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// It acknowledges a mark and does not keep it.
    Forgets,
    /// It adds a mark twice.
    Doubles,
    /// It reads as of some changes ago.
    ReadsLate,
    /// It looks at the version, and writes later.
    LosesCorrections,
}

impl Flaw {
    pub(super) const ALL: [Self; 4] = [Self::Forgets, Self::Doubles, Self::ReadsLate, Self::LosesCorrections];
}

/// A book in memory, shared by clients.
#[derive(Clone, Debug)]
pub(super) struct Book {
    /// The marks of each student, and those of some changes ago.
    students: Arc<Mutex<Vec<[Vec<Entry>; 2]>>>,
    flaw: Flaw,
    random: Random,
}

/// One call in so many goes wrong.
const WRONG_ONE_IN: u64 = 8;

/// What is read late was true when the student had so many marks fewer.
const FRESH_EVERY: usize = 4;

impl Book {
    pub(super) fn new(students: usize, flaw: Flaw) -> Self {
        Self { students: Arc::new(Mutex::new(vec![Default::default(); students])), flaw, random: Random::new(0) }
    }

    /// The same book for another client.
    pub(super) fn shared(&self, random: Random) -> Self {
        Self { random, ..self.clone() }
    }

    /// The version that a correction is about, whatever the mark has by the time it is written.
    fn looked_up(&self, student: usize, label: u32) -> Option<u32> {
        let students = self.students.lock().unwrap();
        students[student][0].iter().find(|(there, ..)| *there == label).map(|(_, version, _)| *version)
    }
}

impl Keeper for Book {
    fn ask(&mut self, student: usize, call: &Call) -> Option<Reply> {
        let wrong = self.random.one_in(WRONG_ONE_IN);
        let seen = match call {
            Call::Correct { label, .. } if self.flaw == Flaw::LosesCorrections => self.looked_up(student, *label),
            _ => None,
        };
        std::thread::yield_now(); // so that others come between
        let mut students = self.students.lock().unwrap();
        let [now, before] = &mut students[student];
        match (self.flaw, call, seen) {
            (Flaw::Forgets, Call::Add { .. }, _) if wrong => return Some(Reply::Added),
            (Flaw::Doubles, Call::Add { .. }, _) if wrong => drop(apply(now, call)),
            (Flaw::ReadsLate, Call::Read, _) if wrong => return Some(Reply::Marks(before.clone())),
            (_, Call::Correct { label, version, value }, Some(seen)) if seen == *version => {
                now.retain(|(there, ..)| there != label);
                now.push((*label, version + 1, *value));
                now.sort_unstable();
                return Some(Reply::Corrected(version + 1));
            }
            _ => {}
        }
        if now.len().is_multiple_of(FRESH_EVERY) {
            *before = now.clone();
        }
        apply(now, call)
    }
}
