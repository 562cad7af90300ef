//! Turns bytes as they arrive into frames, for both sides.
//!
//! ```text
//!            start                    end
//!   | consumed | frame | frame | part |   room   |
//!                                      <- read ->
//! ```
//!
//! What is absent: nothing is allocated from a length that a peer declares. The buffer grows by doubling, and only when
//! it is full of bytes that have arrived.

use super::{FrameError, Header, slack::Slack};

/// One complete frame, lent by a [`ReceiveBuffer`].
#[derive(Clone, Copy, Debug)]
pub struct Frame<'b> {
    /// The fixed part.
    pub header: Header,
    /// Metadata and body, `header.length` bytes; [`Frame::parts`] parts them.
    pub content: &'b [u8],
}

/// Bytes that have arrived and are not yet consumed.
#[derive(Debug, Default)]
pub struct ReceiveBuffer {
    /// All of it is initialised; `start..end` holds bytes of the peer.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes still to come of a frame that is being skipped.
    skip: u64,
    /// Whether the last read filled all the room it had: more was probably waiting.
    filled: bool,
    slack: Slack,
}

impl ReceiveBuffer {
    /// One small request or reply; a server with thousands of silent connections pays it for each.
    const FIRST_BYTES: usize = 1 << 10;
    /// Reads that fill their room grow the buffer so far: enough for a window of small calls in one read.
    const FILL_BYTES_MAX: usize = 64 << 10;

