//! A dump names what descriptors name, shows what may be shown, and hides everything else.

use grades_api::{AccountsClient, GradesClient, model::Password};
use rpc_core::{
    Field, Message, Service,
    dump::{body, frame},
    tlv::Encode,
};
use tests::page_frame;

use crate::codec::encode;

const SERVICES: [&Service; 2] = [&AccountsClient::SERVICE, &GradesClient::SERVICE];

/// The frame of the page, annotated: its lines without the 16 bytes of the header.
fn check(title: &str, services: &[&'static Service], expected: &str) {
    let dump = frame(&page_frame(title), services).to_string();
    let (_, body) = dump.split_once("status: ").unwrap();
    let expected: Vec<_> = expected.lines().map(str::trim).collect();
    let lines: Vec<_> = body.lines().skip(1).map(str::trim).collect();
    assert_eq!(lines, expected, "{title}");
}

#[test]
fn a_header_is_told_field_by_field() {
    let dump = frame(&page_frame("request, grades.add_mark"), &SERVICES).to_string();
    let header: Vec<_> = dump.lines().take(8).collect();
    assert_eq!(
        header,
        [
            "# request, grades.add_mark",
            "61 00 00 00              # 0000  length: 97 bytes after the header",
            "02 00 00 00              # 0004  call id: 2",
            "47 00                    # 0008  service: 0x0047, grades",
            "05 00                    # 000a  opcode: 0x0005, add_mark",
            "02                       # 000c  kind: request",
            "01                       # 000d  flags: metadata stand before the body",
            "00 00                    # 000e  status: 0 in a request",
        ]
    );
}

#[test]
fn a_hello_is_named() {
    check(
        "hello, client to server",
        &[],
        r#"0a 54 4c 56 52 50 43 0d  # 0010  field 1 magic: "TLVRPC\r\n"
           0a                       # 0018
           11 01 00 00 00           # 0019  field 2 version: 1
           21 00 00 40 00           # 001e  field 4 reply bytes: 4,194,304"#,
    );
}

#[test]
fn a_call_is_named_and_its_credential_hidden() {
    check(
        "request, grades.add_mark",
        &SERVICES,
        r#"38 00                    # 0010  56 bytes of metadata
           09 10 27 00 00           # 0012    field 1 deadline in ms: 10,000
           13 01 a1 ee 56 5e 00 7a  # 0017    field 2 request key: 16 bytes
           bc 81 23 45 67 89 ab cd  # 001f
           ef                       # 0027
           24 20 .. .. .. .. .. ..  # 0028    field 4 credential: 32 bytes, hidden
           .. .. .. .. .. .. .. ..  # 0030
           .. .. .. .. .. .. .. ..  # 0038
           .. .. .. .. .. .. .. ..  # 0040
           .. ..                    # 0048
           21 c8 00 00 00           # 004a  field 4 coefficient: 200
           0c 02 4c 33              # 004f  field 1 promotion: "L3"
           14 07 47 50 2d 30 30 30  # 0053  field 2 number: "GP-0001"
           31                       # 005b
           1d 0c 00 00 00           # 005c  field 3 mark: a message of 12 bytes, Mark
           08 00                    # 0061    field 1 code: 0
           11 68 36 02 00           # 0063    field 2 ten_thousandths: 145,000
           19 d0 07 00 00           # 0068    field 3 scale_hundredths: 2,000
           2c 02 47 31              # 006d  field 5 label: "G1""#,
    );
}

#[test]
fn secrets_of_a_reply_are_hidden_and_its_tables_told() {
    let dump = frame(&page_frame("reply, accounts.login"), &SERVICES).to_string();
    assert!(dump.contains("field 1 session: 32 bytes, hidden"), "{dump}");
    assert!(!dump.contains("01 02 03"), "{dump}");
    assert!(dump.contains(r#"        column 1 value: "L3""#), "{dump}");
    assert!(dump.contains("field 2 role: 2, Teacher"), "{dump}");
}

/// Who knows no descriptor can't tell a secret from another field, and so shows none.
#[test]
fn what_no_descriptor_names_is_hidden() {
    let request = frame(&page_frame("request, accounts.login"), &[]).to_string();
    assert!(request.contains("unknown field 2: 20 bytes, not shown"), "{request}");
    assert!(!request.contains("63 6f 72"), "{request}");
}

/// Wherever a secret can stand: alone, in a list, optional, in a column, in a map, in a variant, and where a descriptor
/// asks for another kind.
#[test]
fn a_secret_is_hidden_wherever_it_stands() {
    #[derive(Message)]
    struct Row {
        #[tag(1)]
        name: String,
        #[tag(2)]
        secret: Password,
        #[tag(3)]
        spare: Option<Password>,
    }
    #[derive(Message)]
    enum Proof {
        #[tag(1)]
        Spoken(Password),
    }
    #[derive(Message)]
    #[message(secret)]
    struct Whole {
        #[tag(1)]
        part: String,
    }
    fn check<T: Encode + 'static>(value: &T, fields: &'static [Field]) {
        let dump = body("secrets", &encode(value), fields).to_string();
        // "open" is 6f 70 65 6e, and "shut" 73 68 75 74.
        let bare = dump.replace(['\n', ' '], "");
        assert!(!bare.contains("73687574") && !bare.contains("6875"), "{dump}");
        assert!(!dump.contains("shut"), "{dump}");
    }
    fn fields<T: Encode>() -> &'static [Field] {
        vec![Field { number: 1, name: "value", shape: T::shape }].leak()
    }
    fn shown<T: Encode + 'static>(value: T) {
        check(&value, fields::<T>());
        check(&value, fields::<u64>());
        check(&value, &[]);
    }
    let secret = || Password::new("shut");
    let row = || Row { name: "open".to_owned(), secret: secret(), spare: Some(secret()) };
    shown(secret());
    shown(Some(secret()));
    shown(vec![secret(), secret()]);
    shown(vec![Some(secret()), None]);
    shown(vec![vec![secret()]]);
    shown(std::collections::BTreeMap::from([(1_u8, secret())]));
    shown((1_u8, secret()));
    shown(Proof::Spoken(secret()));
    shown(vec![Proof::Spoken(secret())]);
    shown(row());
    shown(vec![row(), row()]);
    shown(Whole { part: "shut".to_owned() });
    shown(vec![Whole { part: "shut".to_owned() }]);
    check(&vec![secret()], fields::<Vec<u64>>());
    check(&vec![row()], fields::<Vec<(u8, u64)>>());
    let dump = body("row", &encode(&vec![row()]), fields::<Vec<Row>>()).to_string();
    assert!(dump.contains(r#"column 1 name: "open""#), "{dump}");
}

#[test]
fn bytes_that_are_no_frame_are_shown_as_such() {
    assert_eq!(frame(b"GET", &[]).to_string(), "# bytes\n47 45 54                 # 0000  no frame of this protocol\n");
    assert_eq!(frame(b"", &[]).to_string(), "# bytes\n");
}
