//! Records what crosses a socket: a transport around a transport that keeps a copy of each byte, cut into frames.

use std::{
    io::{self, IoSlice},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use clap::builder::styling::AnsiColor;
use grades_api::{AccountsClient, GradesClient};
use rpc_core::{
    dump,
    frame::Header,
    transport::{Decorator, Direction, Transport, Wait},
};

/// Keeps the frames of any number of connections in the order in which they were complete.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    /// Held for a push or a take, never while bytes are moved.
    frames: Arc<Mutex<Vec<RecordedFrame>>>,
}

/// Which way a frame went, and its bytes.
type RecordedFrame = (Direction, Vec<u8>);

/// A transport whose bytes are recorded.
#[derive(Debug)]
pub(super) struct RecordingTransport<T> {
    inner: T,
    recorder: Recorder,
    /// The beginning of the next frame of each direction.
    written: Mutex<Vec<u8>>,
    read: Mutex<Vec<u8>>,
}

impl Recorder {
    /// Records what crosses `inner` from now on.
    pub(super) fn record<T: Transport>(&self, inner: T) -> RecordingTransport<T> {
        RecordingTransport { inner, recorder: self.clone(), written: Mutex::default(), read: Mutex::default() }
    }

    /// The frames since the last time, as annotated bytes.
    pub(super) fn take(&self) -> String {
        let frames = std::mem::take(&mut *locked(&self.frames));
        let services = [&AccountsClient::SERVICE, &GradesClient::SERVICE];
        let mut text = String::new();
        for (direction, frame) in frames {
            let (title, color) = match direction {
                Direction::Write => ("client to server", AnsiColor::Cyan),
                Direction::Read => ("server to client", AnsiColor::Magenta),
            };
            let style = color.on_default().bold();
            let dump = dump::frame(&frame, &services).to_string();
            let mut lines = dump.lines();
            let name = lines.next().unwrap_or_default();
            text.push_str(&format!("{style}{title}, {} bytes: {name}{style:#}\n", frame.len()));
            lines.for_each(|line| text.push_str(&colored(line)));
        }
        text
    }

    /// Takes note of bytes, and keeps each frame that is complete now.
    fn note(&self, direction: Direction, pending: &Mutex<Vec<u8>>, bytes: &[u8]) {
        let mut pending = locked(pending);
        pending.extend_from_slice(bytes);
        while let Some(frame) = split_frame(&mut pending) {
            locked(&self.frames).push((direction, frame));
        }
    }
}

/// A line of a dump, its bytes apart from what they mean.
fn colored(line: &str) -> String {
    let yellow = AnsiColor::Yellow.on_default();
    match line.split_once('#') {
        Some((bytes, meaning)) => format!("{yellow}{bytes}{yellow:#}#{meaning}\n"),
        None => format!("{yellow}{line}{yellow:#}\n"),
    }
}

/// The first frame, if all of it is there (Wire §2.1).
fn split_frame(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_le_bytes(*bytes.first_chunk()?);
    let end = usize::try_from(length).ok()?.checked_add(Header::BYTES)?;
    if bytes.len() < end {
        return None;
    }
    let rest = bytes.split_off(end);
    Some(std::mem::replace(bytes, rest))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked left whole values behind: each change is one push or one take.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Transport> Decorator for RecordingTransport<T> {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let count = self.inner.read(buffer, wait)?;
        self.recorder.note(Direction::Read, &self.read, buffer.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = self.inner.write(parts)?;
        let mut left = count;
        for part in parts {
            let taken = part.get(..left).unwrap_or(part);
            self.recorder.note(Direction::Write, &self.written, taken);
            left = left.saturating_sub(taken.len());
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_at_their_ends_however_the_bytes_arrive() {
        fn frame(content: u8) -> Vec<u8> {
            let mut frame = vec![0; Header::BYTES + usize::from(content)];
            frame[0] = content;
            frame
        }
        #[track_caller]
        fn check(step: usize) {
            let (recorder, pending) = (Recorder::default(), Mutex::default());
            let expected = [frame(3), frame(0), frame(200)];
            for bytes in expected.concat().chunks(step) {
                recorder.note(Direction::Read, &pending, bytes);
            }
            let frames = locked(&recorder.frames).clone();
            assert_eq!(frames, expected.map(|frame| (Direction::Read, frame)), "{step} bytes at once");
        }
        for step in [1, 7, 16, 17, 1000] {
            check(step);
        }
    }
}
