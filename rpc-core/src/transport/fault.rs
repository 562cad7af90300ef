//! A transport that misbehaves as networks do, the same way for the same seed: for testing a service against them.

use std::{
    fmt,
    io::{self, IoSlice},
    thread,
    time::Duration,
};

use parking_lot::Mutex;

use super::{Decorator, Transport, Wait};

/// Which bytes a fault befalls, seen from the side that holds the [`FaultTransport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Those it reads.
    Read,
    /// Those it writes.
    Write,
}

/// Wraps a transport and lets faults befall its bytes. Its `Debug` shows the seed, so that a failing run can be repeated.
///
/// ```
/// use rpc_core::transport::{Direction, FaultTransport, memory_pair};
///
/// let (client, server) = memory_pair();
/// let client = FaultTransport::new(client, 42).split(Direction::Read).reset_at(Direction::Write, 100);
/// # drop((client, server));
/// ```
pub struct FaultTransport {
    inner: Box<dyn Transport>,
    seed: u64,
    reads: Mutex<Faults>,
    writes: Mutex<Faults>,
}

#[derive(Debug)]
struct Faults {
    random: Random,
    split: bool,
    delay_max: Duration,
    end: Option<End>,
    /// Bytes that have passed.
    passed: u64,
}

/// What happens once `at` bytes have passed.
#[derive(Clone, Copy, Debug)]
struct End {
    at: u64,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Drop,
    Truncate,
    Reset,
}

impl FaultTransport {
    /// Wraps `inner`; no fault yet. Whatever is random follows from `seed`.
    #[must_use]
    pub fn new(inner: impl Transport + 'static, seed: u64) -> Self {
        let faults = |stream| {
            Mutex::new(Faults {
                random: Random(seed ^ stream),
                split: false,
                delay_max: Duration::ZERO,
                end: None,
                passed: 0,
            })
        };
        Self { inner: Box::new(inner), seed, reads: faults(0), writes: faults(u64::MAX) }
    }

    /// Bytes move in pieces of random size, often a single one.
    #[must_use]
    pub fn split(self, direction: Direction) -> Self {
        self.faults(direction).lock().split = true;
        self
    }

    /// Bytes move, still in order, after a random wait of at most `delay_max` for each piece.
    #[must_use]
    pub fn delay(self, direction: Direction, delay_max: Duration) -> Self {
        self.faults(direction).lock().delay_max = delay_max;
        self
    }

    /// Byte `at` and all after it vanish without a sign: written ones are taken and lost, others never come.
    #[must_use]
    pub fn drop_at(self, direction: Direction, at: u64) -> Self {
        self.end(direction, at, How::Drop)
    }

    /// The stream ends in order before byte `at`.
    #[must_use]
    pub fn truncate_at(self, direction: Direction, at: u64) -> Self {
        self.end(direction, at, How::Truncate)
    }

    /// The connection breaks before byte `at`, in both directions.
    #[must_use]
    pub fn reset_at(self, direction: Direction, at: u64) -> Self {
        self.end(direction, at, How::Reset)
    }

