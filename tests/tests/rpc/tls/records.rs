//! Records that have no room, that are forged, or that hold nothing.

use std::{
    io::{self, IoSlice},
    thread,
};

use rpc_core::transport::{Interest, MemoryTransport, TlsTransport, Transport, Wait, memory_pair_with, write_all};

use super::*;

/// Two ends that have shaken hands, over a pair with room for `room` bytes.
fn pair(room: usize) -> (TlsTransport, TlsTransport) {
    let authority = Authority::new();
    let (near, far): (MemoryTransport, MemoryTransport) = memory_pair_with(room);
    let tls = authority.server();
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let server = TlsTransport::accept(far, &tls).unwrap();
            assert_eq!(server.read(&mut [0; 1], Wait::Until(soon())).unwrap(), 1);
            server
        });
        let client = TlsTransport::connect(near, &authority.client(), "localhost", soon()).unwrap();
        write_all(&client, b"!", soon()).unwrap();
        // A single byte may wait for this side to look after it.
        while !server.is_finished() {
            let _looked = client.read(&mut [0; 1], Wait::Now);
            thread::yield_now();
        }
        (client, server.join().unwrap())
    })
}

/// Bytes whose order shows.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|nth| u8::try_from(nth % 251).unwrap()).collect()
}

fn read_all(transport: &TlsTransport, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = [0; 1_000];
    while all.len() < count {
        let read = transport.read(&mut buffer, Wait::Until(soon())).unwrap();
        assert_ne!(read, 0, "ended after {}", all.len());
        all.extend_from_slice(&buffer[..read]);
    }
    all
}

#[test]
fn bytes_arrive_whole_however_little_room_there_is_while_both_sides_send() {
    for (room, count) in [(1, 2_000), (7, 5_000), (100, 20_000), (5_000, 300_000), (65_536, 2_000_000)] {
        let (client, server) = pair(room);
        thread::scope(|scope| {
            for (writer, reader) in [(&client, &server), (&server, &client)] {
                scope.spawn(move || write_all(writer, &bytes(count), soon()).unwrap());
                scope.spawn(move || assert!(read_all(reader, count) == bytes(count), "room {room}"));
            }
        });
    }
}

#[test]
fn a_writer_is_not_told_that_all_is_written_while_a_record_has_not_left() {
    let (client, server) = pair(40);
    let all = bytes(1_000);
    let mut told = 0;
    while let Ok(written) = client.write(&[IoSlice::new(&all[told..])]) {
        told += written;
        if told == all.len() {
            break;
        }
    }
    assert!(told > 0 && told < all.len(), "{told} of {} although there is no room", all.len());
    assert_eq!(client.write(&[IoSlice::new(&all[told..])]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    // The rest is brought again, as the contract of a transport says, once there is room.
    thread::scope(|scope| {
        scope.spawn(|| write_all(&client, &all[told..], soon()).unwrap());
        assert_eq!(read_all(&server, all.len()), all);
    });
}

#[test]
fn an_end_is_told_from_a_break() {
    let (client, server) = pair(4_096);
    client.write(&[IoSlice::new(b"last")]).unwrap();
    client.shutdown().unwrap();
    assert_eq!(client.write(&[IoSlice::new(b"more")]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    assert_eq!(read_all(&server, 4), b"last");
    assert_eq!(server.read(&mut [0; 4], Wait::Until(soon())).unwrap(), 0);
    // The other direction is still open.
    server.write(&[IoSlice::new(b"reply")]).unwrap();
    assert_eq!(read_all(&client, 5), b"reply");

    let (client, server) = pair(4_096);
    client.close();
    let broken = server.read(&mut [0; 4], Wait::Until(soon())).unwrap_err();
    assert_eq!(broken.kind(), io::ErrorKind::UnexpectedEof, "an attacker can end a stream, but not say goodbye");
}

#[test]
fn decrypted_bytes_that_were_not_taken_are_ready_although_the_socket_is_empty() {
    let (client, server) = pair(4_096);
    client.write(&[IoSlice::new(b"abc")]).unwrap();
    assert_eq!(server.read(&mut [0; 1], Wait::Until(soon())).unwrap(), 1);
    let passed = Deadline::after(Duration::ZERO);
    assert_eq!(server.ready(Interest::READ, passed).unwrap(), Interest::READ);
    assert_eq!(server.ready(Interest::BOTH, passed).unwrap(), Interest::BOTH);
    assert_eq!(read_all(&server, 2), b"bc");
    assert_eq!(server.ready(Interest::READ, passed).unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert_eq!(server.read(&mut [0; 1], Wait::Now).unwrap_err().kind(), io::ErrorKind::WouldBlock);
}
