//! What a peer may say first. Whether it will sign in is not known yet, so there is no before and after.

use rpc_core::Status;
use tests::{RawPeer, hex};

use super::{ACCOUNTS, Expect, LOGIN, Scene, WHOAMI, told};
use crate::report::Report;

pub(super) fn judge(scene: &mut Scene, report: &mut Report) {
    for (name, bytes, expect) in cases() {
        judge_one(scene, report, name, &bytes, &expect);
    }
}

/// A peer says this first, then makes a call and ends its direction.
pub(super) fn judge_one(scene: &mut Scene, report: &mut Report, name: &str, greeting: &[u8], expect: &Expect) {
    let mut peer = RawPeer::connect(scene.server().address());
    let call = RawPeer::request(1, ACCOUNTS, WHOAMI, Some(&scene.session), &[]);
    peer.send(&[greeting, &call].concat());
    peer.finish();
    let heard = peer.hear_out();
    let frames =
        heard.as_ref().map(|frames| frames.iter().map(|frame| (frame.kind, Status(frame.status))).collect::<Vec<_>>());
    let right = match (expect, frames.as_deref()) {
        (Expect::Told(status), Ok([(1, hello), (3, reply)])) => *hello == Status::OK && reply == status,
        (Expect::Refused(status), Ok([(1, hello)])) => hello == status,
        (Expect::Nothing, Ok([])) => true,
        _ => false,
    };
    report.check(right, || format!("{name}: {expect:?}: {}", told(&heard)));
    scene.spares_its_neighbour(report, name);
}

/// A hello with this body.
fn hello(body: &[u8]) -> Vec<u8> {
    [RawPeer::header(body.len(), 0, 0, 0, 1, 0), body.to_vec()].concat()
}

/// A hello whose body is these fields, in hexadecimal.
fn fields(body: &str) -> Vec<u8> {
    hello(&hex(body))
}

const MAGIC: &str = "0a 544c56525043 0d0a ";
const VERSION: &str = "11 01000000 ";
const REPLY_BYTES: &str = "21 00004000 ";

/// A hello that is made so long by a field that nobody knows.
fn long(length: usize) -> Vec<u8> {
    let mut body = hex(&[MAGIC, VERSION, REPLY_BYTES, "4d"].concat());
    let unknown = length - body.len() - 4;
    body.extend(u32::try_from(unknown).unwrap().to_le_bytes());
    body.resize(length, 7);
    hello(&body)
}

fn cases() -> Vec<(&'static str, Vec<u8>, Expect)> {
    let ok = || Expect::Told(Status::OK);
    let all = |parts: &[&str]| fields(&parts.concat());
    let garbled = |offset: usize, byte: u8| {
        let mut hello = RawPeer::hello();
        hello[offset] = byte;
        hello
    };
    vec![
        ("a hello", RawPeer::hello(), ok()),
        ("a hello in another order", all(&[REPLY_BYTES, VERSION, MAGIC]), ok()),
        ("a hello of version 2", all(&[MAGIC, "11 02000000", REPLY_BYTES]), ok()),
        (
            "a hello of version 0",
            all(&[MAGIC, "11 00000000", REPLY_BYTES]),
            Expect::Refused(Status::UNSUPPORTED_VERSION),
        ),
        ("a hello with the version twice", all(&[MAGIC, "11 00000000", VERSION, REPLY_BYTES]), ok()),
        ("a hello with the version in a byte", all(&[MAGIC, "10 01", REPLY_BYTES]), ok()),
        ("a hello with the version in eight", all(&[MAGIC, "12 0100000000000000", REPLY_BYTES]), Expect::Nothing),
        ("a hello that takes no reply", all(&[MAGIC, VERSION, "21 00000000"]), Expect::Told(Status::REPLY_TOO_LARGE)),
        ("a hello without its magic", all(&[VERSION, REPLY_BYTES]), Expect::Nothing),
        ("a hello without a version", all(&[MAGIC, REPLY_BYTES]), Expect::Nothing),
        ("a hello without a size of replies", all(&[MAGIC, VERSION]), Expect::Nothing),
        ("a hello without a body", hello(&[]), Expect::Nothing),
        ("a hello with another magic", garbled(17, b'X'), Expect::Nothing),
        ("a hello whose line ends were mended", garbled(23, b'\n'), Expect::Nothing),
        ("a hello with bytes after its fields", all(&[MAGIC, VERSION, REPLY_BYTES, "0f"]), Expect::Nothing),
        ("a hello with a field number 0", all(&[MAGIC, VERSION, REPLY_BYTES, "00 00"]), Expect::Nothing),
        ("a hello of 1,024 bytes", long(1_024), ok()),
        ("a hello of 1,025 bytes", long(1_025), Expect::Nothing),
        ("a hello of an unknown kind", garbled(12, 9), Expect::Nothing),
        ("a hello with an unknown flag", garbled(13, 0x80), Expect::Nothing),
        ("a hello with a status", garbled(14, 7), ok()),
        ("a request before the hello", RawPeer::request(1, ACCOUNTS, LOGIN, None, &[]), Expect::Nothing),
        ("a goodbye before the hello", RawPeer::header(0, 0, 0, 0, 4, 0), Expect::Nothing),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), Expect::Nothing),
        ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), Expect::Nothing),
        ("TLS", hex("16 0301 0200 01 0001fc 0303 00 11 22 33 44 55 66 77"), Expect::Nothing),
        ("zeros", vec![0; 64], Expect::Nothing),
        ("ones", vec![0xff; 64], Expect::Nothing),
    ]
}
