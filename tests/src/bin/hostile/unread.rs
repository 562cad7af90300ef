//! A peer that asks for more than sockets hold and takes none of it in: the server's thread waits to write to it.

use std::{io::Write, net::TcpStream};

use rpc_core::Status;
use tests::{RawPeer, RunningServer};

use crate::crowd::{connect_narrow, sign_in};

/// What it asks for: far more than its socket and the server's hold.
const CALLS: u32 = 128;
const GRADES: u16 = 0x47;
const STUDENTS: u16 = 11;

pub(crate) struct Unread {
    session: [u8; 32],
    calls: Vec<u8>,
    /// Of each call.
    pub(crate) reply_bytes: usize,
}

impl Unread {
    /// Imports a sheet of real marks, for replies that are long.
    pub(crate) fn prepare(server: &RunningServer, peer: &mut RawPeer, session: [u8; 32]) -> Self {
        let administrator = server.administrator();
        administrator.run(["promotion", "add", "Portuguese"]).ok();
        let marks = concat!(env!("CARGO_MANIFEST_DIR"), "/data/marks-portuguese.csv");
        administrator.run(["import", "Portuguese", marks]).ok();
        let limit = [3 << 3 | 1].into_iter().chain(300_u32.to_le_bytes());
        let listing: Vec<u8> = RawPeer::text(1, "Portuguese").into_iter().chain(limit).collect();
        let reply = peer.call(GRADES, STUDENTS, Some(&session), &listing);
        assert_eq!(Status(reply.status), Status::OK, "{reply:?}");
        let request = |call| RawPeer::request(call, GRADES, STUDENTS, Some(&session), &listing);
        Self { session, calls: (2..CALLS).flat_map(request).collect(), reply_bytes: reply.body.len() }
    }

    /// Connects the peer of this number and lets it ask.
    pub(crate) fn ask(&self, number: usize, address: &str) -> TcpStream {
        let stream = connect_narrow(number, address).expect("a place in the backlog");
        let mut stream = sign_in(stream, &self.session).into_stream();
        stream.write_all(&self.calls).expect("a server that reads");
        stream
    }
}
