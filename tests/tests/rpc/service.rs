//! What the attribute makes of a trait: requests, a client and a dispatch table that mean the same bytes; descriptors;
//! access rules.

use std::{error, fmt, time::Duration};

use rpc_core::{
    AppError, Authorize, Call, CallOptions, Channel, Dispatch, Limits, Message, Method, MockTransport, Opcode, Refusal,
    Request, Result, Retry, Server, ServiceId, Status,
    tlv::{Buffer, DecodeBody, EncodeBody, Reader, Writer, decode_value},
};

/// Every way to lend an argument.
#[rpc_core::service(id = 0x44, name = "desk", access = Door, retired(9, 4))]
trait Desk: Send + Sync {
    /// Text and bytes, out of the receive buffer.
    #[rpc(opcode = 3, access = Door::Open, idempotent)]
    fn say(&self, words: &str, bytes: &[u8], note: Option<&str>) -> Result<String, DeskError>;

    /// Messages.
    #[rpc(opcode = 1, access = Door::Staff, keyed, slow, deadline = "1500ms")]
    fn list(
        &self,
        cards: &[Card],
        #[tag(7)] first: &Card,
        second: Option<&Card>,
        #[tag(2)] more: Option<&[Card]>,
        count: u16,
    ) -> Result<Vec<Card>, DeskError>;

    /// No argument and no value.
    #[rpc(opcode = 2, access = Door::Staff)]
    fn close(&self) -> Result<(), DeskError>;

    #[cfg(any())]
    #[rpc(opcode = 8, access = Door::Nowhere)]
    fn only_in_another_build(&self, thing: NoSuchType) -> Result<(), DeskError>;
}

/// In another build only: nothing of it may be left in this one.
#[rpc_core::service(id = 0x45, name = "gone", access = NoSuchType)]
#[cfg(any())]
trait Gone {
    #[rpc(opcode = 1, access = NoSuchType::Any, keyed)]
    fn go(&self, thing: &NoSuchType) -> Result<NoSuchType, NoSuchType>;
}

#[derive(Clone, Copy, PartialEq)]
enum Door {
    Open,
    Staff,
}

#[derive(Clone, Debug, PartialEq, Message)]
struct Card {
    #[tag(1)]
    number: u32,
    #[tag(2)]
    name: String,
}

#[derive(Clone, Debug, PartialEq, AppError)]
enum DeskError {
    #[tag(1)]
    Closed,
}

impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed")
    }
}

impl error::Error for DeskError {}

/// A handler that answers with what it was lent.
struct Porter;

impl Desk for Porter {
    fn say(&self, words: &str, bytes: &[u8], note: Option<&str>) -> Result<String, DeskError> {
        Ok(format!("{words} {bytes:?} {note:?}"))
    }

    fn list(
        &self,
        cards: &[Card],
        first: &Card,
        second: Option<&Card>,
        more: Option<&[Card]>,
        count: u16,
    ) -> Result<Vec<Card>, DeskError> {
        let all = cards.iter().chain([first]).chain(second).chain(more.unwrap_or_default());
        Ok(all.take(count.into()).cloned().collect())
    }

    fn close(&self) -> Result<(), DeskError> {
        Err(DeskError::Closed.into())
    }
}

/// Lets in everyone through the open door, and staff by their credential.
struct Doorman;

impl Authorize<Door> for Doorman {
    type Caller = &'static str;

    fn authorize(&self, call: &Call, access: Door) -> std::result::Result<&'static str, Refusal> {
        match (access, call.credential()) {
            (Door::Open, _) => Ok("anyone"),
            (Door::Staff, Some(credential)) if credential.as_bytes() == b"staff" => Ok("staff"),
            (Door::Staff, Some(_)) => Err(Refusal::forbidden()),
            (Door::Staff, None) => Err(Refusal::unauthenticated()),
        }
    }

    fn is_public(&self, access: &Door) -> bool {
        *access == Door::Open
    }
}

fn table() -> DeskDispatch<Porter, Doorman> {
    DeskDispatch::new(Porter, Doorman)
}

fn card(number: u32) -> Card {
    Card { number, name: format!("card {number}") }
}

/// Sends a body through the dispatch table, as a server does.
fn dispatch(opcode: u16, body: &[u8]) -> (std::result::Result<Status, Refusal>, Vec<u8>) {
    let method = DeskClient::SERVICE.methods.iter().find(|method| method.opcode == Opcode(opcode)).unwrap();
    let mut reply = Buffer::new();
    let mut writer = Writer::new(&mut reply, 1_000);
    let ended = table().dispatch(method, Reader::new(body, Limits::new().decode()), &mut writer);
    writer.finish().unwrap();
    (ended, reply.into())
}

fn value<T: rpc_core::tlv::DecodeOwned>(reply: &[u8]) -> T {
    decode_value(&mut Reader::new(reply, Limits::new().decode())).unwrap()
}

