//! Every prefix and every flipped bit of the golden frames: the connection of `docs/protocol.md` §11, and the vectors as the
//! bodies of requests. What each bit does follows from the page.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use rpc_core::Status;
use tests::{RawPeer, hex, page_frame};

use super::{ACCOUNTS, ADD_MARK, Expect, GRADES, LOGIN, Scene, WHOAMI, greetings, is_typed};
use crate::report::Report;

pub(super) fn judge(scene: &mut Scene, report: &mut Report) {
    hellos(scene, report);
    for signed_in in [false, true] {
        let frames = [page_frame("request, accounts.login"), add_mark(scene, signed_in)];
        for (frame, name) in frames.iter().zip(["accounts.login", "grades.add_mark"]) {
            for length in 1..frame.len() {
                let name = format!("{length} bytes of {name}");
                // Who may not call is told as soon as the metadata are there.
                let judged = frame[8] == 0x47 && length >= METADATA_END && !signed_in;
                let expect = if judged { Expect::ToldAmidFrame(Status::UNAUTHENTICATED) } else { Expect::Nothing };
                scene.judge(report, &name, signed_in, &frame[..length], &expect);
            }
            for bit in 0..frame.len() * 8 {
                let flipped = flip(frame, bit);
                let name = format!("bit {bit} of {name}");
                scene.judge(report, &name, signed_in, &flipped, &of_request(bit, frame, &flipped, signed_in));
            }
        }
    }
    vectors(scene, report);
}

/// Where the metadata of the page's `add_mark` end.
const METADATA_END: usize = 0x4a;

/// A frame of at most so many bytes is skipped after it was refused: eight times the largest body, metadata, a header.
const SKIPPED_MAX: u32 = (8 << 20) + 2 + 1_024 + 16;

fn flip(frame: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = frame.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

/// The page's `add_mark`, with a session that is one, and a key of today.
fn add_mark(scene: &Scene, signed_in: bool) -> Vec<u8> {
    let mut frame = page_frame("request, grades.add_mark");
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    frame[0x18..0x1e].copy_from_slice(&now.to_be_bytes()[2..]);
    if signed_in {
        frame[0x2a..0x4a].copy_from_slice(&scene.session);
    }
    frame
}

/// What a request is answered with of which this bit is another.
fn of_request(bit: usize, whole: &[u8], flipped: &[u8], signed_in: bool) -> Expect {
    let length = |frame: &[u8]| u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]);
    match bit / 8 {
        // The frames that follow are others.
        0..4 if length(flipped) <= SKIPPED_MAX || length(flipped) < length(whole) => Expect::Frames,
        0..4 if signed_in || whole[8] == 0x47 => Expect::ToldAndClosed(Status::BODY_TOO_LARGE),
        0..4 => Expect::Frames,
        4..8 | 14..16 => Expect::Typed,
        8..10 => Expect::Told(Status::UNKNOWN_SERVICE),
        12 => Expect::Goodbye,
        13 if !bit.is_multiple_of(8) => Expect::Goodbye,
        // Opcode, metadata, body: another call, or a bad one.
        _ => Expect::Typed,
    }
}

/// The bits and prefixes of a client's hello.
fn hellos(scene: &mut Scene, report: &mut Report) {
    let whole = page_frame("hello, client to server");
    for length in 0..whole.len() {
        let mut peer = RawPeer::connect(scene.server().address());
        peer.send(&whole[..length]);
        peer.finish();
        let heard = peer.hear_out();
        report.check(heard == Ok(Vec::new()), || format!("{length} bytes of a hello: {heard:x?}"));
        scene.spares_its_neighbour(report, "a prefix of a hello");
    }
    for bit in 0..whole.len() * 8 {
        let (name, flipped) = (format!("bit {bit} of a hello"), flip(&whole, bit));
        greetings::judge_one(scene, report, &name, &flipped, &of_hello(bit));
    }
}

/// What a client is told of whose hello this bit is another.
fn of_hello(bit: usize) -> Expect {
    match (bit / 8, bit % 8) {
        // Shorter, it lacks a field; longer, it takes the call for fields of its own, or waits for bytes that never come.
        (0..4, _) => Expect::Nothing,
        (4..12 | 14..16, _) | (13, 0) => Expect::Told(Status::OK),
        (12 | 13, _) => Expect::Nothing,
        (26, 0) => Expect::Refused(Status::UNSUPPORTED_VERSION),
        (26..=29, _) => Expect::Told(Status::OK), // a later version, which speaks this one too
        (33, 6) => Expect::Told(Status::REPLY_TOO_LARGE), // 4 MiB without its one bit
        (31..=34, _) => Expect::Told(Status::OK),
        _ => Expect::Nothing, // a tag, or the magic
    }
}

/// The vectors, whole, as prefixes and with every bit flipped, as the body of a login and of a call that needs a session. No
/// body, whatever it is, ends the connection: all of them go over one.
fn vectors(scene: &mut Scene, report: &mut Report) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");
    let mut files: Vec<_> = fs::read_dir(folder).expect("the vectors").map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let session = scene.session;
    let mut peer = RawPeer::greeted(scene.server().address());
    let mut tried = 0;
    for file in &files {
        let vector = hex(&fs::read_to_string(file).unwrap());
        let prefixes = (0..=vector.len()).map(|length| vector[..length].to_vec());
        let bodies: Vec<Vec<u8>> = prefixes.chain((0..vector.len() * 8).map(|bit| flip(&vector, bit))).collect();
        for body in bodies {
            let is_login = file.file_name().is_some_and(|name| name == "grades_login_request.hex");
            let (service, opcode) = if is_login { (ACCOUNTS, LOGIN) } else { (GRADES, ADD_MARK) };
            for credential in [None, Some(&session[..])] {
                let reply = peer.call(service, opcode, credential, &body);
                tried += 1;
                report.check(is_typed(&reply), || format!("{}: {body:02x?}: {reply:x?}", file.display()));
                if is_login {
                    break; // it asks for no session
                }
            }
        }
    }
    let works = peer.call(ACCOUNTS, WHOAMI, Some(&session), &[]);
    report.check(Status(works.status) == Status::OK, || "a body ended the connection".to_owned());
    scene.spares_its_neighbour(report, "the vectors");
    report.figure(format!("{tried} bodies from {} golden vectors", files.len()));
}
