//! Clients that leave at every byte of a hello and of a call, in each of the ways in which one can.

use tests::RawPeer;

use super::{ACCOUNTS, ADD_MARK, GRADES, Scene, WHOAMI};
use crate::report::Report;

type Leave = fn(RawPeer);

/// How a client leaves.
const WAYS: &[(&str, Leave)] = &[
    ("a close", drop),
    ("a reset", RawPeer::reset),
    ("a half-close", |mut peer| {
        peer.finish();
        peer.until_closed();
    }),
];

pub(super) fn judge(scene: &mut Scene, report: &mut Report) {
    let hello = RawPeer::hello();
    let call = |credential| RawPeer::request(1, GRADES, ADD_MARK, credential, &[0x0c; 40]);
    let sign_in = RawPeer::request(2, ACCOUNTS, WHOAMI, Some(&scene.session), &[]);
    let conversations = [
        ("not signed in", [&hello[..], &call(None)].concat(), 0),
        ("signed in", [&hello[..], &sign_in, &call(Some(&scene.session))].concat(), hello.len() + sign_in.len()),
    ];
    for (state, said, from) in conversations {
        for end in from..=said.len() {
            for (way, leave) in WAYS {
                let mut peer = RawPeer::connect(scene.server().address());
                peer.send(&said[..end]);
                leave(peer);
                scene.spares_its_neighbour(report, &format!("{way} after {end} bytes, {state}"));
            }
        }
    }
}
