//! A transport around a transport that keeps a copy of what crosses it, cut into frames.

use std::{
    io::{self, IoSlice},
    mem,
    sync::{Arc, Mutex},
};

use rpc_core::{
    Service, dump,
    frame::Header,
    transport::{Decorator, Transport, Wait},
};

/// Who spoke, and the bytes of a frame.
type Frame = (&'static str, Vec<u8>);

/// The frames that crossed a transport.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tap {
    frames: Arc<Mutex<Vec<Frame>>>,
}

impl Tap {
    /// Listens to `inner` from now on.
    pub(crate) fn listen<T: Transport>(&self, inner: T) -> Tapped<T> {
        Tapped { inner, tap: self.clone(), written: Mutex::default(), read: Mutex::default() }
    }

    /// Prints the frames since the last time, with the names that `service` has for their fields.
    pub(crate) fn show(&self, service: &'static Service) {
        for (who, frame) in mem::take(&mut *self.frames.lock().expect("nobody panics under it")) {
            print!("\n{who:<8} {} bytes: {}", frame.len(), dump::frame(&frame, &[service]));
        }
    }

    /// Takes note of bytes, and keeps each frame that is complete now: a length, then as many bytes after the header.
    fn note(&self, who: &'static str, pending: &Mutex<Vec<u8>>, bytes: &[u8]) {
        let mut pending = pending.lock().expect("nobody panics under it");
        pending.extend_from_slice(bytes);
        while let Some(length) = pending.first_chunk() {
            let end = Header::BYTES + u32::from_le_bytes(*length) as usize;
            if pending.len() < end {
                return;
            }
            let rest = pending.split_off(end);
            let frame = mem::replace(&mut *pending, rest);
            self.frames.lock().expect("nobody panics under it").push((who, frame));
        }
    }
}

/// A transport that is listened to.
#[derive(Debug)]
pub(crate) struct Tapped<T> {
    inner: T,
    tap: Tap,
    written: Mutex<Vec<u8>>,
    read: Mutex<Vec<u8>>,
}

impl<T: Transport> Decorator for Tapped<T> {
    fn inner(&self) -> &dyn Transport {
        &self.inner
    }

    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let count = self.inner.read(buffer, wait)?;
        self.tap.note("server", &self.read, &buffer[..count]);
        Ok(count)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = self.inner.write(parts)?;
        let bytes: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).take(count).collect();
        self.tap.note("client", &self.written, &bytes);
        Ok(count)
    }
}
