//! What bytes from an enemy are put through: one function a target, each of which takes any bytes and panics if a promise is
//! broken. `fuzz/` runs them under a coverage-guided fuzzer, the test program `wire` runs them on the checked-in seeds and on
//! mutations of those. Whoever runs them declares [`crate::CountingAllocator`], since the targets hold memory to its bounds.

mod bodies;
mod framing;
mod mutation;
mod sides;
mod texts;

pub use mutation::{Shape, mutate};

/// A function that survives any bytes, and how to make bytes that get far in it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its seeds' folder and of its program under `fuzz/`.
    pub name: &'static str,
    /// Takes any bytes.
    ///
    /// # Panics
    /// A promise is broken.
    pub run: fn(&[u8]),
    /// How its input is built.
    pub shape: Shape,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "frames", run: framing::frames, shape: Shape::Frames { before: 2 } },
    Target { name: "hello", run: framing::hello, shape: Shape::Frames { before: 0 } },
    Target { name: "metadata", run: framing::metadata, shape: Shape::Message { before: 0 } },
    Target { name: "tlv_skip", run: bodies::tlv_skip, shape: Shape::Message { before: 0 } },
    Target { name: "values", run: bodies::values, shape: Shape::Message { before: 1 } },
    Target { name: "accounts_requests", run: bodies::accounts_requests, shape: Shape::Message { before: 1 } },
    Target { name: "grades_requests", run: bodies::grades_requests, shape: Shape::Message { before: 1 } },
    Target { name: "replies", run: sides::replies, shape: Shape::Message { before: 3 } },
    Target { name: "client", run: sides::client, shape: Shape::Frames { before: 1 } },
    Target { name: "server", run: sides::server, shape: Shape::Frames { before: 1 } },
    Target { name: "password_hashes", run: texts::password_hashes, shape: Shape::Text },
    Target { name: "session_text", run: texts::session_text, shape: Shape::Text },
    Target { name: "dumps", run: texts::dumps, shape: Shape::Frames { before: 0 } },
];

/// The target of this name.
///
/// # Panics
/// There is none.
#[must_use]
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target {name:?}"))
}

/// Takes the first bytes off, as choices of the input's own; 0 where there are none.
fn choices<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(N));
    let mut choices = [0; N];
    choices[..first.len()].copy_from_slice(first);
    (choices, rest)
}
