//! The documents against the code: the tables of numbers in `docs/protocol.md` are the ones that the build uses.

use rpc_core::Status;

use crate::sources::{all, read, top};

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
