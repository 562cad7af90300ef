//! The worked example of `docs/protocol.md` §11, as bytes.

use std::fs;

use crate::hex;

/// The frame of the page whose block begins with the comment `title`.
///
/// # Panics
/// The page has no such block.
#[must_use]
pub fn page_frame(title: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md");
    let page = fs::read_to_string(path).unwrap();
    let (_, rest) = page.split_once(&format!("```text\n# {title}\n")).unwrap_or_else(|| panic!("no block {title:?}"));
    hex(rest.split("```").next().unwrap())
}
