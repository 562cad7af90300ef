//! Requests that are wrong in a way that has a name, from a peer that has signed in and from one that has not.

use rpc_core::Status;
use tests::{RawPeer, hex};

use super::{ACCOUNTS, ADD_MARK, Expect, GRADES, IMPORT, LOGIN, Scene, WHOAMI};
use crate::report::Report;

/// One thing to say.
struct Case {
    name: String,
    bytes: Vec<u8>,
    expect: Expect,
}

pub(super) fn judge(scene: &mut Scene, report: &mut Report) {
    let mut count = 0;
    for signed_in in [false, true] {
        let session = scene.session;
        let says = Says { credential: signed_in.then_some(&session[..]) };
        let cases: Vec<Case> = [framing(&says), addresses(&says), metadata(&says), bodies(&says), logins(&says)]
            .into_iter()
            .flatten()
            .collect();
        count += cases.len();
        for Case { name, bytes, expect } in cases {
            scene.judge(report, &name, signed_in, &bytes, &expect);
        }
    }
    report.figure(format!("{count} named cases, half of them before a login and half after"));
    report.check(count >= 2 * 60, || format!("only {count} named cases"));
}

/// Who says it.
struct Says<'s> {
    credential: Option<&'s [u8]>,
}

impl Says<'_> {
    fn request(&self, service: u16, opcode: u16, body: &[u8]) -> Vec<u8> {
        RawPeer::request(7, service, opcode, self.credential, body)
    }

    /// A call of `whoami` with one byte of its header changed.
    fn garbled(&self, offset: usize, byte: u8) -> Vec<u8> {
        let mut request = self.request(ACCOUNTS, WHOAMI, &[]);
        request[offset] = byte;
        request
    }

    /// A call of `whoami` with these metadata before the credential.
    fn with_metadata(&self, fields: &[u8]) -> Vec<u8> {
        let credential = self.credential.map(|secret| [&[0x24, 32], secret].concat()).unwrap_or_default();
        with_metadata(&[fields, &credential].concat())
    }

    /// What becomes of a call that needs a session and would otherwise end like this.
    fn once_signed_in(&self, status: Status) -> Expect {
        Expect::Told(if self.credential.is_some() { status } else { Status::UNAUTHENTICATED })
    }
}

fn with_metadata(metadata: &[u8]) -> Vec<u8> {
    let length = u16::try_from(metadata.len()).unwrap().to_le_bytes();
    [&RawPeer::header(metadata.len() + 2, 7, ACCOUNTS, WHOAMI, 2, 1)[..], &length, metadata].concat()
}

fn case(name: impl Into<String>, bytes: Vec<u8>, expect: Expect) -> Case {
    Case { name: name.into(), bytes, expect }
}

fn framing(says: &Says<'_>) -> Vec<Case> {
    let whole = says.request(ACCOUNTS, WHOAMI, &[]);
    let huge = |length: u32, opcode| {
        let mut header = RawPeer::header(0, 7, ACCOUNTS, opcode, 2, 0);
        header[..4].copy_from_slice(&length.to_le_bytes());
        header
    };
    let too_large = || Expect::ToldAndClosed(Status::BODY_TOO_LARGE);
    let judged = Expect::ToldAmidFrame(Status::UNAUTHENTICATED); // as soon as it is known that there is no session
    vec![
        case("kind 0", says.garbled(12, 0), Expect::Goodbye),
        case("kind 5", says.garbled(12, 5), Expect::Goodbye),
        case("kind 255", says.garbled(12, 255), Expect::Goodbye),
        case("a reply", says.garbled(12, 3), Expect::Goodbye),
        case("a second hello", RawPeer::hello(), Expect::Goodbye),
        case("a goodbye of a service", says.garbled(12, 4), Expect::Goodbye),
        case("a goodbye", RawPeer::header(0, 0, 0, 0, 4, 0), Expect::Nothing),
        case("a goodbye with a body", [RawPeer::header(4, 0, 0, 0, 4, 0), vec![1; 4]].concat(), Expect::Nothing),
        case("flag 2", says.garbled(13, 2), Expect::Goodbye),
        case("flag 0x80", says.garbled(13, 0x81), Expect::Goodbye),
        case("all flags", says.garbled(13, 0xff), Expect::Goodbye),
        case("a login of 4 GiB", huge(u32::MAX, LOGIN), too_large()),
        case("a login of 2 GiB", huge(1 << 31, LOGIN), too_large()),
        case("a call of 16 MiB", huge(16 << 20, WHOAMI), too_large()),
        case("an unknown call of 4 GiB", huge(u32::MAX, 999), Expect::ToldAndClosed(Status::UNKNOWN_OPCODE)),
        case("half a header", whole[..8].to_vec(), Expect::Nothing),
        case("a header alone", RawPeer::header(40, 7, ACCOUNTS, WHOAMI, 2, 0), judged.clone()),
        case("a header alone, of a login", RawPeer::header(40, 7, ACCOUNTS, LOGIN, 2, 0), Expect::Nothing),
        case(
            "all but a byte",
            says.request(GRADES, ADD_MARK, &[0; 40])[..55].to_vec(),
            if says.credential.is_some() { Expect::Nothing } else { judged },
        ),
        case("HTTP after the hello", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), Expect::Goodbye),
        case("zeros", vec![0; 64], Expect::Goodbye),
        case("ones", vec![0xff; 64], Expect::Goodbye),
        case("a status in a request", says.garbled(14, 9), says.once_signed_in(Status::OK)),
        case("call id 0", says.garbled(4, 0), says.once_signed_in(Status::OK)),
        case("call id 2^32 - 1", [&whole[..4], &[0xff; 4], &whole[8..]].concat(), says.once_signed_in(Status::OK)),
    ]
}

