//! The documents against the code: the tables of numbers in `docs/protocol.md` are the ones that the build uses.

use rpc_core::Status;

use crate::sources::read;

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
