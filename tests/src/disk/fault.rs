//! Faults of a disk: which act they befall, and what SQLite is told.

use rusqlite::ffi;

use super::Act;

/// What a disk does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It has no room left: nothing can be written until it has.
    Full,
    /// It has no room left in the middle of a write, half of which is written.
    FullHalfway,
    /// One write fails.
    WriteError,
    /// One sync fails, and what was to be synced may be lost although it can still be read.
    SyncError,
    /// One read fails.
    ReadError,
    /// One file can't be opened.
    OpenError,
    /// One question for a file's size fails.
    SizeError,
    /// One lock can't be taken, of a file or of the index of its log.
    LockError,
    /// One page of the log's index can't be mapped into memory.
    MapError,
    /// Nothing is synced, and nothing said: no fault that anyone could bear, but a control.
    SyncLie,
}

/// A fault that befalls one act, or all acts from there on.
#[derive(Clone, Debug)]
pub struct Fault {
    kind: FaultKind,
    /// Acts of its kind that still pass.
    left: u64,
    struck: bool,
}

impl FaultKind {
    /// All that a store has to bear.
    pub const ALL: [Self; 9] = [
        Self::Full,
        Self::FullHalfway,
        Self::WriteError,
        Self::SyncError,
        Self::ReadError,
        Self::OpenError,
        Self::SizeError,
        Self::LockError,
        Self::MapError,
    ];

    /// Whether it befalls such acts.
    const fn befalls(self, act: Act<'_>) -> bool {
        match self {
            Self::Full | Self::FullHalfway | Self::WriteError => matches!(act, Act::Write { .. }),
            Self::SyncError | Self::SyncLie => matches!(act, Act::Sync),
            Self::ReadError => matches!(act, Act::Read),
            Self::OpenError => matches!(act, Act::Open),
            Self::SizeError => matches!(act, Act::Size),
            Self::LockError => matches!(act, Act::Lock),
            Self::MapError => matches!(act, Act::Map),
        }
    }

    /// Whether it goes on until it is taken away.
    #[must_use]
    pub const fn lasts(self) -> bool {
        matches!(self, Self::Full | Self::FullHalfway | Self::SyncLie)
    }

    const fn code(self) -> i32 {
        match self {
            Self::Full | Self::FullHalfway => ffi::SQLITE_FULL,
            Self::WriteError => ffi::SQLITE_IOERR_WRITE,
            Self::SyncError => ffi::SQLITE_IOERR_FSYNC,
            Self::ReadError => ffi::SQLITE_IOERR_READ,
            Self::OpenError => ffi::SQLITE_CANTOPEN,
            Self::SizeError => ffi::SQLITE_IOERR_FSTAT,
            Self::LockError => ffi::SQLITE_IOERR_LOCK,
            Self::MapError => ffi::SQLITE_IOERR_SHMMAP,
            Self::SyncLie => ffi::SQLITE_OK,
        }
    }
}

impl Fault {
    /// One that befalls the act number `at` of its kind, counted from 0.
    #[must_use]
    pub const fn new(kind: FaultKind, at: u64) -> Self {
        Self { kind, left: at, struck: false }
    }

    pub(super) const fn has_struck(&self) -> bool {
        self.struck
    }

    /// The code that SQLite is told, if the fault befalls this act.
    pub(super) fn strikes(&mut self, act: Act<'_>) -> Option<i32> {
        if !self.kind.befalls(act) || (self.struck && !self.kind.lasts()) {
            return None;
        }
        let passes = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.struck |= !passes;
        (!passes).then_some(self.kind.code())
    }

    /// How much of a write that fails is written all the same.
    pub(super) const fn part_of(&self, bytes: usize) -> usize {
        if matches!(self.kind, FaultKind::FullHalfway) { bytes / 2 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Act<'_> = Act::Write { at: 0, bytes: &[] };

    #[test]
    fn a_fault_befalls_its_act_and_a_full_disk_stays_full() {
        let strikes = |kind| {
            let mut fault = Fault::new(kind, 1);
            [WRITE, Act::Sync, WRITE, Act::Sync, WRITE].map(|act| fault.strikes(act).is_some())
        };
        assert_eq!(strikes(FaultKind::WriteError), [false, false, true, false, false]);
        assert_eq!(strikes(FaultKind::Full), [false, false, true, false, true]);
        assert_eq!(strikes(FaultKind::SyncError), [false, false, false, true, false]);
        assert_eq!(strikes(FaultKind::ReadError), [false; 5]);
    }
}