fn addresses(says: &Says<'_>) -> Vec<Case> {
    let unknown_service = || Expect::Told(Status::UNKNOWN_SERVICE);
    let unknown_opcode = || Expect::Told(Status::UNKNOWN_OPCODE);
    vec![
        case("service 0", says.request(0, 1, &[]), unknown_service()),
        case("service 0x4700", says.request(0x4700, 1, &[]), unknown_service()),
        case("service 0xffff with a body", says.request(0xffff, 1, &[7; 5_000]), unknown_service()),
        case("opcode 0", says.request(ACCOUNTS, 0, &[]), unknown_opcode()),
        case("the opcode after the last", says.request(ACCOUNTS, 15, &[]), unknown_opcode()),
        case("opcode 0xffff with a body", says.request(GRADES, u16::MAX, &[7; 5_000]), unknown_opcode()),
    ]
}

fn metadata(says: &Says<'_>) -> Vec<Case> {
    let bad = || Expect::Told(Status::BAD_METADATA);
    let flagged = |content: &[u8]| [&RawPeer::header(content.len(), 7, ACCOUNTS, WHOAMI, 2, 1)[..], content].concat();
    let credential = |secret: &[u8]| {
        let length = u32::try_from(secret.len()).unwrap().to_le_bytes();
        with_metadata(&[&[0x25][..], &length, secret].concat())
    };
    let no_session = || Expect::Told(Status::UNAUTHENTICATED);
    let unknown = |count: usize| says.with_metadata(&[9 << 3, 1].repeat(count));
    let lone = |fields: &str| with_metadata(&hex(fields));
    vec![
        case("metadata without a length", flagged(&[]), bad()),
        case("metadata with half a length", flagged(&[4]), bad()),
        case("metadata longer than the frame", flagged(&[9, 0, 1]), bad()),
        case("metadata of 64 KiB that are not there", flagged(&[0xff, 0xff]), bad()),
        case("metadata of 1,025 bytes", flagged(&[&[1, 4][..], &[0; 1_025]].concat()), bad()),
        case("metadata with field 0", lone("00 01"), bad()),
        case("metadata that end in a tag", lone("0f"), bad()),
        case("a deadline of eight bytes", lone("0a 0100000000000000"), bad()),
        case("a deadline as a text", lone("0c 02 3130"), bad()),
        case("a request key of four bytes", lone("11 01000000"), bad()),
        case("a credential as a number", lone("22 0100000000000000"), bad()),
        case("a credential that is not there", lone("24 20 0000"), bad()),
        case("a deadline of 0", says.with_metadata(&hex("09 00000000")), Expect::Told(Status::DEADLINE_BEFORE_START)),
        case("a deadline of 49 days", says.with_metadata(&hex("09 ffffffff")), says.once_signed_in(Status::OK)),
        case("two deadlines", says.with_metadata(&hex("09 00000000 09 10270000")), says.once_signed_in(Status::OK)),
        case("64 unknown fields of metadata", unknown(64), says.once_signed_in(Status::OK)),
        case("65 unknown fields of metadata", unknown(65), bad()),
        case("an empty credential", credential(&[]), no_session()),
        case("a credential of 31 bytes", credential(&[7; 31]), no_session()),
        case("a credential of 33 bytes", credential(&[7; 33]), no_session()),
        case("a credential of zeros", credential(&[0; 32]), no_session()),
        case("a credential that was never given", credential(&[0xa5; 32]), no_session()),
        case("a credential of 900 bytes", credential(&[7; 900]), no_session()),
    ]
}

/// The body of `grades.add_mark`, whose mark and coefficient are these.
fn add_mark(mark: &str, coefficient: &str) -> Vec<u8> {
    [hex(coefficient), RawPeer::text(1, "L3"), RawPeer::text(2, "17"), hex(mark), RawPeer::text(5, "x")].concat()
}

