//! Replies that wait to be written: their bytes in one buffer, and beside it the long strings that handlers have returned,
//! which are written from where they lie.

use std::io::IoSlice;

use super::{
    memory::{Reservation, counted},
    reply::append_reply,
};
use crate::{
    Refusal, Status,
    frame::{Header, Slack},
    tlv::{Buffer, Given, Writer},
};

/// What a connection's thread writes next.
#[derive(Debug)]
pub(super) struct Output {
    bytes: Buffer,
    given: Vec<Given>,
    /// What the buffer keeps of large replies for the next ones.
    memory: Reservation,
    slack: Slack,
}

impl Output {
    /// `memory` counts what is kept.
    pub(super) const fn new(memory: Reservation) -> Self {
        Self { bytes: Buffer::new(), given: Vec::new(), memory, slack: Slack::NONE }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.given.iter().map(|given| given.bytes.len()).fold(self.bytes.len(), usize::saturating_add)
    }

    /// Where to append frames.
    pub(super) const fn bytes(&mut self) -> &mut Buffer {
        &mut self.bytes
    }

    /// Appends the reply to `request` that `run` writes.
    pub(super) fn reply(
        &mut self,
        request: &Header,
        bytes_max: usize,
        run: impl FnOnce(&mut Writer<'_>) -> Result<Status, Refusal>,
    ) -> Status {
        append_reply(&mut self.bytes, Some(&mut self.given), request, bytes_max, run)
    }

    /// Lets `write` write all of it.
    pub(super) fn write<T>(&self, write: impl FnOnce(&mut [IoSlice<'_>]) -> T) -> T {
        if self.given.is_empty() {
            return write(&mut [IoSlice::new(&self.bytes)]);
        }
        let mut parts = Vec::with_capacity(self.given.len().saturating_mul(2).saturating_add(1));
        let mut rest = &*self.bytes;
        let mut passed: usize = 0;
        for Given { at, bytes } in &self.given {
            // Invariant: they stand in the order in which they were given, at or before the end of the buffer.
            let (before, after) = rest.split_at_checked(at.saturating_sub(passed)).unwrap_or((rest, &[]));
            parts.push(IoSlice::new(before));
            parts.push(IoSlice::new(bytes));
            (rest, passed) = (after, *at);
        }
        parts.push(IoSlice::new(rest));
        write(&mut parts)
    }

    /// Empties it, and keeps memory for as large replies if they go on coming and there is enough of it.
    pub(super) fn clear(&mut self) {
        if !self.given.is_empty() {
            self.given = Vec::new();
        }
        let (bytes, used) = (self.bytes.capacity(), self.bytes.len());
        self.bytes.clear();
        if counted(bytes) > 0 {
            let keeps = !self.slack.is_too_much(bytes, used) && self.memory.is_ample() && self.memory.keep(bytes);
            if !keeps {
                self.release();
            }
        }
    }

    /// Gives all memory back.
    pub(super) fn release(&mut self) {
        debug_assert!(self.is_empty(), "what waits would be lost");
        self.bytes = Buffer::new();
        self.memory.resize(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Opcode, ServiceId,
        frame::{CallId, FrameKind, HeaderFlags},
        server::{memory::Budget, reply::append_refusal},
    };

    const REQUEST: Header = Header {
        length: 0,
        call_id: CallId(7),
        service: ServiceId(2),
        opcode: Opcode(3),
        kind: FrameKind::Request,
        flags: HeaderFlags::NONE,
        status: Status::OK,
    };

    fn output(budget: usize) -> (std::sync::Arc<Budget>, Output) {
        let budget = Budget::new(budget);
        let output = Output::new(budget.nothing());
        (budget, output)
    }

    fn written(output: &Output) -> Vec<u8> {
        let mut bytes = Vec::new();
        output.write(|parts| parts.iter().for_each(|part| bytes.extend_from_slice(part)));
        assert_eq!(bytes.len(), output.len());
        bytes
    }

    /// Replies with a string of so many bytes, given or copied.
    fn append(output: &mut Output, bytes: usize, gives: bool) {
        let value = vec![u8::try_from(bytes % 251).unwrap(); bytes];
        output.reply(&REQUEST, 1 << 20, |out| {
            match gives {
                true => crate::tlv::give_value(out, value),
                false => crate::tlv::encode_value(out, &value),
            }
            Ok(Status::OK)
        });
    }

    #[test]
    fn what_is_given_is_written_as_what_is_copied() {
        let lengths = [3, 16 << 10, 0, 100_000, 20_000, (16 << 10) - 1, 50_000];
        let ((_, mut given), (_, mut copied)) = (output(0), output(0));
        for bytes in lengths {
            append(&mut given, bytes, true);
            append(&mut copied, bytes, false);
        }
        assert_eq!(given.given.len(), 4);
        assert!(given.bytes.len() < 17 << 10, "long strings are not in the buffer");
        assert_eq!(written(&given), written(&copied));
    }

    #[test]
    fn a_reply_over_its_limit_or_of_a_handler_that_breaks_leaves_nothing_that_was_given() {
        for panics in [false, true] {
            let (_, mut output) = output(0);
            append(&mut output, 30_000, true);
            let before = written(&output);
            let status = output.reply(&REQUEST, 40_000, |out| {
                crate::tlv::give_value(out, vec![1; 39_000]);
                if panics {
                    panic!("the handler broke")
                }
                out.bytes(&[2; 2_000]);
                Ok(Status::OK)
            });
            assert_eq!(status, if panics { Status::INTERNAL } else { Status::REPLY_TOO_LARGE });
            let limit = (!panics).then_some(40_000);
            let mut refusal = Buffer::new();
            append_refusal(&mut refusal, &REQUEST, &Refusal { limit, ..Refusal::new(status) });
            assert_eq!(written(&output), [before, refusal.into()].concat());
        }
    }

    #[test]
    fn memory_of_large_replies_is_kept_while_they_come_and_can_be_counted() {
        let large = |output: &mut Output| output.bytes().extend_from_slice(&[0; 100_000]);
        let (budget, mut rich) = output(1 << 20);
        large(&mut rich);
        rich.clear();
        assert!(rich.bytes.capacity() >= 100_000 && rich.is_empty());
        assert!(!budget.nothing().resize((1 << 20) - 99_999), "it is counted");
        for _ in 0..100 {
            rich.bytes().extend_from_slice(&[1]);
            rich.clear();
        }
        assert!(rich.bytes.capacity() < 100_000);
        assert!(budget.nothing().resize(1 << 20));

        let (_, mut poor) = output(150_000);
        large(&mut poor);
        poor.clear();
        assert!(poor.bytes.capacity() >= 100_000, "as much as half was left");
        let (_, mut poor) = output(99_999);
        large(&mut poor);
        poor.clear();
        assert_eq!(poor.bytes.capacity(), 0);
    }
}
