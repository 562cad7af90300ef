//! The connection of `docs/protocol.md` §11 on a real server: the bytes of the page are sent as they stand, and the server
//! answers as the page says, but for what the page had to make up: session ID, times, and the number of the mark.

use std::time::{SystemTime, UNIX_EPOCH};

use grades_api::{
    Accounts, AccountsClient, Grades, GradesClient,
    model::{NewAccount, Password, Role},
};
use rpc_core::{CallOptions, Channel};
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer, page_frame};

/// Bytes of a header.
const HEADER: usize = 16;

/// Bytes of a session ID and of a time.
const SESSION_BYTES: usize = 32;
const TIME_BYTES: usize = 8;

/// A server with the promotion, the student and the teacher of the page.
fn server() -> RunningServer {
    let server = RunningServer::start();
    let channel = Channel::connect(server.address()).unwrap();
    let accounts = AccountsClient::new(channel.clone());
    let signed_in = accounts.login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap();
    let options = CallOptions::new().credential(signed_in.session.expose());
    let (accounts, grades) = (accounts.with(options.clone()), GradesClient::new(channel).with(options));
    grades.create_promotion("L3").unwrap();
    grades.add_student("L3", "GP-0001", "A Student").unwrap();
    let ada = NewAccount { name: "ada".into(), role: Role::Teacher, promotions: vec!["L3".into()], student: None };
    accounts.create_account(&ada, &Password::new("forty herons at dusk")).unwrap();
    server
}

/// Where the page has `made_up`; there is exactly one such place.
fn place(page: &[u8], made_up: &[u8]) -> usize {
    let places: Vec<usize> = (0..page.len()).filter(|start| page[*start..].starts_with(made_up)).collect();
    assert_eq!(places.len(), 1, "{made_up:02x?}");
    places[0]
}

/// Puts `real` where the page has `made_up`.
fn replace(page: &mut [u8], made_up: &[u8], real: &[u8]) {
    let start = place(page, made_up);
    page[start..start + real.len()].copy_from_slice(real);
}

/// Waits for the next frame and checks that it is the page's, but for what was made up; gives its bytes without the header.
fn check(peer: &mut RawPeer, title: &str, made_up: &[&[u8]]) -> Vec<u8> {
    let frame = peer.frame().unwrap();
    let mut page = page_frame(title);
    for bytes in made_up {
        let start = place(&page, bytes);
        let real = frame.body[start - HEADER..start - HEADER + bytes.len()].to_vec();
        replace(&mut page, bytes, &real);
    }
    assert_eq!(frame.body, page[HEADER..], "{title}");
    let header = RawPeer::header(frame.body.len(), frame.call_id, frame.service, frame.opcode, frame.kind, 0);
    assert_eq!((header.as_slice(), frame.status), (&page[..HEADER], 0), "{title}");
    frame.body
}

#[test]
fn a_server_answers_the_bytes_of_the_page_as_the_page_says() {
    let server = server();
    let mut peer = RawPeer::connect(server.address());
    peer.send(&page_frame("hello, client to server"));
    peer.send(&page_frame("request, accounts.login"));
    check(&mut peer, "hello, server to client", &[&1_795_000_000_000_u64.to_le_bytes()]);
    let session: [u8; SESSION_BYTES] = std::array::from_fn(|index| u8::try_from(index).unwrap());
    let times = [1_795_000_900_000_u64, 1_795_043_200_000].map(u64::to_le_bytes);
    let signed_in = check(&mut peer, "reply, accounts.login", &[&session, &times[0], &times[1]]);

    let mut request = page_frame("request, grades.add_mark");
    let start = place(&page_frame("reply, accounts.login"), &session) - HEADER;
    replace(&mut request, &session, &signed_in[start..start + SESSION_BYTES]);
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    // The six bytes of a request key's time stand with the highest first (§9).
    replace(&mut request, &1_795_000_000_000_u64.to_be_bytes()[2..], &now.to_be_bytes()[2..]);
    peer.send(&request);
    let made_up: [u8; TIME_BYTES] = 7_u64.to_le_bytes();
    check(&mut peer, "reply, grades.add_mark", &[&made_up]);
}
