//! The connection of `docs/protocol.md` §11, byte by byte, against the frames that the code writes and reads.

use std::time::Duration;

use grades_api::{AccountsClient, GradesClient, model::MarkId};
use rpc_core::{
    Opcode, Service, Status,
    frame::{CallId, ClientHello, FrameKind, Header, HeaderFlags, Metadata, ServerHello, append_frame_with},
    tlv::{Buffer, Encode, EncodeBody, Writer},
};
use tests::{hex, page_frame};

use crate::samples;

/// Room for any frame of the page.
const BYTES_MAX: usize = 4_096;

fn check(title: &str, expected: &[u8]) {
    let frame = page_frame(title);
    assert_eq!(frame, expected, "{title}");
    let offsets_end = u32::try_from(frame.len() - Header::BYTES).unwrap();
    assert_eq!(Header::decode(frame.first_chunk().unwrap()).unwrap().length, offsets_end, "{title}");
}

fn frame(
    service: &Service,
    opcode: u16,
    call: u32,
    kind: FrameKind,
    metadata: &Metadata<'_>,
    body: impl FnOnce(&mut Writer<'_>),
) -> Vec<u8> {
    let header = Header {
        length: 0,
        call_id: CallId(call),
        service: service.id,
        opcode: Opcode(opcode),
        kind,
        flags: HeaderFlags::NONE,
        status: Status::OK,
    };
    let (mut encoded, mut bytes) = (Vec::new(), Buffer::new());
    metadata.append(&mut encoded).unwrap();
    append_frame_with(&mut bytes, header, &encoded, BYTES_MAX, body).unwrap();
    bytes.into()
}

#[test]
fn the_page_shows_the_hellos_that_are_sent() {
    let mut bytes = Vec::new();
    ClientHello { version: 1, reply_bytes_max: 4 << 20 }.append(&mut bytes);
    check("hello, client to server", &bytes);
    bytes.clear();
    let hello = ServerHello {
        status: Status::OK,
        version: 1,
        body_bytes_max: 1 << 20,
        window_calls: 128,
        window_bytes: 1 << 20,
        server_time_ms: 1_795_000_000_000,
    };
    hello.append(&mut bytes);
    check("hello, server to client", &bytes);
}

#[test]
fn the_page_shows_the_login_that_is_sent() {
    let accounts = &AccountsClient::SERVICE;
    let sent = frame(accounts, 1, 1, FrameKind::Request, &Metadata::default(), |out| samples::login().encode_body(out));
    check("request, accounts.login", &sent);
    let answered =
        frame(accounts, 1, 1, FrameKind::Reply, &Metadata::default(), |out| samples::signed_in().encode(1, out));
    check("reply, accounts.login", &answered);
}

#[test]
fn the_page_shows_the_mark_that_is_sent() {
    let grades = &GradesClient::SERVICE;
    let session = samples::session();
    let metadata = Metadata {
        deadline: Some(Duration::from_secs(10)),
        request_key: Some(hex("01a1ee565e00 7abc 8123456789abcdef").try_into().unwrap()),
        trace_id: None,
        credential: Some(session.expose()),
    };
    let sent = frame(grades, 5, 2, FrameKind::Request, &metadata, |out| samples::add_mark().encode_body(out));
    check("request, grades.add_mark", &sent);
    let answered = frame(grades, 5, 2, FrameKind::Reply, &Metadata::default(), |out| MarkId(7).encode(1, out));
    check("reply, grades.add_mark", &answered);
}
