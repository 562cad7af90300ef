//! Bytes on their way out: queued by any thread, written by one at a time.
//!
//! ```text
//!   0              written     base                end
//!   | written      | in hand   | queued            |     offsets in the stream of this side
//! ```

use crate::channel::pool;

#[derive(Debug)]
pub(super) struct Output {
    /// Frames that no thread has taken in hand.
    queue: Vec<u8>,
    /// How many have been appended since a thread last took some in hand.
    queued: u32,
    /// Where the queue begins in the stream. A frame that starts here or later has not been touched; of any earlier one a
    /// byte may have been written.
    base: u64,
    /// Whether a thread has bytes in hand.
    writing: bool,
    /// The memory of the last bytes in hand.
    spare: Vec<u8>,
    /// Whether writing failed: nothing leaves any more.
    broken: bool,
}

impl Output {
    /// `queue` leaves with the first call.
    pub(super) const fn new(queue: Vec<u8>) -> Self {
        Self { queue, queued: 0, base: 0, writing: false, spare: Vec::new(), broken: false }
    }

    /// Lets `append` append one frame; returns where it starts and ends.
    pub(super) fn append<E>(&mut self, append: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(u64, u64), E> {
        let start = self.end();
        append(&mut self.queue)?;
        self.queued = self.queued.saturating_add(1);
        Ok((start, self.end()))
    }

    pub(super) const fn queued_bytes(&self) -> usize {
        self.queue.len()
    }

    /// Frames that were appended since a thread last took some in hand.
    pub(super) const fn queued(&self) -> u32 {
        self.queued
    }

    /// Whether bytes wait for someone to write them.
    pub(super) const fn needs_writer(&self) -> bool {
        !self.queue.is_empty() && !self.writing && !self.broken
    }

    /// Whether a thread has bytes in hand.
    pub(super) const fn is_writing(&self) -> bool {
        self.writing
    }

    /// Takes all that is queued in hand, unless another thread has bytes in hand. The last frame leaves so many bytes out.
    pub(super) fn take(&mut self, left_out: usize) -> Option<Vec<u8>> {
        if !self.needs_writer() {
            return None;
        }
        self.base = self.end().saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
        self.queued = 0;
        self.writing = true;
        Some(std::mem::replace(&mut self.queue, std::mem::take(&mut self.spare)))
    }

    /// Ends a turn of writing of which `written` bytes have left. The rest goes back in front of the queue.
    pub(super) fn put_back(&mut self, mut chunk: Vec<u8>, written: usize) {
        self.writing = false;
        chunk.drain(..written.min(chunk.len()));
        if chunk.is_empty() {
            if pool::is_worth_keeping(chunk.capacity(), written) {
                self.spare = chunk;
            }
            return;
        }
        self.base = self.base.saturating_sub(length(&chunk));
        chunk.append(&mut self.queue);
        self.queue = chunk;
    }

    /// Nothing leaves any more.
    pub(super) fn break_off(&mut self) {
        self.broken = true;
        self.queue = Vec::new();
    }

    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether no byte of a frame that starts here has left, or ever will without further doing.
    pub(super) const fn is_untouched(&self, start: u64) -> bool {
        start >= self.base
    }

    /// Takes an untouched frame out of the queue; later ones move forward by its length.
    pub(super) fn remove(&mut self, start: u64, end: u64) {
        let offset = |at: u64| usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let (start, end) = (offset(start), offset(end).min(self.queue.len()));
        if start < end {
            self.queue.drain(start..end);
        }
    }

    fn end(&self) -> u64 {
        self.base.saturating_add(length(&self.queue))
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(output: &mut Output, bytes: &[u8]) -> (u64, u64) {
        output
            .append::<()>(|out| {
                out.extend(bytes);
                Ok(())
            })
            .unwrap()
    }

    #[test]
    fn a_frame_is_untouched_until_it_is_taken_and_again_when_it_comes_back() {
        let mut output = Output::new(Vec::new());
        let first = append(&mut output, b"one");
        let second = append(&mut output, b"second");
        assert_eq!((first, second), ((0, 3), (3, 9)));
        let chunk = output.take(0).unwrap();
        let third = append(&mut output, b"3rd");
        assert!(!output.is_untouched(first.0) && !output.is_untouched(second.0) && output.is_untouched(third.0));
        assert!(output.take(0).is_none(), "one writer at a time");
        output.put_back(chunk, 1);
        assert!(!output.is_untouched(first.0), "partly written");
        assert!(output.is_untouched(second.0));
        output.remove(second.0, second.1);
        assert_eq!(output.take(0).unwrap(), b"ne3rd");
    }

    #[test]
    fn nothing_leaves_after_a_break() {
        let mut output = Output::new(b"hello".to_vec());
        let chunk = output.take(0).unwrap();
        output.put_back(chunk, 2);
        output.break_off();
        append(&mut output, b"more");
        assert!(output.take(0).is_none());
    }
}
