//! Parts of documents that are written from code: between two comments, so that the rest of the page stays a person's.

use std::{env, fs};

use crate::sources::{read, top};

/// Checks that `path` has `expected` between the comment `begin` and the one that begins with `<!-- end of`; with
/// `UPDATE` in the environment, writes it there.
pub(crate) fn check_part(path: &str, begin: &str, expected: &str) {
    let page = read(path);
    let (head, rest) = page.split_once(begin).unwrap_or_else(|| panic!("{path} has no {begin:?}"));
    let (comment, rest) = rest.split_once("-->\n").unwrap();
    let (written, tail) = rest.split_once("<!-- end of").unwrap();
    let expected = format!("\n{}\n\n", expected.trim());
    if written == expected {
        return;
    }
    if env::var_os("UPDATE").is_some() {
        fs::write(top().join(path), format!("{head}{begin}{comment}-->\n{expected}<!-- end of{tail}")).unwrap();
        return;
    }
    let (ours, theirs) =
        written.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs).unwrap_or_default();
    panic!(
        "{path} says\n  {ours}\nand the code says\n  {theirs}\nrun `UPDATE=1 cargo test -p tests --test tidy` and read the difference"
    );
}