    /// An empty buffer, without memory until it is first used.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), start: 0, end: 0, skip: 0, filled: false, slack: Slack::NONE }
    }

    /// Where the next read goes: at least one byte, or all the memory of the peer's own frame.
    pub fn room(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let wanted = self.front_bytes();
        let size = self.bytes.len();
        if self.end == size || size.saturating_sub(self.start) < wanted {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end.saturating_sub(self.start));
        }
        let more_waits = self.filled && size < Self::FILL_BYTES_MAX;
        if self.end == size || more_waits {
            self.filled = false;
            let doubled = size.saturating_mul(2).max(Self::FIRST_BYTES);
            // The last step goes to the frame's own size: what lies behind it is another read.
            let grown = if wanted > size { doubled.min(wanted.max(Self::FIRST_BYTES)) } else { doubled };
            self.bytes.resize(grown, 0);
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// Says that the first `bytes` of [`ReceiveBuffer::room`] have been filled.
    pub fn received(&mut self, bytes: usize) {
        let room = self.bytes.len().saturating_sub(self.end);
        debug_assert!(bytes <= room, "more was read than there was room for");
        self.filled = bytes >= room;
        self.end = self.end.saturating_add(bytes.min(room));
        self.skip_present();
    }

    /// Appends bytes that are in memory already.
    pub fn extend(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.room();
            let (head, rest) = bytes.split_at_checked(room.len()).unwrap_or((bytes, &[]));
            if let Some(place) = room.get_mut(..head.len()) {
                place.copy_from_slice(head);
            }
            self.received(head.len());
            bytes = rest;
        }
    }

    /// The first frame's header and the bytes of it that are there so far; `None` while the header is incomplete. Lets a
    /// server judge a call before its body has arrived.
    ///
    /// # Errors
    /// The bytes are no header.
    pub fn front(&self) -> Result<Option<Frame<'_>>, FrameError> {
        let present = self.present();
        let Some((header, rest)) = present.split_first_chunk() else { return Ok(None) };
        let header = Header::decode(header)?;
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        Ok(Some(Frame { header, content: rest.get(..length).unwrap_or(rest) }))
    }

    /// Takes the first frame out, once it is complete.
    ///
    /// # Errors
    /// The bytes are no header, or the frame is longer than `length_max`, which is known before it has arrived.
    pub fn next_frame(&mut self, length_max: u32) -> Result<Option<Frame<'_>>, FrameError> {
        let Some(Frame { header, .. }) = self.front()? else { return Ok(None) };
        if header.length > length_max {
            return Err(FrameError::TooLong(header.length));
        }
        Ok(self.take_front(&header))
    }

    /// Takes the first frame out, whose header [`ReceiveBuffer::front`] has read before, once it is complete.
    pub(crate) fn take_front(&mut self, header: &Header) -> Option<Frame<'_>> {
        let content = self.start.saturating_add(Header::BYTES);
        let next = content.saturating_add(usize::try_from(header.length).unwrap_or(usize::MAX));
        if next > self.end {
            return None;
        }
        self.start = next;
        Some(Frame { header: *header, content: self.bytes.get(content..next)? })
    }

    /// Takes the first frame out, which [`ReceiveBuffer::front`] has shown to be complete.
    pub(crate) fn consume_front(&mut self) {
        self.start = self.start.saturating_add(self.front_bytes()).min(self.end);
    }

    /// Drops the first frame: what is there of it now, and the rest as it comes. Its header must be there.
    pub fn skip_frame(&mut self) {
        if let Ok(Some(Frame { header, .. })) = self.front() {
            self.start = self.start.saturating_add(Header::BYTES);
            self.skip = u64::from(header.length);
            self.skip_present();
        }
    }

    /// Whether a frame is being skipped of which bytes are still to come.
    #[must_use]
    pub const fn is_skipping(&self) -> bool {
        self.skip > 0
    }

    /// Whether the stream may end here: no part of a frame is waiting or being skipped.
    #[must_use]
    pub const fn is_between_frames(&self) -> bool {
        self.start == self.end && self.skip == 0
    }

    /// Bytes that have arrived and are not consumed.
    #[must_use]
    pub const fn bytes_waiting(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Bytes of memory that the buffer holds.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Gives memory back that large frames have left, if they have not come for a while, or if it is more than
    /// `kept_bytes_max`. To be called in a pause.
    pub fn trim(&mut self, kept_bytes_max: usize) {
        if self.start != self.end || self.bytes.len() <= Self::FILL_BYTES_MAX {
            return;
        }
        // After `room` has filled from 0, `end` is what the last round needed.
        if self.slack.is_too_much(self.bytes.len(), self.end) || self.bytes.len() > kept_bytes_max {
            self.shrink_to(Self::FILL_BYTES_MAX);
        }
    }

    /// Gives memory back that a large frame has left, although more bytes may wait: for a frame that was copied elsewhere.
    pub(crate) fn shrink(&mut self) {
        if self.bytes.len() > Self::FILL_BYTES_MAX {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.bytes_waiting());
            self.bytes.truncate(self.end.max(Self::FILL_BYTES_MAX));
            self.bytes.shrink_to_fit();
        }
    }

    /// Gives all memory back that no waiting byte needs: for a connection that falls silent.
    pub fn release(&mut self) {
        if self.start == self.end {
            self.shrink_to(0);
        }
    }

    fn present(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Bytes of the first frame, as far as its header tells; those of a header otherwise.
    fn front_bytes(&self) -> usize {
        let header = self.present().first_chunk().and_then(|header| Header::decode(header).ok());
        let length = header.map_or(0, |header| usize::try_from(header.length).unwrap_or(usize::MAX));
        length.saturating_add(Header::BYTES)
    }

    fn skip_present(&mut self) {
        let present = self.bytes_waiting();
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(present);
        self.start = self.start.saturating_add(skipped);
        self.skip = self.skip.saturating_sub(u64::try_from(skipped).unwrap_or(u64::MAX));
    }

    fn shrink_to(&mut self, size: usize) {
        (self.start, self.end, self.filled) = (0, 0, false);
        self.bytes.truncate(size);
        self.bytes.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Opcode, ServiceId, Status,
        frame::{CallId, FrameKind, HeaderFlags},
    };

    const MAX: u32 = 8 << 20;

    fn frame(call_id: u32, length: usize) -> Vec<u8> {
        let header = Header {
            length: u32::try_from(length).unwrap(),
            call_id: CallId(call_id),
            service: ServiceId(1),
            opcode: Opcode(1),
            kind: FrameKind::Request,
            flags: HeaderFlags::NONE,
            status: Status::OK,
        };
        let mut bytes = header.encode().to_vec();
        bytes.extend((0..length).map(|i| u8::try_from(i % 251).unwrap()));
        bytes
    }

    /// The frames that come out, as call id and length, when `bytes` arrive in pieces of `piece`.
    fn frames(buffer: &mut ReceiveBuffer, bytes: &[u8], piece: usize) -> Vec<(u32, usize)> {
        let mut all = Vec::new();
        for piece in bytes.chunks(piece) {
            buffer.extend(piece);
            while let Some(frame) = buffer.next_frame(MAX).unwrap() {
                assert!(frame.content.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i % 251));
                all.push((frame.header.call_id.0, frame.content.len()));
            }
        }
        all
    }

    #[test]
    fn frames_come_out_whole_however_the_bytes_arrive() {
        let lengths = [0, 1, 15, 1_007, 1_008, 1_009, 70_000, 3, 0, 200_000, 5];
        let bytes: Vec<u8> = (0..).zip(lengths).flat_map(|(id, length)| frame(id, length)).collect();
        let expected: Vec<_> = (0..).zip(lengths).collect();
        for piece in [1, 7, 16, 1_000, 4_096, bytes.len()] {
            let mut buffer = ReceiveBuffer::new();
            assert_eq!(frames(&mut buffer, &bytes, piece), expected, "{piece}");
            assert!(buffer.is_between_frames());
        }
    }

    #[test]
    fn a_declared_length_allocates_nothing() {
        let mut buffer = ReceiveBuffer::new();
        buffer.extend(&frame(1, 4 << 20)[..100]);
        assert!(buffer.next_frame(MAX).unwrap().is_none());
        assert!(buffer.room().len() < 2_048);
        buffer.extend(&[0; 100_000]);
        assert!(buffer.capacity() <= 2 * 100_100, "{}", buffer.capacity());
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_on_its_header_alone() {
        let mut buffer = ReceiveBuffer::new();
        buffer.extend(&frame(1, 101)[..16]);
        assert_eq!(buffer.next_frame(100).unwrap_err(), FrameError::TooLong(101));
        assert!(buffer.next_frame(101).unwrap().is_none());
    }

    #[test]
    fn a_frame_can_be_judged_before_it_is_complete_and_skipped() {
        let bytes = [frame(1, 50_000), frame(2, 3)].concat();
        let mut buffer = ReceiveBuffer::new();
        buffer.extend(&bytes[..15]);
        assert!(buffer.front().unwrap().is_none());
        buffer.extend(&bytes[15..100]);
        assert_eq!(buffer.front().unwrap().unwrap().content.len(), 84);
        buffer.skip_frame();
        assert!(buffer.is_skipping() && !buffer.is_between_frames());
        for piece in bytes[100..].chunks(999) {
            buffer.extend(piece);
            assert!(buffer.capacity() < 4_096);
        }
        assert_eq!(buffer.next_frame(MAX).unwrap().unwrap().header.call_id, CallId(2));
        assert!(buffer.is_between_frames());
    }

    #[test]
    fn memory_of_large_frames_is_given_back() {
        let mut buffer = ReceiveBuffer::new();
        frames(&mut buffer, &frame(1, 1 << 20), 65_536);
        assert!(buffer.capacity() > 1 << 20);
        for _ in 0..100 {
            frames(&mut buffer, &frame(1, 10), 65_536);
            buffer.trim(usize::MAX);
        }
        assert_eq!(buffer.capacity(), ReceiveBuffer::FILL_BYTES_MAX);
        for (kept_bytes_max, is_kept) in [(usize::MAX, true), (Header::BYTES + (4 << 20), true), (4 << 20, false)] {
            frames(&mut buffer, &frame(1, 4 << 20), 65_536);
            buffer.trim(kept_bytes_max);
            assert_eq!(buffer.capacity() > 4 << 20, is_kept, "{kept_bytes_max}");
        }
        buffer.release();
        assert_eq!(buffer.capacity(), 0);
    }

    #[test]
    fn memory_of_a_large_frame_can_be_given_back_while_a_part_of_the_next_waits() {
        for waiting in [0, 7, 50, 16 + 200_000 - 1] {
            let next = frame(2, 200_000);
            let mut buffer = ReceiveBuffer::new();
            buffer.extend(&[frame(1, 1 << 20).as_slice(), &next[..waiting]].concat());
            assert_eq!(buffer.next_frame(MAX).unwrap().unwrap().header.call_id, CallId(1));
            buffer.shrink();
            assert_eq!(buffer.capacity(), ReceiveBuffer::FILL_BYTES_MAX.max(waiting));
            assert_eq!(buffer.bytes_waiting(), waiting);
            assert_eq!(frames(&mut buffer, &next[waiting..], 65_536), [(2, 200_000)], "{waiting}");
        }
    }

    #[test]
    fn reads_that_end_inside_a_frame_make_room_as_well() {
        let mut buffer = ReceiveBuffer::new();
        let mut many = frame(1, 76).repeat(64).into_iter().cycle();
        for room in [1 << 10, 2 << 10, 4 << 10] {
            let place = buffer.room();
            assert!((room - 92..=room).contains(&place.len()), "{} of {room}", place.len());
            let bytes = place.len();
            place.fill_with(|| many.next().unwrap());
            buffer.received(bytes);
            while buffer.next_frame(MAX).unwrap().is_some() {}
            assert!(!buffer.is_between_frames());
        }
        buffer.room();
        assert_eq!(buffer.room().len() + buffer.bytes_waiting(), 8 << 10, "once for each read");
    }

    #[test]
    fn a_full_read_makes_room_for_a_larger_one() {
        let mut buffer = ReceiveBuffer::new();
        let small = frame(1, 10);
        for _ in 0..10 {
            let room = buffer.room().len();
            let many: Vec<u8> = small.iter().copied().cycle().take(room / small.len() * small.len()).collect();
            frames(&mut buffer, &many, many.len());
        }
        assert!(buffer.capacity() <= ReceiveBuffer::FILL_BYTES_MAX);
    }
}
