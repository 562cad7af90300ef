//! Records on their way out. A writer goes away once it is told that all its bytes are written; but a record is whole or
//! nothing to the peer, and one that had no room for its end can't be taken back.
//!
//! So the last byte in it is not reported until the record has left: the writer comes again with that byte, because it is
//! not written yet, and it is then skipped. Without this a frame's end could lie here while its writer sleeps.

use std::io::{self, IoSlice};

use crate::transport::Transport;

/// What has been encrypted and not been written.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    records: Vec<u8>,
    /// How much of it has left. Invariant: `sent <= records.len()`.
    sent: usize,
    /// The last byte that was encrypted, while it is still to be reported.
    owed: Option<u8>,
    end: End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    /// The goodbye is among the records.
    Said,
    /// The direction has ended.
    Done,
}

/// Room for records that is kept: as much as rustls encrypts at once.
const KEPT_BYTES: usize = 80 << 10;

impl Outgoing {
    /// Where to append records.
    pub(super) const fn records(&mut self) -> &mut Vec<u8> {
        &mut self.records
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end != End::Open
    }

    /// The goodbye has been appended: after it the direction ends.
    pub(super) fn end(&mut self) {
        self.end = End::Said;
    }

    /// Writes as far as there is room. Whether nothing is left.
    pub(super) fn write_to(&mut self, inner: &dyn Transport) -> io::Result<bool> {
        while let Some(rest) = self.records.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match inner.write(&[IoSlice::new(rest)]) {
                Ok(written) => self.sent = self.sent.saturating_add(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => {
                    self.empty(); // nobody is to wait for room for it
                    return Err(error);
                }
            }
        }
        self.empty();
        if self.end == End::Said {
            self.end = End::Done;
            inner.shutdown()?;
        }
        Ok(true)
    }

    /// How many bytes at the beginning of `bytes` have left already: one, or none.
    ///
    /// # Errors
    /// The caller has thought better of that byte, which can't be taken back.
    pub(super) fn settle(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.owed.take() {
            Some(owed) if bytes.first() == Some(&owed) => Ok(1),
            Some(_) => Err(io::ErrorKind::BrokenPipe.into()),
            None => Ok(0),
        }
    }

    /// How many of the bytes `taken` the caller may be told of. A single one is told in any case, since none would say that
    /// nothing was written: it leaves with the next write or read.
    pub(super) const fn report(&mut self, taken: &[u8], all_left: bool) -> usize {
        match taken {
            [all @ .., last] if !all_left && !all.is_empty() => {
                self.owed = Some(*last);
                all.len()
            }
            _ => taken.len(),
        }
    }

    fn empty(&mut self) {
        self.records.clear();
        self.records.shrink_to(KEPT_BYTES);
        self.sent = 0;
    }
}
