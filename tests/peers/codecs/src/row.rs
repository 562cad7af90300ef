//! A row of the tables: one codec at work on one sample.

use std::hint::black_box;

/// Does one thing as often as it is told to.
pub(crate) type Repeat = Box<dyn FnMut(u64)>;

/// A codec at work on a sample. Its round trips were checked when it was made.
pub(crate) struct Row {
    pub(crate) codec: &'static str,
    pub(crate) bytes: usize,
    /// Encodes into a buffer that is used again.
    pub(crate) encode: Option<Repeat>,
    /// Decodes to a value of its own, with every check on, and drops it.
    pub(crate) decode: Option<Repeat>,
    /// Reads every field without owning any text, with every check on.
    pub(crate) read: Option<Repeat>,
    /// Decodes what a newer sender sent, which has two unknown fields in each call and each mark.
    pub(crate) newer: Option<Repeat>,
}

/// Does `once` again and again, so that nothing of it can be left out.
pub(crate) fn repeat<T>(mut once: impl FnMut() -> T + 'static) -> Option<Repeat> {
    Some(Box::new(move |times| {
        for _ in 0..times {
            black_box(once());
        }
    }))
}
