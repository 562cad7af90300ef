//! The lines of a dump, and the cursor that walks over the bytes. The cursor only ever says "not there", never why: a dump
//! shows whatever is there.

use std::fmt;

/// Bytes to annotate, and where they stand in the frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'b> {
    rest: &'b [u8],
    offset: usize,
}

impl<'b> Walk<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) const fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The cursor as it stands, for [`Lines::since`].
    pub(super) const fn mark(&self) -> Self {
        *self
    }

    pub(super) fn take(&mut self, bytes: usize) -> Option<&'b [u8]> {
        self.cut(bytes).map(|cut| cut.rest)
    }

    /// The next bytes as a walk of their own.
    pub(super) fn cut(&mut self, bytes: usize) -> Option<Self> {
        let (head, rest) = self.rest.split_at_checked(bytes)?;
        let cut = Self { rest: head, offset: self.offset };
        *self = Self { rest, offset: self.offset.saturating_add(bytes) };
        Some(cut)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().copied().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().copied().map(u32::from_le_bytes)
    }

    /// A u32 that counts something.
    pub(super) fn length(&mut self) -> Option<usize> {
        self.u32().and_then(|length| usize::try_from(length).ok())
    }
}

/// The lines of a dump, in the order of the bytes.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<Line>);

#[derive(Debug)]
struct Line {
    offset: usize,
    depth: usize,
    bytes: Vec<u8>,
    /// How many of the bytes, from the first, may be shown.
    shown: usize,
    text: String,
}

impl Lines {
    /// A line for the bytes between `start` and where `walk` stands now.
    pub(super) fn since(&mut self, walk: &Walk<'_>, start: Walk<'_>, depth: usize, text: impl Into<String>) {
        self.push(walk, start, depth, usize::MAX, text.into());
    }

    /// The same; but the bytes from `hidden` on, which may hold a secret, are not shown.
    pub(super) fn since_hiding(
        &mut self,
        walk: &Walk<'_>,
        start: Walk<'_>,
        hidden: Walk<'_>,
        depth: usize,
        text: impl Into<String>,
    ) {
        self.push(walk, start, depth, hidden.offset.saturating_sub(start.offset), text.into());
    }

    /// A line for the next `bytes` bytes, which are known to be there.
    pub(super) fn known(&mut self, walk: &mut Walk<'_>, bytes: usize, depth: usize, text: &str) {
        let start = walk.mark();
        if walk.take(bytes).is_some() {
            self.since(walk, start, depth, text);
        }
    }

    /// A line for everything that is left.
    pub(super) fn rest(&mut self, walk: &mut Walk<'_>, depth: usize, text: &str) {
        let bytes = walk.rest.len();
        self.known(walk, bytes, depth, text);
    }

    /// A line for everything that is left, which may hold a secret.
    pub(super) fn hidden_rest(&mut self, walk: &mut Walk<'_>, depth: usize, text: &str) {
        let start = walk.mark();
        let bytes = walk.rest.len();
        if walk.take(bytes).is_some() {
            self.since_hiding(walk, start, start, depth, text);
        }
    }

    fn push(&mut self, walk: &Walk<'_>, start: Walk<'_>, depth: usize, shown: usize, text: String) {
        let length = walk.offset.saturating_sub(start.offset);
        let bytes = start.rest.get(..length).unwrap_or_default().to_vec();
        self.0.push(Line { offset: start.offset, depth, bytes, shown, text });
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| line.fmt(f))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("  {:width$}{}", "", self.text, width = self.depth.saturating_mul(2));
        let mut offset = self.offset;
        let mut shown = self.shown;
        for row in self.bytes.chunks(ROW_BYTES) {
            for byte in row {
                if shown > 0 {
                    write!(f, "{byte:02x} ")?
                } else {
                    f.write_str(".. ")?
                }
                shown = shown.saturating_sub(1);
            }
            let gap = ROW_BYTES.saturating_sub(row.len()).saturating_mul(3);
            writeln!(f, "{:gap$} # {offset:04x}{text}", "")?;
            offset = offset.saturating_add(row.len());
            text.clear();
        }
        Ok(())
    }
}

/// Bytes on one line: with the offset and a short text it fits 80 columns.
const ROW_BYTES: usize = 8;
