//! What may be on a disk when the power fails: what was synced for certain, and of what was written since then all, nothing, or
//! any part, torn at any byte and in any order.
//!
//! Why any part stands for any order: an older version of a sector can't replace a newer one, so what a disk that writes in
//! its own order leaves behind is, sector by sector, one of the versions since the last sync.

use std::{collections::BTreeMap, fs, path::Path};

use crate::Random;

use super::Act;

/// A disk writes whole sectors, or with [`Fate::Torn`] not even those.
const SECTOR_BYTES: usize = 512;

/// What was done to a file, or a mark of the test between two such steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Bytes were written.
    Write {
        /// The file's name.
        file: String,
        /// Where they begin.
        at: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The file was cut or filled up.
    Truncate {
        /// The file's name.
        file: String,
        /// Its length since then.
        length: u64,
    },
    /// What was written lasts.
    Sync {
        /// The file's name.
        file: String,
    },
    /// What was written may be lost, and no later sync makes it last.
    SyncFailed {
        /// The file's name.
        file: String,
    },
    /// The file was deleted.
    Delete {
        /// The file's name.
        file: String,
    },
    /// Something that happened outside.
    Mark(u64),
}

/// The files of a directory by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What becomes of the writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are kept: only the process has died.
    Kept,
    /// They are lost.
    Lost,
    /// Of each write, all is kept or nothing.
    Some,
    /// Of each write, some sectors are kept.
    Sectors,
    /// Of each write, some bytes at its beginning are kept.
    Torn,
}

/// A disk in the middle of a history: advanced step by step, and looked at as it would be after a crash.
#[derive(Clone, Debug, Default)]
pub struct Crashes {
    files: BTreeMap<String, File>,
}

/// A file: what is on the disk for certain, and what was done to it since.
#[derive(Clone, Debug, Default)]
struct File {
    /// `None` while it is not there.
    lasting: Option<Vec<u8>>,
    since: Vec<(Step, Standing)>,
}

/// Whether a step is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Perhaps: the next sync makes it last.
    Pending,
    /// Perhaps: a sync has failed, and no later one writes it.
    Forsaken,
    /// Yes, behind one that may not be.
    Lasting,
}

impl Fate {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Kept, Self::Lost, Self::Some, Self::Sectors, Self::Torn];
}

impl Step {
    /// The step that an act is, if it changes anything.
    pub(super) fn of(file: String, act: Act<'_>) -> Option<Self> {
        match act {
            Act::Open | Act::Size | Act::Lock | Act::Map | Act::Read => None,
            Act::Write { at, bytes } => Some(Self::Write { file, at, bytes: bytes.to_vec() }),
            Act::Truncate { length } => Some(Self::Truncate { file, length }),
            Act::Sync => Some(Self::Sync { file }),
            Act::Delete => Some(Self::Delete { file }),
        }
    }

    fn file(&self) -> Option<&str> {
        match self {
            Self::Write { file, .. }
            | Self::Truncate { file, .. }
            | Self::Sync { file }
            | Self::SyncFailed { file }
            | Self::Delete { file } => Some(file),
            Self::Mark(_) => None,
        }
    }
}

impl Crashes {
    /// A disk that has these files for certain.
    #[must_use]
    pub fn of(files: Files) -> Self {
        let lasting = |(name, bytes)| (name, File { lasting: Some(bytes), ..File::default() });
        Self { files: files.into_iter().map(lasting).collect() }
    }

    /// Goes one step on.
    pub fn step(&mut self, step: &Step) {
        let Some(name) = step.file() else { return };
        if matches!(step, Step::Sync { .. }) && self.is_new_log(name) {
            self.files.values_mut().for_each(File::make_deletion_last);
        }
        let file = self.files.entry(name.to_owned()).or_default();
        match step {
            Step::Sync { .. } => {
                file.promote(Standing::Lasting);
                let lasting = file.since.iter().take_while(|(_, standing)| *standing == Standing::Lasting).count();
                file.since.drain(..lasting).for_each(|(step, _)| apply(&mut file.lasting, &step));
            }
            Step::SyncFailed { .. } => file.promote(Standing::Forsaken),
            _ => file.since.push((step.clone(), Standing::Pending)),
        }
    }