fn body(request: &impl EncodeBody) -> Vec<u8> {
    let mut body = Buffer::new();
    let mut out = Writer::new(&mut body, 1_000);
    request.encode_body(&mut out);
    out.finish().unwrap();
    body.into()
}

#[test]
fn the_handler_is_lent_what_the_request_holds() {
    let said = body(&DeskSay { words: "good day", bytes: &[1, 2], note: Some("") });
    let (ended, reply) = dispatch(3, &said);
    assert_eq!((ended, value::<String>(&reply).as_str()), (Ok(Status::OK), "good day [1, 2] Some(\"\")"));

    let list = DeskList {
        cards: vec![card(1), card(2)],
        first: card(3),
        second: Some(card(4)),
        more: Some(vec![card(5), card(6)]),
        count: 5,
    };
    let (ended, reply) = dispatch(1, &body(&list));
    assert_eq!(ended, Ok(Status::OK));
    assert_eq!(value::<Vec<Card>>(&reply), [1, 2, 3, 4, 5].map(card));

    let nothing = DeskList { cards: vec![], first: card(3), second: None, more: None, count: 5 };
    assert_eq!(value::<Vec<Card>>(&dispatch(1, &body(&nothing)).1), [card(3)]);
}

#[test]
fn an_empty_list_that_is_there_is_not_one_that_is_missing() {
    fn check(more: Option<Vec<Card>>, expected: Option<usize>) {
        let list = DeskList { cards: vec![], first: card(1), second: None, more, count: 0 };
        let body = body(&list);
        let read = DeskList::decode_body(&mut Reader::new(&body, Limits::new().decode())).unwrap();
        assert_eq!(read.more.map(|more| more.len()), expected);
    }
    check(None, None);
    check(Some(vec![]), Some(0));
    check(Some(vec![card(2)]), Some(1));
}

#[test]
fn a_method_s_own_error_is_its_reply() {
    let (ended, reply) = dispatch(2, &body(&DeskClose {}));
    assert_eq!((ended, value::<DeskError>(&reply)), (Ok(Status::APP), DeskError::Closed));
}

#[test]
fn arguments_are_tagged_by_position_unless_they_say_otherwise() {
    let list = DeskList { cards: vec![], first: card(1), second: Some(card(2)), more: None, count: 3 };
    // Of fixed size first: argument 5 (F4); then 3 and 7 (LONG).
    let body = body(&list);
    assert_eq!(body[..5], [5 << 3 | 1, 3, 0, 0, 0]);
    assert_eq!(body[5], 3 << 3 | 5);
    let long_card = 1 + 4 + 5 + 8; // tag, length, an F4 field, a SHORT field of 6 bytes
    assert_eq!(body[5 + long_card], 7 << 3 | 5);
}