fn bodies(says: &Says<'_>) -> Vec<Case> {
    let bad = |name: &str, opcode, body: Vec<u8>| {
        case(name, says.request(GRADES, opcode, &body), says.once_signed_in(Status::BAD_BODY))
    };
    let mark = "1d 0c000000 0800 11 68360200 19 d0070000";
    let good = add_mark(mark, "21 c8000000");
    let sheet = |table: &str| [RawPeer::text(1, "L3"), hex(table)].concat();
    let text = |bytes: usize| {
        let length = u32::try_from(bytes).unwrap().to_le_bytes();
        [&[0x0d][..], &length, &vec![b'x'; bytes]].concat()
    };
    vec![
        bad("no body", ADD_MARK, vec![]),
        bad("half a tag", ADD_MARK, hex("0f")),
        bad("field 0", ADD_MARK, hex("00 01")),
        bad("a text of 255 bytes that are not there", ADD_MARK, hex("0c ff")),
        bad("a text of 4 GiB", ADD_MARK, hex("0d ffffffff")),
        bad("a text that is no UTF-8", ADD_MARK, hex("0c 02 c328")),
        bad("a number for a text", ADD_MARK, hex("08 01")),
        bad("a text for a number", ADD_MARK, [&good[..], &hex("24 01 78")].concat()),
        bad("a byte too many", ADD_MARK, [&good[..], &[0x0c]].concat()),
        bad("a mark above its scale", ADD_MARK, add_mark("1d 0c000000 0800 11 410d0300 19 d0070000", "21 c8000000")),
        bad("a mark without a scale", ADD_MARK, add_mark("1d 0c000000 0800 11 00000000 19 00000000", "21 c8000000")),
        bad("a mark of an unknown code", ADD_MARK, add_mark("1d 0c000000 0809 11 00000000 19 00000000", "21 c8000000")),
        bad("a mark in a message that is too short", ADD_MARK, add_mark("1d 02000000 0800", "21 c8000000")),
        bad("a coefficient over 1,000", ADD_MARK, add_mark(mark, "21 a1860100")),
        bad("a coefficient of eight bytes", ADD_MARK, add_mark(mark, "22 c800000000000000")),
        bad("65 unknown fields", ADD_MARK, [&good[..], &[0xa0, 1].repeat(65)].concat()),
        bad("a text over 64 KiB", ADD_MARK, [text((64 << 10) + 1), good.clone()].concat()),
        bad("a table of 4 billion rows", IMPORT, sheet("15 0a000000 0e 04000000 ffffffff 00")),
        bad("a table that is longer than the body", IMPORT, sheet("15 09000000 0e ffffffff 00000000")),
        bad("a table with bytes after its columns", IMPORT, sheet("15 0b000000 0e 05000000 01000000 09 00")),
        bad("a row count without columns", IMPORT, sheet("15 09000000 0e 04000000 02000000")),
        bad("options with unused bits", IMPORT, sheet("15 10000000 0e 0b000000 01000000 0f 01 01000000 fe")),
        case(
            "a body over 1 MiB",
            says.request(GRADES, IMPORT, &vec![0; (1 << 20) + 1]),
            Expect::Told(Status::BODY_TOO_LARGE),
        ),
        case(
            "a body over 8 MiB",
            says.request(GRADES, IMPORT, &[])[..4]
                .iter()
                .map(|_| 0xff)
                .chain(says.request(GRADES, IMPORT, &[])[4..].iter().copied())
                .collect(),
            Expect::ToldAndClosed(Status::BODY_TOO_LARGE),
        ),
        case(
            "a name with a line end",
            says.request(GRADES, 1, &RawPeer::text(1, "a\nb")),
            says.once_signed_in(Status::APP),
        ),
        case(
            "a role that is none",
            says.request(ACCOUNTS, 10, &[hex("11 09000000"), RawPeer::text(1, "tess")].concat()),
            says.once_signed_in(Status::BAD_BODY),
        ),
    ]
}

/// Logins need no session, so it makes no difference whether there is one.
fn logins(says: &Says<'_>) -> Vec<Case> {
    let login = |name: usize, password: usize| {
        let field = |number: u8, bytes: usize| {
            [&[number << 3 | 5][..], &u32::try_from(bytes).unwrap().to_le_bytes(), &vec![b'x'; bytes]].concat()
        };
        says.request(ACCOUNTS, LOGIN, &[field(1, name), field(2, password)].concat())
    };
    let too_large = || Expect::Told(Status::BODY_TOO_LARGE);
    vec![
        case("a login without a body", says.request(ACCOUNTS, LOGIN, &[]), Expect::Told(Status::BAD_BODY)),
        case(
            "a login without a password",
            says.request(ACCOUNTS, LOGIN, &RawPeer::text(1, "x")),
            Expect::Told(Status::BAD_BODY),
        ),
        case("a login with an empty name", login(0, 20), Expect::Told(Status::APP)),
        case("a login with a name of 3 KiB", login(3_000, 20), Expect::Told(Status::APP)),
        case("a login with a password of 3 KiB", login(5, 3_000), Expect::Told(Status::APP)),
        case("a login of 4,096 bytes", login(5, 4_096 - 15), Expect::Told(Status::APP)),
        case("a login of 4,097 bytes", login(5, 4_096 - 14), too_large()),
        case("a login of 32 KiB", login(5, 32_000), too_large()),
        case("a login of 64 KiB", login(5, 64_000), Expect::ToldAndClosed(Status::BODY_TOO_LARGE)),
    ]
}
