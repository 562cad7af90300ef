//! A disk that can fail: what SQLite does to the files of one directory is counted, written down for [`Crashes`], refused, or
//! torn, as a test wants it. One for the whole process, since SQLite's VFS is.
//!
//! What is absent: nothing here knows what the files hold; and a server that runs in another process does not see it.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock},
};

use rusqlite::ffi::SQLITE_OK;

mod crashes;
pub use crashes::{Crashes, Fate, Files, Step, files};

mod fault;
pub use fault::{Fault, FaultKind};

mod integrity;
pub use integrity::check_integrity;

mod schema;
pub use schema::{make_store_of_version, schema_version, whole_version};

mod vfs;

/// The disk of this process.
#[derive(Debug, Default)]
pub struct Disk {
    watch: Mutex<Watch>,
}

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    /// A file is opened.
    Open,
    /// Its size is asked for.
    Size,
    /// It is locked, or the index of its log is.
    Lock,
    /// A page of the index of its log is mapped into memory.
    Map,
    /// Bytes are read.
    Read,
    /// These bytes are written.
    Write {
        /// Where they begin.
        at: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The file is cut, or filled up, to this length.
    Truncate {
        /// The length.
        length: u64,
    },
    /// What was written is made to last.
    Sync,
    /// The file is deleted.
    Delete,
}

/// How a disk makes changes last, in SQLite's numbers for `PRAGMA synchronous`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Never.
    Off,
    /// Before a checkpoint only.
    Normal,
}

/// What happens to an act.
enum Answer {
    Go,
    /// It is not done, and taken for done.
    Pretend,
    /// It is not done, nor written down, and taken for done.
    Skip,
    Fail(i32),
}

/// The one directory whose files are watched, and what happens to them.
#[derive(Debug, Default)]
struct Watch {
    directory: Option<PathBuf>,
    steps: Vec<Step>,
    records: bool,
    syncs: u64,
    fault: Option<Fault>,
    synchronous: Option<Synchronous>,
    pretends_to_sync: bool,
}

impl Disk {
    /// The disk, put before the system's own for all connections that this process opens from now on.
    ///
    /// # Panics
    /// SQLite refuses it.
    pub fn install() -> &'static Self {
        vfs::install();
        Self::the()
    }

    fn the() -> &'static Self {
        static THE: OnceLock<Disk> = OnceLock::new();
        THE.get_or_init(Self::default)
    }

    /// Watches the files in `directory`, and no others, from now on; all counts begin anew.
    pub fn watch(&self, directory: &Path) {
        *self.lock() = Watch { directory: Some(directory.to_owned()), ..Watch::default() };
    }

    /// Writes down what is done to the files from now on.
    pub fn record(&self) {
        self.lock().records = true;
    }

    /// Enters a mark between the steps: something that happened outside, in its order.
    pub fn mark(&self, mark: u64) {
        let mut watch = self.lock();
        if watch.records {
            watch.steps.push(Step::Mark(mark));
        }
    }

    /// Stops writing down, and gives what was written.
    pub fn recorded(&self) -> Vec<Step> {
        let mut watch = self.lock();
        watch.records = false;
        std::mem::take(&mut watch.steps)
    }

    /// How often the files were synced.
    pub fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    /// Lets a fault befall the files, or ends it.
    pub fn fail(&self, fault: Option<Fault>) {
        self.lock().fault = fault;
    }

    /// Whether the fault has struck.
    pub fn has_failed(&self) -> bool {
        self.lock().fault.as_ref().is_some_and(Fault::has_struck)
    }

    /// Weakens the `synchronous` that connections ask for from now on: the control of whatever relies on it.
    pub fn weaken(&self, synchronous: Option<Synchronous>) {
        self.lock().synchronous = synchronous;
    }

    /// Whether files are only said to be synced: for directories that are thrown away, whose loss nobody would notice.
    pub fn pretend_to_sync(&self, pretends: bool) {
        self.lock().pretends_to_sync = pretends;
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().expect("no panic under this lock")
    }

    /// What happens to an act that is about to be done.
    fn ask(&self, path: &Path, act: Act<'_>) -> Answer {
        let mut watch = self.lock();
        if !watch.sees(path) {
            return Answer::Go;
        }
        if let Some(code) = watch.fault.as_mut().and_then(|fault| fault.strikes(act)) {
            if watch.records && act == Act::Sync {
                let file = name(path);
                watch.steps.push(Step::SyncFailed { file });
            }
            return if code == SQLITE_OK { Answer::Skip } else { Answer::Fail(code) };
        }
        if watch.pretends_to_sync && act == Act::Sync { Answer::Pretend } else { Answer::Go }
    }

    /// How much of a write that fails is written all the same.
    fn part_of(&self, path: &Path, bytes: usize) -> usize {
        let watch = self.lock();
        if watch.sees(path) { watch.fault.as_ref().map_or(0, |fault| fault.part_of(bytes)) } else { 0 }
    }

    /// Writes down an act that was done.
    fn done(&self, path: &Path, act: Act<'_>) {
        let mut watch = self.lock();
        if !watch.sees(path) {
            return;
        }
        watch.syncs += u64::from(act == Act::Sync);
        if watch.records {
            watch.steps.extend(Step::of(name(path), act));
        }
    }

    /// The value of `PRAGMA synchronous` that a control wants, as the digit that SQLite reads.
    fn synchronous(&self) -> Option<u8> {
        self.lock().synchronous.map(|synchronous| match synchronous {
            Synchronous::Off => b'0',
            Synchronous::Normal => b'1',
        })
    }
}

impl Watch {
    fn sees(&self, path: &Path) -> bool {
        self.directory.is_some() && path.parent() == self.directory.as_deref()
    }
}

fn name(path: &Path) -> String {
    path.file_name().and_then(|name| name.to_str()).expect("the tests choose plain names").to_owned()
}
