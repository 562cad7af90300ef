//! What a file may look like: its size, its first line, its name, and what must not be left in it.

use crate::sources::{Source, all, code};

/// More than this and a file has more than one idea.
const LINES_MAX: usize = 400;

/// Names that say nothing of what a file holds.
const BANNED_NAMES: [&str; 7] = ["mod", "util", "utils", "helpers", "common", "misc", "traits"];

fn check(sources: &[Source], offends: impl Fn(&Source) -> bool, rule: &str) {
    let offenders: Vec<&str> =
        sources.iter().filter(|source| offends(source)).map(|source| source.path.as_str()).collect();
    assert!(offenders.is_empty(), "{rule}: {offenders:#?}");
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap().split('.').next().unwrap()
}

#[test]
fn no_file_is_longer_than_one_idea() {
    check(&code(), |source| source.text.lines().count() > LINES_MAX, "split files of more than 400 lines");
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    check(&code(), |source| !source.text.starts_with("//! "), "begin the file with `//!`");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let banned = |source: &Source| BANNED_NAMES.contains(&stem(&source.path)) || stem(&source.path) == "types";
    check(&code(), banned, "name the file after what it holds");
}

#[test]
fn library_roots_hold_no_logic() {
    let long_root = |source: &Source| {
        matches!(stem(&source.path), "lib" | "main")
            && source.path.contains("/src/")
            && source.text.lines().count() > 100
    };
    check(&code(), long_root, "a root only lists its modules: at most 100 lines");
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    // Put together here, so that this file does not offend against its own rule.
    let marks = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    let words = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"], ["#[ig", "nore"]].map(|parts| parts.concat());
    let unfinished = |source: &Source| marks.iter().chain(&words).any(|mark| source.text.contains(mark.as_str()));
    check(&code(), unfinished, "finish it, or write an issue");
}

#[test]
fn no_path_of_one_machine_stands_in_the_tree() {
    let folders = ["work", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    let names_a_machine = |source: &Source| {
        source.text.lines().any(|line| {
            folders.iter().any(|folder| {
                line.match_indices(folder.as_str()).any(|(at, _)| {
                    !line[..at].ends_with(|before: char| before.is_alphanumeric() || "./~".contains(before))
                })
            })
        })
    };
    check(&all(&["rs", "md", "toml"]), names_a_machine, "take the machine's path out");
}

#[test]
fn every_crate_forbids_unsafe_code_in_its_root() {
    // The tests need a counting allocator; the lint still warns of anything else there.
    let unguarded = |source: &Source| {
        source.path.ends_with("/src/lib.rs")
            && !source.path.starts_with("tests/")
            && !source.text.contains("#![forbid(unsafe_code)]")
    };
    check(&code(), unguarded, "`#![forbid(unsafe_code)]` stands in every lib.rs");
}
