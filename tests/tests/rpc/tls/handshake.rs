//! Handshakes that end at any byte. A blocking server once looped for ever on a goodbye in the middle of one
//! (RUSTSEC-2024-0336), so each way to end is tried at each byte, from both sides, and none may outlive its guard.

use std::{
    io::{self, IoSlice},
    sync::mpsc,
    thread,
};

use rpc_core::transport::{
    Direction, FaultTransport, MemoryTransport, TlsTransport, Transport, Wait, memory_pair, write_all,
};

use super::*;

type Fault = fn(FaultTransport, u64) -> FaultTransport;

/// How long all cases of one test may take before they count as a hang. They take seconds.
const GUARD: Duration = Duration::from_secs(240);

/// Runs `cases` on another thread, and fails if it does not come to its end.
fn within_guard(cases: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let runner = thread::spawn(move || {
        cases();
        let _waited_for = done.send(());
    });
    assert_ne!(wait.recv_timeout(GUARD), Err(mpsc::RecvTimeoutError::Timeout), "a handshake hangs");
    runner.join().expect("every case ends as it should");
}

/// The client's side up to the answer to its first bytes.
fn client(inner: impl Transport + 'static, tls: &TlsClient, deadline: Deadline) -> io::Result<()> {
    let transport = TlsTransport::connect(inner, tls, "localhost", deadline)?;
    write_all(&transport, b"ping", deadline)?;
    answer(&transport, b"pong", deadline)
}

fn serve(inner: impl Transport + 'static, tls: &TlsServer, deadline: Deadline) -> io::Result<()> {
    let transport = TlsTransport::accept(inner, tls)?;
    answer(&transport, b"ping", deadline)?;
    write_all(&transport, b"pong", deadline)
}

fn answer(transport: &TlsTransport, expected: &[u8], deadline: Deadline) -> io::Result<()> {
    let mut buffer = [0; 16];
    match transport.read(&mut buffer, Wait::Until(deadline))? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        read => {
            assert_eq!(&buffer[..read], expected);
            Ok(())
        }
    }
}

/// Both sides over one pair, with a fault on one of them.
fn run(authority: &Sides, faulty: Side, fault: Fault, at: u64, deadline: Deadline) -> (io::Result<()>, io::Result<()>) {
    let (near, far) = memory_pair();
    let faulted = |inner: MemoryTransport| fault(FaultTransport::new(inner, at), at);
    thread::scope(|scope| {
        let server = match faulty {
            Side::Client => scope.spawn(move || serve(far, &authority.server, deadline)),
            Side::Server => {
                let far = faulted(far);
                scope.spawn(move || serve(far, &authority.server, deadline))
            }
        };
        let client = match faulty {
            Side::Client => client(faulted(near), &authority.client, deadline),
            Side::Server => client(near, &authority.client, deadline),
        };
        (client, server.join().unwrap())
    })
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Client,
    Server,
}

struct Sides {
    client: TlsClient,
    server: TlsServer,
}

fn sides() -> Sides {
    let authority = Authority::new();
    Sides { client: authority.client(), server: authority.server() }
}

/// At every byte until both sides come through.
fn every_byte(faulty: Side, fault: Fault) {
    let sides = sides();
    let mut at = 0;
    loop {
        let (client, server) = run(&sides, faulty, fault, at, soon());
        for ended in [&client, &server] {
            let timed_out = ended.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
            assert!(!timed_out, "{faulty:?}, byte {at}: client {client:?}, server {server:?}");
        }
        if client.is_ok() && server.is_ok() {
            break;
        }
        at += 1;
    }
    assert!(at > 100, "a handshake is longer than {at} bytes");
}

#[test]
fn a_half_close_by_the_client_at_every_byte_ends_both_sides() {
    within_guard(|| every_byte(Side::Client, |fault, at| fault.truncate_at(Direction::Write, at)));
}

#[test]
fn a_half_close_by_the_server_at_every_byte_ends_both_sides() {
    within_guard(|| every_byte(Side::Server, |fault, at| fault.truncate_at(Direction::Write, at)));
}

#[test]
fn a_stream_that_the_client_finds_ended_at_every_byte_ends_both_sides() {
    within_guard(|| every_byte(Side::Client, |fault, at| fault.truncate_at(Direction::Read, at)));
}

#[test]
fn a_stream_that_the_server_finds_ended_at_every_byte_ends_both_sides() {
    within_guard(|| every_byte(Side::Server, |fault, at| fault.truncate_at(Direction::Read, at)));
}

#[test]
fn a_reset_at_every_byte_ends_both_sides() {
    within_guard(|| every_byte(Side::Client, |fault, at| fault.reset_at(Direction::Write, at)));
    within_guard(|| every_byte(Side::Server, |fault, at| fault.reset_at(Direction::Write, at)));
}

#[test]
fn bytes_that_vanish_end_both_sides_at_their_deadline() {
    within_guard(|| {
        let sides = sides();
        for (faulty, fault) in [
            (Side::Client, (|fault, at| fault.drop_at(Direction::Write, at)) as Fault),
            (Side::Server, |fault, at| fault.drop_at(Direction::Write, at)),
        ] {
            for at in (0..200).step_by(20) {
                let deadline = Deadline::after(Duration::from_millis(10));
                let (client, server) = run(&sides, faulty, fault, at, deadline);
                assert!(client.is_err() && server.is_err(), "{faulty:?}, byte {at}");
            }
        }
    });
}

#[test]
fn a_handshake_in_pieces_of_any_size_succeeds() {
    within_guard(|| {
        let sides = sides();
        for faulty in [Side::Client, Side::Server] {
            for seed in 0..20 {
                let fault: Fault = |fault, _| fault.split(Direction::Read).split(Direction::Write);
                let (client, server) = run(&sides, faulty, fault, seed, soon());
                assert!(client.is_ok() && server.is_ok(), "{faulty:?}, {seed}: {client:?}, {server:?}");
            }
        }
    });
}

/// A goodbye as an alert that is not encrypted: the one that made a blocking server loop.
const GOODBYE: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x00];

/// What a client writes first.
fn client_hello(sides: &Sides) -> Vec<u8> {
    let (near, far) = memory_pair();
    let passed = Deadline::after(Duration::ZERO);
    assert!(TlsTransport::connect(near, &sides.client, "localhost", passed).is_err());
    let mut hello = vec![0; 4_096];
    let read = far.read(&mut hello, Wait::Now).unwrap();
    // It gives up with a goodbye, which is not what is looked for.
    hello.truncate(read);
    hello.truncate(5 + usize::from(u16::from_be_bytes([hello[3], hello[4]])));
    hello
}

#[test]
fn a_goodbye_in_the_middle_of_a_handshake_ends_it() {
    within_guard(|| {
        let sides = sides();
        let hello = client_hello(&sides);
        for before in [&[][..], &hello, &hello[..hello.len() / 2]] {
            let (near, far) = memory_pair();
            near.write(&[IoSlice::new(&[before, &GOODBYE].concat())]).unwrap();
            near.shutdown().unwrap();
            let error = serve(far, &sides.server, soon()).unwrap_err();
            assert!(TlsError::of(&error).is_some(), "{} bytes before: {error:?}", before.len());
        }
        let (near, far) = memory_pair();
        far.write(&[IoSlice::new(&GOODBYE)]).unwrap();
        far.shutdown().unwrap();
        let error = client(near, &sides.client, soon()).unwrap_err();
        assert_eq!(TlsError::of(&error), Some(TlsError::Ended));
    });
}