#[test]
fn the_client_writes_the_same_bytes_as_the_request() {
    let mock = MockTransport::new()
        .on(|request: DeskSay<'_>| Ok(request.words.to_owned()))
        .on(|request: DeskList| Ok(request.cards));
    let client = DeskClient::new(mock.channel());
    assert_eq!(client.say("hello", b"..", None).unwrap(), "hello");
    let cards = [card(1), card(2)];
    let pending = client.start_list(&cards, &cards[0], Some(&cards[1]), Some(&cards), 9);
    assert_eq!(pending.wait().unwrap(), cards);

    let expected = [
        body(&DeskSay { words: "hello", bytes: b"..", note: None }),
        body(&DeskList {
            cards: cards.to_vec(),
            first: card(1),
            second: Some(card(2)),
            more: Some(cards.to_vec()),
            count: 9,
        }),
    ];
    let recorded = mock.recorded();
    assert_eq!(recorded.iter().map(|request| request.body).collect::<Vec<_>>(), expected);
    assert_eq!(recorded[0].opcode, Opcode(3));
    assert_eq!((recorded[1].service, recorded[1].key.is_some()), (ServiceId(0x44), true));
}

#[test]
fn whoever_takes_the_trait_can_t_tell_a_client_from_a_handler() {
    fn greet(desk: &dyn Desk) -> Result<String, DeskError> {
        desk.say("good", &[], Some("day"))
    }
    let mock = MockTransport::new().on(|request: DeskSay<'_>| Porter.say(request.words, request.bytes, request.note));
    let server = Server::builder().service(table()).start().unwrap();
    let remote = DeskClient::new(Channel::over(server.connect()));
    let desks: [Box<dyn Desk>; 3] = [Box::new(Porter), Box::new(DeskClient::new(mock.channel())), Box::new(remote)];
    assert_eq!(desks.map(|desk| greet(&*desk).unwrap()), ["good [] Some(\"day\")"; 3]);
}

#[test]
fn a_call_has_the_options_of_the_client_it_is_made_with() {
    let server = Server::builder().service(table()).start().unwrap();
    let guest = DeskClient::new(Channel::over(server.connect()));
    let staff = guest.with(CallOptions::new().credential(b"staff"));
    assert_eq!(guest.close().unwrap_err(), Refusal::unauthenticated().into());
    assert_eq!(staff.close().unwrap_err(), DeskError::Closed.into());
    let (one, other) = (staff.start_close(), guest.start_say("later", &[], None));
    assert_eq!((one.wait(), other.wait().is_ok()), (Err(DeskError::Closed.into()), true));
}

#[test]
fn a_client_connects_to_an_address() {
    let server = Server::builder().service(table()).bind("127.0.0.1:0").unwrap();
    let client = DeskClient::connect(&server.address().to_string()).unwrap();
    assert_eq!(client.say("by", b"", Some("tcp")).unwrap(), "by [] Some(\"tcp\")");
}

#[test]
fn a_body_that_does_not_decode_is_refused_with_its_field() {
    let (ended, reply) = dispatch(3, &[1 << 3 | 4, 1, 0xff]);
    let refusal = ended.unwrap_err();
    assert_eq!((refusal.status, refusal.field, reply), (Status::BAD_BODY, Some(1), vec![]));
    assert_eq!(dispatch(3, &[]).0.unwrap_err().field, Some(1));
}

#[test]
fn fields_in_another_order_and_unknown_ones_are_taken() {
    let body = [3 << 3 | 4, 1, b'n', 20 << 3, 7, 2 << 3 | 4, 0, 1 << 3 | 4, 1, b'w'];
    assert_eq!(value::<String>(&dispatch(3, &body).1), "w [] Some(\"n\")");
}

#[test]
fn the_rule_of_a_method_is_decided_from_the_call_alone() {
    fn check(opcode: u16, credential: Option<&[u8]>, expected: std::result::Result<&str, Refusal>) {
        let method = DeskClient::SERVICE.method(Opcode(opcode)).unwrap();
        let mut call = credential.map_or_else(Call::local, |credential| Call::local().with_credential(credential));
        let decided = table().authorize(method, &mut call).map(|()| *call.caller::<&str>().unwrap());
        assert_eq!(decided, expected, "{opcode}");
        assert_eq!(table().is_public(method), opcode == 3);
    }
    check(3, None, Ok("anyone"));
    check(2, None, Err(Refusal::unauthenticated()));
    check(2, Some(b"guest"), Err(Refusal::forbidden()));
    check(2, Some(b"staff"), Ok("staff"));
}

#[test]
fn an_opcode_without_a_method_is_refused_before_its_body_is_read() {
    let stray = &Method { opcode: Opcode(9), ..*<DeskClose as Request<'_>>::METHOD };
    let stray = Box::leak(Box::new(*stray));
    let unknown = Refusal::new(Status::UNKNOWN_OPCODE);
    let mut call = Call::local().with_credential(b"staff");
    assert_eq!(table().authorize(stray, &mut call), Err(unknown));
    assert!(!table().is_public(stray));
    let mut reply = Buffer::new();
    let body = Reader::new(&[0xff], Limits::new().decode());
    assert_eq!(table().dispatch(stray, body, &mut Writer::new(&mut reply, 10)), Err(unknown));
}

#[test]
fn the_descriptor_holds_what_the_trait_says() {
    let service = table().service();
    assert_eq!((service.id, service.name, service.open), (ServiceId(0x44), "desk", false));
    assert_eq!(service.retired, [Opcode(4), Opcode(9)]);
    let names: Vec<_> = service.methods.iter().map(|method| (method.opcode.0, method.name)).collect();
    assert_eq!(names, [(1, "list"), (2, "close"), (3, "say")]);

    let list = service.method(Opcode(1)).unwrap();
    assert_eq!((list.service, list.retry, list.slow), (ServiceId(0x44), Retry::Keyed, true));
    assert_eq!((list.deadline, list.access), (Some(Duration::from_millis(1500)), "Door::Staff"));
    let arguments: Vec<_> = list.arguments.iter().map(|field| (field.number, field.name)).collect();
    assert_eq!(arguments, [(1, "cards"), (2, "more"), (3, "second"), (5, "count"), (7, "first")]);
    assert_eq!(service.method(Opcode(2)).unwrap().retry, Retry::NotSent);
    assert_eq!(service.method(Opcode(3)).unwrap().retry, Retry::Idempotent);
}

#[test]
#[should_panic = "vault.put is keyed, and its argument what holds a secret: remove `keyed`"]
fn a_secret_inside_of_a_message_can_t_have_a_request_key() {
    #[rpc_core::service(id = 1, name = "vault", open)]
    trait Vault {
        #[rpc(opcode = 1, keyed)]
        fn put(&self, what: &[Box<Locked>]) -> Result<(), DeskError>;
    }
    struct Nobody;
    impl Vault for Nobody {
        fn put(&self, _what: &[Box<Locked>]) -> Result<(), DeskError> {
            Ok(())
        }
    }
    #[derive(Debug, Message)]
    struct Locked {
        #[tag(1)]
        _code: Option<Code>,
    }
    #[derive(Debug, Message)]
    #[message(secret)]
    struct Code(u32);
    let _ = VaultDispatch::new(Nobody);
}
