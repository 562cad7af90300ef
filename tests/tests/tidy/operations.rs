//! `docs/operations.md` against the programs: what it shows at the terminal is what they do.

use crate::{sources::read, terminal};

#[test]
fn copies_are_made_and_restored_as_the_page_shows() {
    let page = read("docs/operations.md");
    let session = page.split("\n```console\n").nth(1).unwrap();
    terminal::play(&(session.split("\n```").next().unwrap().to_owned() + "\n"));
}
