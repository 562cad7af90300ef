//! Bad bytes on the port: wherever the framing still holds there is a typed error and the connection goes on; where it does
//! not, the connection ends; and in every case the server and its other clients go on.

use rpc_core::Status;
use tests::{ADMINISTRATOR, PASSWORD, Random, RawPeer, RunningServer, hex};

const ACCOUNTS: u16 = 0x41;
const LOGIN: u16 = 1;
const WHOAMI: u16 = 3;

/// A server, and a client of it that never did anything wrong.
struct Scene {
    server: RunningServer,
    bystander: RawPeer,
    session: [u8; 32],
}

impl Scene {
    fn open() -> Self {
        let server = RunningServer::start();
        let mut bystander = RawPeer::greeted(server.address());
        let session = bystander.login(ADMINISTRATOR, PASSWORD);
        Self { server, bystander, session }
    }

    fn peer(&self) -> RawPeer {
        RawPeer::greeted(self.server.address())
    }

    /// The peer's connection still works.
    #[track_caller]
    fn goes_on(&self, peer: &mut RawPeer) {
        let reply = peer.call(ACCOUNTS, WHOAMI, Some(&self.session), &[]);
        assert_eq!(Status(reply.status), Status::OK, "the connection no longer works");
    }

    /// The server still takes connections, and answers those it had.
    #[track_caller]
    fn others_go_on(&mut self) {
        let mut fresh = self.peer();
        self.goes_on(&mut fresh);
        let reply = self.bystander.call(ACCOUNTS, WHOAMI, Some(&self.session), &[]);
        assert_eq!(Status(reply.status), Status::OK, "a neighbour was disturbed");
    }

    /// These bytes, after the hellos, end the connection.
    #[track_caller]
    fn ends(&mut self, bytes: &[u8]) {
        let mut peer = self.peer();
        peer.send(bytes);
        peer.until_closed();
        self.others_go_on();
    }

    /// This call is answered with this status, and the connection goes on.
    #[track_caller]
    fn refuses(&self, service: u16, opcode: u16, body: &[u8], status: Status) {
        let mut peer = self.peer();
        let reply = peer.call(service, opcode, Some(&self.session), body);
        assert_eq!(Status(reply.status), status, "{reply:?}");
        self.goes_on(&mut peer);
    }
}

#[test]
fn an_unknown_service_or_opcode_is_refused_and_the_connection_goes_on() {
    let scene = Scene::open();
    scene.refuses(0x7777, 1, &[], Status::UNKNOWN_SERVICE);
    scene.refuses(0, 1, &[], Status::UNKNOWN_SERVICE);
    scene.refuses(ACCOUNTS, 999, &[], Status::UNKNOWN_OPCODE);
    scene.refuses(ACCOUNTS, 0, &[], Status::UNKNOWN_OPCODE);
}

#[test]
fn a_body_that_does_not_decode_is_refused_and_the_connection_goes_on() {
    let scene = Scene::open();
    let refuses = |body: &str| scene.refuses(ACCOUNTS, LOGIN, &hex(body), Status::BAD_BODY);
    refuses(""); // both arguments are missing
    refuses("0c ff"); // a text of 255 bytes that are not there
    refuses("0d ffffffff"); // one of 4 GiB
    refuses("0c 02 c3 28 14 00"); // no UTF-8
    refuses("08 01 14 00"); // a number where a text must be
    refuses("00 01"); // field number 0
    refuses("0f"); // half a tag
    refuses("0c 01 61 14 01 62 0c"); // trailing bytes
}