    /// What all random choices follow from.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    fn end(self, direction: Direction, at: u64, how: How) -> Self {
        self.faults(direction).lock().end = Some(End { at, how });
        self
    }

    const fn faults(&self, direction: Direction) -> &Mutex<Faults> {
        match direction {
            Direction::Read => &self.reads,
            Direction::Write => &self.writes,
        }
    }

    fn reset<T>(&self) -> io::Result<T> {
        self.inner.close();
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl Faults {
    /// How many of `bytes` may pass now, or how the stream ends here.
    fn allow(&mut self, bytes: usize) -> Result<usize, How> {
        let mut allowed = bytes;
        if let Some(End { at, how }) = self.end {
            let left = usize::try_from(at.saturating_sub(self.passed)).unwrap_or(usize::MAX);
            if left == 0 {
                return Err(how);
            }
            allowed = allowed.min(left);
        }
        if self.split {
            allowed = allowed.min(1_usize << self.random.below(8));
        }
        Ok(allowed)
    }

    fn pass(&mut self, bytes: usize) {
        self.passed = self.passed.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn delay(&mut self) -> Duration {
        let micros = u64::try_from(self.delay_max.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random.below(micros.saturating_add(1)))
    }
}

impl Decorator for FaultTransport {
    fn inner(&self) -> &dyn Transport {
        &*self.inner
    }

    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        let (allowed, delay) = {
            let mut faults = self.reads.lock();
            (faults.allow(buffer.len()), faults.delay())
        };
        let allowed = match allowed {
            Ok(allowed) => allowed,
            Err(How::Truncate) => return Ok(0),
            Err(How::Reset) => return self.reset(),
            Err(How::Drop) => {
                // Nothing comes any more, but an end and a deadline still do.
                while self.inner.read(buffer, wait)? != 0 {}
                return Ok(0);
            }
        };
        if let Wait::Until(deadline) = wait
            && !delay.is_zero()
        {
            thread::sleep(deadline.left().map_or(delay, |left| left.min(delay)));
        }
        let read = self.inner.read(buffer.get_mut(..allowed).unwrap_or_default(), wait)?;
        self.reads.lock().pass(read);
        Ok(read)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let Some(part) = parts.iter().find(|part| !part.is_empty()) else { return Ok(0) };
        let (allowed, delay) = {
            let mut faults = self.writes.lock();
            (faults.allow(part.len()), faults.delay())
        };
        let allowed = match allowed {
            Ok(allowed) => allowed,
            Err(How::Drop) => return Ok(part.len()),
            Err(How::Truncate) => {
                self.inner.shutdown()?;
                return Ok(part.len());
            }
            Err(How::Reset) => return self.reset(),
        };
        if !delay.is_zero() {
            thread::sleep(delay);
        }
        let written = self.inner.write(&[IoSlice::new(part.get(..allowed).unwrap_or_default())])?;
        self.writes.lock().pass(written);
        Ok(written)
    }
}

impl fmt::Debug for FaultTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultTransport").field("seed", &self.seed).field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// SplitMix64: small, even, and the same on every machine.
#[derive(Debug)]
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Deadline, MemoryTransport, memory_pair, write_all};

    /// What comes out of the far end when `bytes` are written through the faults that `faulty` adds, and how it ends.
    fn written(faulty: impl FnOnce(FaultTransport) -> FaultTransport, bytes: &[u8]) -> (Vec<u8>, io::Result<()>) {
        let (near, far) = memory_pair();
        let near = faulty(FaultTransport::new(near, 7));
        let result = write_all(&near, bytes, Deadline::NEVER);
        (drain(&far), result)
    }

    fn drain(far: &MemoryTransport) -> Vec<u8> {
        let mut all = Vec::new();
        let mut buffer = [0; 64];
        while let Ok(read) = far.read(&mut buffer, Wait::Now) {
            if read == 0 {
                break;
            }
            all.extend(&buffer[..read]);
        }
        all
    }

    fn bytes() -> Vec<u8> {
        (0..200).collect()
    }

    #[test]
    fn split_bytes_arrive_whole_in_many_pieces() {
        let (near, far) = memory_pair();
        let near: &dyn Transport = &FaultTransport::new(near, 7).split(Direction::Read);
        write_all(&far, &bytes(), Deadline::NEVER).unwrap();
        let (mut all, mut pieces, mut buffer) = (Vec::<u8>::new(), 0, [0; 200]);
        while let Ok(read) = near.read(&mut buffer, Wait::Now) {
            all.extend(&buffer[..read]);
            pieces += 1;
        }
        assert_eq!(all, bytes());
        assert!(pieces > 3, "{pieces}");
        assert_eq!(written(|t| t.split(Direction::Write), &bytes()).0, bytes());
    }

    #[test]
    fn delayed_bytes_arrive_in_order() {
        let delay = Duration::from_micros(10);
        let through = written(|t| t.split(Direction::Write).delay(Direction::Write, delay), &bytes());
        assert_eq!(through.0, bytes());
    }

    #[test]
    fn each_end_falls_on_its_byte() {
        #[track_caller]
        fn check(faulty: impl FnOnce(FaultTransport) -> FaultTransport, error: Option<io::ErrorKind>) {
            let (out, result) = written(faulty, &bytes());
            assert_eq!(out, bytes()[..99]);
            assert_eq!(result.err().map(|e| e.kind()), error);
        }
        check(|t| t.drop_at(Direction::Write, 99), None);
        check(|t| t.truncate_at(Direction::Write, 99), None);
        check(|t| t.reset_at(Direction::Write, 99), Some(io::ErrorKind::ConnectionReset));
    }

    #[test]
    fn reads_end_on_their_byte() {
        #[track_caller]
        fn check(faulty: impl FnOnce(FaultTransport) -> FaultTransport, last: Result<usize, io::ErrorKind>) {
            let (near, far) = memory_pair();
            let near: &dyn Transport = &faulty(FaultTransport::new(near, 7));
            write_all(&far, &bytes(), Deadline::NEVER).unwrap();
            let mut buffer = [0; 200];
            assert_eq!(near.read(&mut buffer, Wait::Now).unwrap(), 5);
            assert_eq!(near.read(&mut buffer, Wait::Now).map_err(|e| e.kind()), last);
        }
        check(|t| t.truncate_at(Direction::Read, 5), Ok(0));
        check(|t| t.drop_at(Direction::Read, 5), Err(io::ErrorKind::WouldBlock));
        check(|t| t.reset_at(Direction::Read, 5), Err(io::ErrorKind::ConnectionReset));
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_is_shown() {
        let mut a = Random(1);
        let mut b = Random(1);
        assert!((0..100).all(|_| a.next() == b.next()));
        let (near, _far) = memory_pair();
        assert!(format!("{:?}", FaultTransport::new(near, 0x5eed)).contains(&0x5eed.to_string()));
    }
}
