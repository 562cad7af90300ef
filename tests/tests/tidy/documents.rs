//! The documents against the code: the tables of numbers in `docs/protocol.md` are the ones that the build uses.

use rpc_core::Status;

use std::collections::BTreeSet;

use crate::sources::{all, code, read, top};

#[test]
fn the_protocol_lists_every_status_with_its_number() {
    let page = read("docs/protocol.md");
    let listed: Vec<u16> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| 0x"))
        .map(|line| u16::from_str_radix(line.split(' ').next().unwrap(), 16).unwrap())
        .collect();
    let known: Vec<u16> = Status::KNOWN.iter().map(|(status, _)| status.0).collect();
    assert_eq!(listed, known, "the table of statuses and `Status::KNOWN` differ");
}

#[test]
fn every_link_within_the_workspace_leads_somewhere() {
    let pages = all(&["md"]).into_iter().filter(|page| !page.path.contains("/src/")); // those are rustdoc's to check
    for page in pages {
        let folder = top().join(&page.path).parent().unwrap().to_owned();
        let links = page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap();
            assert!(folder.join(file).exists(), "{} links to {link}, which is not there", page.path);
        }
    }
}

/// The names of all tests of the workspace: functions below `#[test]`.
fn tests() -> BTreeSet<String> {
    let sources = code();
    let functions = sources.iter().flat_map(|source| source.text.split("#[test]").skip(1));
    let named = functions.filter_map(|rest| rest.split_once("fn ")?.1.split(['(', ' ']).next());
    named.map(str::to_owned).collect()
}

#[test]
fn each_thing_that_can_go_wrong_has_a_test_that_holds_its_row() {
    let page = read("docs/protocol.md");
    let (_, rest) = page.split_once("### 7.2 ").expect("the page has a §7.2");
    let section = rest.split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| situation"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 40, "only {} rows were found", rows.len());
    let tests = tests();
    for row in rows {
        let [situation, .., held_by] = row[..] else { panic!("{row:?}") };
        let names: Vec<&str> = held_by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing holds the row {situation:?}");
        for name in names {
            assert!(tests.contains(name), "the row {situation:?} names a test that is not there: {name}");
        }
    }
}