    /// Whether it is a log or a journal whose name need not be on the disk yet. With the first sync of one, SQLite syncs the
    /// directory (`UNIXFILE_DIRSYNC`), and with it what was deleted there.
    fn is_new_log(&self, name: &str) -> bool {
        let is_log = name.ends_with("-wal") || name.ends_with("-journal");
        is_log && self.files.get(name).is_none_or(|file| file.lasting.is_none() || file.deletion().is_some())
    }

    /// Whether a crash now could leave anything but what is there for certain.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.files.values().all(|file| file.since.is_empty())
    }

    /// The files after a crash in which the writes that were not synced meet this fate.
    #[must_use]
    pub fn crash(&self, fate: Fate, random: &mut Random) -> Files {
        let after = |(name, file): (&String, &File)| Some((name.clone(), file.crash(fate, random)?));
        self.files.iter().filter_map(after).collect()
    }
}

impl File {
    /// Where its last deletion stands that a crash may undo.
    fn deletion(&self) -> Option<usize> {
        self.since.iter().rposition(|(step, _)| matches!(step, Step::Delete { .. }))
    }

    fn make_deletion_last(&mut self) {
        if let Some(deletion) = self.deletion() {
            self.since.drain(..=deletion);
            self.lasting = None;
        }
    }

    /// What became of the steps that waited for a sync.
    fn promote(&mut self, to: Standing) {
        let pending = self.since.iter_mut().filter(|(_, standing)| *standing == Standing::Pending);
        pending.for_each(|(_, standing)| *standing = to);
    }

    fn crash(&self, fate: Fate, random: &mut Random) -> Option<Vec<u8>> {
        let mut content = self.lasting.clone();
        for (step, standing) in &self.since {
            let kept = part(step, if *standing == Standing::Lasting { Fate::Kept } else { fate }, random);
            // A file that is deleted and made again is another file: if its deletion is lost, so is what came after.
            if kept.is_empty() && matches!(step, Step::Delete { .. }) {
                break;
            }
            kept.iter().for_each(|step| apply(&mut content, step));
        }
        content
    }
}

/// What is left of a step.
fn part(step: &Step, fate: Fate, random: &mut Random) -> Vec<Step> {
    let some = |keep: bool| if keep { vec![step.clone()] } else { Vec::new() };
    match (fate, step) {
        (Fate::Kept, _) => some(true),
        (Fate::Lost, _) => some(false),
        (Fate::Sectors, Step::Write { file, at, bytes }) => {
            let sectors = bytes.chunks(SECTOR_BYTES).zip((*at..).step_by(SECTOR_BYTES));
            let kept = sectors.filter(|_| random.one_in(2));
            kept.map(|(bytes, at)| Step::Write { file: file.clone(), at, bytes: bytes.to_vec() }).collect()
        }
        (Fate::Torn, Step::Write { file, at, bytes }) if random.one_in(2) => {
            let length = usize::try_from(random.below(bytes.len() as u64)).expect("at most the length");
            let head = Step::Write { file: file.clone(), at: *at, bytes: bytes[..length].to_vec() };
            if length == 0 { Vec::new() } else { vec![head] }
        }
        _ => some(random.one_in(2)),
    }
}

fn apply(content: &mut Option<Vec<u8>>, step: &Step) {
    match step {
        Step::Write { at, bytes, .. } => {
            let content = content.get_or_insert_default();
            let at = usize::try_from(*at).expect("the files are small");
            content.resize(content.len().max(at + bytes.len()), 0);
            content[at..at + bytes.len()].copy_from_slice(bytes);
        }
        Step::Truncate { length, .. } => {
            content.get_or_insert_default().resize(usize::try_from(*length).expect("the files are small"), 0);
        }
        Step::Delete { .. } => *content = None,
        Step::Sync { .. } | Step::SyncFailed { .. } | Step::Mark(_) => {}
    }
}