#[test]
fn metadata_that_do_not_decode_are_refused_and_the_connection_goes_on() {
    let scene = Scene::open();
    for metadata in ["0100 ff", "ffff", "0500 24 20 00 00 00", "0401"] {
        let mut peer = scene.peer();
        let metadata = hex(metadata);
        peer.send(&[RawPeer::header(metadata.len(), 9, ACCOUNTS, WHOAMI, 2, 1), metadata].concat());
        let reply = peer.frame().expect("a reply");
        assert_eq!((reply.call_id, Status(reply.status)), (9, Status::BAD_METADATA), "{reply:?}");
        scene.goes_on(&mut peer);
    }
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read_and_the_connection_goes_on() {
    let scene = Scene::open();
    // Without a session 4 KiB, with one 1 MiB; up to eight times that is skipped.
    for (opcode, credential, length) in [(LOGIN, None, 4097), (WHOAMI, Some(&scene.session[..]), (1 << 20) + 1)] {
        let mut peer = scene.peer();
        let request = RawPeer::request(1, ACCOUNTS, opcode, credential, &vec![0; length]);
        let (begin, rest) = request.split_at(128);
        peer.send(begin);
        let reply = peer.frame().expect("a refusal before the body has come");
        assert_eq!(Status(reply.status), Status::BODY_TOO_LARGE, "{reply:?}");
        peer.send(rest);
        scene.goes_on(&mut peer);
    }
}

#[test]
fn a_frame_of_a_huge_length_is_refused_and_ends_the_connection() {
    let mut scene = Scene::open();
    let mut peer = scene.peer();
    peer.send(&RawPeer::header(usize::try_from(u32::MAX).unwrap(), 1, ACCOUNTS, LOGIN, 2, 0));
    let reply = peer.frame().expect("a refusal");
    assert_eq!((reply.call_id, Status(reply.status)), (1, Status::BODY_TOO_LARGE), "{reply:?}");
    peer.until_closed();
    scene.others_go_on();
}

#[test]
fn half_a_frame_ends_only_its_own_connection() {
    let mut scene = Scene::open();
    let request = RawPeer::request(1, ACCOUNTS, WHOAMI, Some(&scene.session), &[1; 40]);
    for length in [1, 15, 16, 17, 30, request.len() - 1] {
        let mut peer = scene.peer();
        peer.send(&request[..length]);
        peer.finish();
        peer.until_closed();
    }
    scene.others_go_on();
}

#[test]
fn a_frame_that_is_no_request_ends_the_connection() {
    let mut scene = Scene::open();
    scene.ends(&RawPeer::header(0, 1, ACCOUNTS, WHOAMI, 9, 0)); // no such kind
    scene.ends(&RawPeer::header(0, 1, ACCOUNTS, WHOAMI, 3, 0)); // a reply
    scene.ends(&RawPeer::header(0, 1, ACCOUNTS, WHOAMI, 2, 0x80)); // no such flag
    scene.ends(&RawPeer::hello()); // a second hello
}

#[test]
fn a_stranger_is_not_answered_and_an_unknown_version_is_told_so() {
    let mut scene = Scene::open();
    for greeting in
        [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), RawPeer::request(1, ACCOUNTS, LOGIN, None, &[])]
    {
        let mut peer = RawPeer::connect(scene.server.address());
        peer.send(&greeting);
        peer.finish();
        assert_eq!(peer.frame(), None, "a stranger was answered");
    }
    let mut hello = RawPeer::hello();
    let version = hello.windows(5).position(|field| field == hex("11 01000000")).unwrap() + 1;
    hello[version] = 0;
    let mut peer = RawPeer::connect(scene.server.address());
    peer.send(&hello);
    let answer = peer.frame().expect("an answer");
    assert_eq!((answer.kind, Status(answer.status)), (1, Status::UNSUPPORTED_VERSION), "{answer:?}");
    peer.until_closed();
    scene.others_go_on();
}

#[test]
fn random_bytes_instead_of_a_hello_disturb_nobody() {
    let (mut scene, mut random) = (Scene::open(), Random::announced());
    for _ in 0..100 {
        let mut peer = RawPeer::connect(scene.server.address());
        peer.send(&random.bytes(2_000));
        peer.finish();
        peer.until_closed();
    }
    scene.others_go_on();
}

#[test]
fn random_bytes_after_a_hello_disturb_nobody() {
    let (mut scene, mut random) = (Scene::open(), Random::announced());
    for _ in 0..100 {
        let mut peer = scene.peer();
        peer.send(&random.bytes(2_000));
        peer.finish();
        peer.until_closed();
    }
    scene.others_go_on();
}

#[test]
fn random_bodies_of_every_method_get_a_typed_reply_and_the_connection_goes_on() {
    let (mut scene, mut random) = (Scene::open(), Random::announced());
    let mut peer = scene.peer();
    for service in [ACCOUNTS, 0x47] {
        for opcode in 1..=15 {
            // Not logout: it takes no argument, and the session has to last.
            if (service, opcode) == (ACCOUNTS, 2) {
                continue;
            }
            for _ in 0..20 {
                // Half of them begin like a text field, so that some get past the first byte.
                let mut body = random.bytes(200);
                if random.index(2) == 0 {
                    body = [RawPeer::text(1, "L3"), body].concat();
                }
                let reply = peer.call(service, opcode, Some(&scene.session), &body);
                let known = Status::KNOWN.iter().any(|(status, _)| status.0 == reply.status);
                assert!(
                    known && Status(reply.status) != Status::INTERNAL,
                    "{service:#x}/{opcode} {body:02x?}: {reply:?}"
                );
            }
        }
    }
    scene.goes_on(&mut peer);
    scene.others_go_on();
}
