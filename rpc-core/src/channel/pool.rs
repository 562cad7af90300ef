//! Buffers that are used again, so that a warm channel allocates nothing for a call; and the rule by which large ones are
//! let go, so that one large message does not keep its memory for ever.
//!
//! Small buffers stay with the thread that used them, where they cost no lock. What one thread has too many of, because it
//! waits for calls that others start, goes to the channel's own.

use std::{cell::RefCell, mem};

use parking_lot::Mutex;

use crate::tlv::Buffer;

/// Buffers for the bodies of requests and replies.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// The buffers that no thread keeps, the last used on top, and the sum of their capacities. Held for a push or a pop.
    buffers: Mutex<(Vec<Buffer>, usize)>,
}

/// As many as a full window of small calls uses at once.
const BUFFERS_MAX: usize = 128;
/// A buffer this small is never worth freeing.
const SMALL_BYTES: usize = 64 << 10;
/// Four bodies of the usual largest size.
const KEPT_BYTES_MAX: usize = 4 << 20;
/// What a thread keeps: a usual body. With [`BUFFERS_MAX`] of them, 128 KiB.
const OWN_BYTES_MAX: usize = 1 << 10;

thread_local! {
    /// Small buffers of this thread, for the calls of any channel.
    static OWN: RefCell<Vec<Buffer>> = const { RefCell::new(Vec::new()) };
}

impl Pool {
    #[inline]
    pub(super) fn take(&self) -> Buffer {
        // Why `try`: a call may be given up while its thread ends.
        match OWN.try_with(|own| own.borrow_mut().pop()) {
            Ok(Some(buffer)) => buffer,
            Ok(None) | Err(_) => self.take_shared(),
        }
    }

    #[cold]
    fn take_shared(&self) -> Buffer {
        let mut pool = self.buffers.lock();
        let buffer = pool.0.pop().unwrap_or_default();
        pool.1 = pool.1.saturating_sub(buffer.capacity());
        buffer
    }

    pub(super) fn put(&self, mut buffer: Buffer) {
        if buffer.capacity() == 0 || !is_worth_keeping(buffer.capacity(), buffer.len()) {
            return;
        }
        buffer.clear();
        if buffer.capacity() <= OWN_BYTES_MAX {
            let kept = OWN.try_with(|own| {
                let mut own = own.borrow_mut();
                if own.len() < BUFFERS_MAX {
                    own.push(mem::take(&mut buffer));
                }
            });
            if kept.is_ok() && buffer.capacity() == 0 {
                return;
            }
        }
        let mut pool = self.buffers.lock();
        let bytes = pool.1.saturating_add(buffer.capacity());
        if pool.0.len() < BUFFERS_MAX && bytes <= KEPT_BYTES_MAX {
            pool.0.push(buffer);
            pool.1 = bytes;
        }
    }
}

/// Whether a buffer of this capacity, of which `used` bytes were needed last should be used again.
pub(super) const fn is_worth_keeping(capacity: usize, used: usize) -> bool {
    capacity <= SMALL_BYTES || (used >= capacity / 4 && capacity <= KEPT_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again() {
        for bytes in [100, 2 << 10] {
            let pool = Pool::default();
            let mut buffer = pool.take();
            buffer.extend_from_slice(&vec![1; bytes]);
            let address = buffer.as_ptr();
            pool.put(buffer);
            let again = pool.take();
            assert!(again.is_empty());
            assert_eq!(again.as_ptr(), address);
        }
    }

    #[test]
    fn a_large_buffer_stays_only_while_it_is_needed() {
        let pool = Pool::default();
        pool.put(vec![0; 1 << 20].into());
        let mut buffer = pool.take();
        assert_eq!(buffer.capacity(), 1 << 20);
        buffer.extend_from_slice(&[1; 100]);
        pool.put(buffer);
        assert_eq!(pool.take().capacity(), 0);
    }

    #[test]
    fn the_pool_is_bounded_in_number_and_bytes() {
        let pool = Pool::default();
        for _ in 0..300 {
            pool.put(vec![0; 10].into());
        }
        assert_eq!(pool.buffers.lock().0.len(), BUFFERS_MAX);
        assert_eq!(OWN.with_borrow(Vec::len), BUFFERS_MAX);
        let pool = Pool::default();
        for _ in 0..10 {
            pool.put(vec![0; 1 << 20].into());
        }
        assert_eq!(pool.buffers.lock().1, KEPT_BYTES_MAX);
    }

    #[test]
    fn what_a_thread_has_too_many_of_serves_the_others() {
        let pool = Pool::default();
        std::thread::scope(|scope| drop(scope.spawn(|| (0..300).for_each(|_| pool.put(vec![0; 10].into())))));
        assert!((0..BUFFERS_MAX).all(|_| pool.take().capacity() > 0));
    }
}
