//! How much memory a piece of work takes at its height, counted on its own thread by an allocator that passes everything on
//! to the system's. A program that wants to know declares [`CountingAllocator`] as its global allocator.
#![allow(unsafe_code, reason = "an allocator can only be written in unsafe code")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Counts the bytes that each thread holds.
#[derive(Debug)]
pub struct CountingAllocator;

thread_local! {
    /// Bytes that this thread has taken and not given back, and the most there were. Signed: a thread may give back what
    /// another has taken.
    static HELD: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// What `work` gives, and the bytes that this thread held at most during it beyond what it held before. Without
/// [`CountingAllocator`] that is always 0, so a caller makes sure with [`counts`].
///
/// # Panics
/// The count is below 0, which no work can make it.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let value = work();
    (value, usize::try_from(PEAK.get().saturating_sub(before)).expect("a peak is no less than where it began"))
}

/// Whether this program counts its allocations at all.
#[must_use]
pub fn counts() -> bool {
    peak_of(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(1_000)))).1 >= 1_000
}

fn count(bytes: i64) {
    // A thread that is ending has no counters any more.
    let _ending = HELD.try_with(|held| {
        held.set(held.get().wrapping_add(bytes));
        PEAK.with(|peak| peak.set(peak.get().max(held.get())));
    });
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

// SAFETY: every call is passed on to the system's allocator unchanged; counting neither allocates nor panics.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while the system moves the bytes.
        count(signed(size));
        count(-signed(layout.size()));
        unsafe { System.realloc(pointer, layout, size) }
    }
}