/// The files in a directory, but for those that SQLite makes anew after a crash.
///
/// # Panics
/// It can't be read.
#[must_use]
pub fn files(directory: &Path) -> Files {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let kept = entries.filter(|path| !path.to_string_lossy().ends_with("-shm"));
    kept.map(|path| (super::name(&path), fs::read(&path).expect("a file"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(at: u64, bytes: &[u8]) -> Step {
        Step::Write { file: "f".to_owned(), at, bytes: bytes.to_vec() }
    }

    fn sync() -> Step {
        Step::Sync { file: "f".to_owned() }
    }

    fn after(steps: &[Step], fate: Fate, seed: u64) -> Option<Vec<u8>> {
        let mut disk = Crashes::of(Files::from([("f".to_owned(), b"old".to_vec())]));
        steps.iter().for_each(|step| disk.step(step));
        disk.crash(fate, &mut Random::new(seed)).remove("f")
    }

    #[test]
    fn what_was_synced_lasts_and_the_rest_meets_its_fate() {
        let steps = [write(3, b"er"), sync(), write(0, b"X"), write(8, b"Y")];
        assert_eq!(after(&steps, Fate::Lost, 1).unwrap(), b"older");
        assert_eq!(after(&steps, Fate::Kept, 1).unwrap(), b"Xlder\0\0\0Y");
        for fate in Fate::ALL {
            let some: std::collections::BTreeSet<_> = (0..100).map(|seed| after(&steps, fate, seed).unwrap()).collect();
            let most = if matches!(fate, Fate::Kept | Fate::Lost) { 1 } else { 4 };
            assert_eq!(some.len(), most, "{fate:?}: {some:?}");
        }
    }

    #[test]
    fn a_write_is_torn_at_any_byte_or_between_sectors() {
        let long = vec![b'x'; 4 * SECTOR_BYTES];
        let steps = [Step::Truncate { file: "f".to_owned(), length: 0 }, sync(), write(0, &long)];
        let lengths = |fate| {
            let kept = (0..500).filter_map(|seed| after(&steps, fate, seed));
            kept.map(|bytes| bytes.iter().filter(|byte| **byte == b'x').count())
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert!(lengths(Fate::Torn).len() > 100);
        assert_eq!(Vec::from_iter(lengths(Fate::Sectors)), [0, 1, 2, 3, 4].map(|sectors| sectors * SECTOR_BYTES));
    }

    #[test]
    fn a_sync_that_failed_saves_nothing_and_a_later_one_only_what_came_after_it() {
        let failed = Step::SyncFailed { file: "f".to_owned() };
        let steps = [write(0, b"XX"), failed, write(1, b"Y"), sync()];
        assert_eq!(after(&steps, Fate::Lost, 1).unwrap(), b"oYd");
        assert_eq!(after(&steps, Fate::Kept, 1).unwrap(), b"XYd");
    }

    #[test]
    fn a_deleted_file_is_there_until_that_lasts_and_its_successor_only_after_it() {
        let steps = [Step::Delete { file: "f".to_owned() }, write(0, b"new")];
        assert_eq!(after(&steps, Fate::Kept, 1).unwrap(), b"new");
        assert_eq!(after(&steps, Fate::Lost, 1).unwrap(), b"old");
        let some: Vec<_> = (0..100).map(|seed| after(&steps, Fate::Some, seed)).collect();
        assert!(some.contains(&None) && some.iter().flatten().all(|bytes| bytes == b"old" || bytes == b"new"));
    }

    #[test]
    fn the_first_sync_of_a_log_makes_deletions_last_and_no_other_sync_does() {
        let step = |file: &str, steps: fn(String) -> Step| steps(file.to_owned());
        let is_back = |syncs: &[&str]| {
            let mut disk = Crashes::of(Files::from([("a-journal".to_owned(), b"old".to_vec())]));
            disk.step(&step("a-journal", |file| Step::Delete { file }));
            for file in syncs {
                disk.step(&step(file, |file| Step::Write { file, at: 0, bytes: b"new".to_vec() }));
                disk.step(&step(file, |file| Step::Sync { file }));
            }
            disk.crash(Fate::Lost, &mut Random::new(1)).contains_key("a-journal")
        };
        assert!(is_back(&[]) && is_back(&["a"]));
        assert!(!is_back(&["a-wal"]));
    }
}
