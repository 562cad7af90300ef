//! Buffers that are used again, so that a warm channel allocates nothing for a call; and the rule by which large ones are
//! let go, so that one large message does not keep its memory for ever.

use parking_lot::Mutex;

/// Buffers for the bodies of requests and replies.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// The buffers, the last used on top, and the sum of their capacities. Held for a push or a pop.
    buffers: Mutex<(Vec<Vec<u8>>, usize)>,
}

/// As many as a full window of small calls uses at once.
const BUFFERS_MAX: usize = 128;
/// A buffer this small is never worth freeing.
const SMALL_BYTES: usize = 64 << 10;
/// Four bodies of the usual largest size.
const KEPT_BYTES_MAX: usize = 4 << 20;

impl Pool {
    pub(super) fn take(&self) -> Vec<u8> {
        let mut pool = self.buffers.lock();
        let buffer = pool.0.pop().unwrap_or_default();
        pool.1 = pool.1.saturating_sub(buffer.capacity());
        buffer
    }

    pub(super) fn put(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() == 0 || !is_worth_keeping(&buffer, buffer.len()) {
            return;
        }
        buffer.clear();
        let mut pool = self.buffers.lock();
        let bytes = pool.1.saturating_add(buffer.capacity());
        if pool.0.len() < BUFFERS_MAX && bytes <= KEPT_BYTES_MAX {
            pool.0.push(buffer);
            pool.1 = bytes;
        }
    }
}

/// Whether a buffer of which `used` bytes were needed last should be used again.
pub(super) const fn is_worth_keeping(buffer: &Vec<u8>, used: usize) -> bool {
    let capacity = buffer.capacity();
    capacity <= SMALL_BYTES || (used >= capacity / 4 && capacity <= KEPT_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again() {
        let pool = Pool::default();
        let mut buffer = pool.take();
        buffer.extend([1; 100]);
        let address = buffer.as_ptr();
        pool.put(buffer);
        let again = pool.take();
        assert!(again.is_empty());
        assert_eq!(again.as_ptr(), address);
    }

    #[test]
    fn a_large_buffer_stays_only_while_it_is_needed() {
        let pool = Pool::default();
        pool.put(vec![0; 1 << 20]);
        let mut buffer = pool.take();
        assert_eq!(buffer.capacity(), 1 << 20);
        buffer.extend([1; 100]);
        pool.put(buffer);
        assert_eq!(pool.take().capacity(), 0);
    }

    #[test]
    fn the_pool_is_bounded_in_number_and_bytes() {
        let pool = Pool::default();
        for _ in 0..200 {
            pool.put(vec![0; 10]);
        }
        assert_eq!(pool.buffers.lock().0.len(), BUFFERS_MAX);
        let pool = Pool::default();
        for _ in 0..10 {
            pool.put(vec![0; 1 << 20]);
        }
        assert_eq!(pool.buffers.lock().1, KEPT_BYTES_MAX);
    }
}
