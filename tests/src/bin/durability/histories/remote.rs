//! The service as a keeper of marks: over a channel that is made anew when it fails, with one request key for each change,
//! until there is an answer; or until its client gives up, and never knows.

use std::{collections::HashMap, fmt};

use grades_api::{
    Grades, GradesClient, GradesError,
    model::{Coefficient, Mark, MarkEntry, MarkId, MarkReading, SessionId},
};
use rpc_core::{CallOptions, Channel, Error, Outcome, RequestKey, Result};
use tests::Random;

use super::book::{Call, Entry, Keeper, Reply};
use crate::load::{ONE_ATTEMPT, PROMOTION};

/// How a client reaches the service.
pub(super) trait Way: Send {
    /// The channel for the next attempt.
    fn channel(&mut self) -> Channel;

    /// An attempt on it has failed.
    fn failed(&mut self);
}

/// A client of the service.
pub(super) struct Remote<W> {
    pub(super) way: W,
    pub(super) session: SessionId,
    pub(super) options: CallOptions,
    /// Whether attempts at one change have one key; without, a control.
    pub(super) keeps_its_key: bool,
    pub(super) random: Random,
    /// What the client calls a mark ↔ what the service does.
    pub(super) ids: HashMap<(usize, u32), MarkId>,
}

/// One change in so many is given up when its outcome is unknown.
const GIVES_UP_ONE_IN: u64 = 6;

impl<W: Way> Remote<W> {
    /// Asks until there is an answer.
    fn insist<T>(
        &mut self,
        keyed: bool,
        call: impl Fn(&GradesClient) -> Result<T, GradesError>,
    ) -> Option<std::result::Result<T, GradesError>> {
        let gives_up = keyed && self.random.one_in(GIVES_UP_ONE_IN);
        let mut key: Option<RequestKey> = None;
        let mut options = self.options.clone().credential(self.session.expose());
        if gives_up {
            options = options.deadline(ONE_ATTEMPT); // or the channel would find out by itself
        }
        loop {
            let channel = self.way.channel();
            let mut options = options.clone();
            if keyed {
                let drawn = key.filter(|_| self.keeps_its_key).unwrap_or_else(|| channel.request_key().unwrap());
                options = options.key(drawn);
                key = Some(drawn);
            }
            match call(&GradesClient::new(channel).with(options)) {
                Ok(value) => return Some(Ok(value)),
                Err(Error::App(error)) => return Some(Err(error)),
                Err(error) if gives_up && error.outcome() == Outcome::MaybeExecuted => return None,
                Err(_) => self.way.failed(),
            }
        }
    }

    fn learn(&mut self, student: usize, marks: &[MarkEntry]) -> Vec<Entry> {
        let mut entries: Vec<Entry> = marks.iter().map(entry).collect();
        entries.sort_unstable();
        self.ids.extend(marks.iter().map(|mark| ((student, entry(mark).0), mark.id)));
        entries
    }
}

fn entry(mark: &MarkEntry) -> Entry {
    let MarkReading::Value { ten_thousandths, .. } = mark.mark.reading() else { panic!("nobody wrote {mark:?}") };
    (mark.label.parse().unwrap(), mark.version, ten_thousandths)
}

impl<W: Way> Keeper for Remote<W> {
    fn ask(&mut self, student: usize, call: &Call) -> Option<Reply> {
        let (number, coefficient) = (student.to_string(), "1".parse::<Coefficient>().unwrap());
        let mark = |value| Mark::value(value, Mark::DEFAULT_SCALE_HUNDREDTHS).unwrap();
        match *call {
            Call::Add { label, value } => {
                let text = label.to_string();
                let add = |grades: &GradesClient| grades.add_mark(PROMOTION, &number, mark(value), coefficient, &text);
                let id = self.insist(true, add)?.unwrap();
                self.ids.insert((student, label), id);
                Some(Reply::Added)
            }
            Call::Correct { label, version, value } => {
                let id = self.ids[&(student, label)];
                let correct =
                    |grades: &GradesClient| grades.correct_mark(id, version, mark(value), coefficient, "corrected");
                Some(match self.insist(true, correct)? {
                    Ok(version) => Reply::Corrected(version),
                    Err(GradesError::VersionConflict { current }) => Reply::Conflict(current),
                    Err(GradesError::NotFound) => Reply::Missing,
                    Err(error) => panic!("{call:?} of student {student}: {error}"),
                })
            }
            Call::Read => {
                let read = |grades: &GradesClient| grades.student(PROMOTION, &number);
                let there = self.insist(false, read)?.unwrap();
                Some(Reply::Marks(self.learn(student, &there.marks)))
            }
        }
    }
}

impl<W> fmt::Debug for Remote<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("options", &self.options).finish_non_exhaustive()
    }
}
