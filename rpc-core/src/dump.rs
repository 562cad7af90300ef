//! Frames as annotated hex: what every byte says, named as the trait names it. For people: the demonstration, documents,
//! a failing test.
//!
//! ```text
//! 0c 02 4c 33              # 004f  field 1 promotion: "L3"
//! 1d 0c 00 00 00           # 0053  field 3 mark: a message of 12 bytes, Mark
//! 08 00                    # 0058    field 1 code: 0
//! ```
//!
//! A dump never fails: bytes that are no frame are shown as such. Secrets are never shown, nor is what no descriptor
//! names, since it may be one: their bytes stand as `..`.

mod column;
mod fields;
mod lines;
mod named;
mod value;

use std::fmt;

use crate::{
    Field, Service, Shape, Status,
    frame::{FrameKind, Header, HeaderFlags},
    tlv::Encode,
};
use fields::message;
use lines::{Lines, Walk};
use named::Named;

/// An annotated frame; its `Display` is the text.
#[derive(Debug)]
pub struct Dump {
    title: String,
    lines: Lines,
}

/// Annotates a frame with the names that `services` have for its fields.
#[must_use]
pub fn frame(bytes: &[u8], services: &[&'static Service]) -> Dump {
    let mut lines = Lines::default();
    let mut walk = Walk::new(bytes);
    let Some(parsed) = bytes.first_chunk().and_then(|header| Header::decode(header).ok()) else {
        lines.rest(&mut walk, 0, "no frame of this protocol");
        return Dump { title: "bytes".to_owned(), lines };
    };
    let service = services.iter().copied().find(|service| service.id == parsed.service);
    let method = service.and_then(|service| service.method(parsed.opcode));
    let title = title(&parsed, service, method.map(|method| method.name));
    header(&parsed, service, &mut walk, &mut lines);
    if parsed.flags == HeaderFlags::METADATA {
        metadata(&mut walk, &mut lines);
    }
    let body = match (parsed.kind, parsed.status) {
        (FrameKind::Hello, _) => Named::Fields(HELLO),
        (FrameKind::Request, _) => method.map_or(Named::Unknown, |method| Named::Fields(method.arguments)),
        (FrameKind::Reply, Status::OK) => {
            method.map_or(Named::Unknown, |method| Named::One(1, "value", (method.reply)()))
        }
        (FrameKind::Reply, Status::APP) => {
            method.map_or(Named::Unknown, |method| Named::One(1, "error", (method.error)()))
        }
        (FrameKind::Reply, _) => Named::Fields(REFUSAL),
        (FrameKind::Goodbye, _) => Named::Fields(&[]),
    };
    message(&mut walk, &body, 0, &mut lines);
    Dump { title, lines }
}

/// Annotates a message that stands alone: a body without its frame.
#[must_use]
pub fn body(title: &str, bytes: &[u8], fields: &'static [Field]) -> Dump {
    let mut lines = Lines::default();
    message(&mut Walk::new(bytes), &Named::Fields(fields), 0, &mut lines);
    Dump { title: title.to_owned(), lines }
}

/// The 16 bytes before everything else.
fn header(header: &Header, service: Option<&Service>, walk: &mut Walk<'_>, lines: &mut Lines) {
    let call = header.service.0 != 0;
    let name = |name: Option<&str>| name.map_or_else(String::new, |name| format!(", {name}"));
    let method = service.and_then(|service| service.method(header.opcode));
    let numbered = |number: u16, known: Option<&str>| match call {
        true => format!("{number:#06x}{}", name(known)),
        false => "none".to_owned(),
    };
    let kind = match header.kind {
        FrameKind::Hello => "hello",
        FrameKind::Request => "request",
        FrameKind::Reply => "reply",
        FrameKind::Goodbye => "goodbye",
    };
    let flags = if header.flags == HeaderFlags::METADATA { "metadata stand before the body" } else { "none" };
    let status = match header.kind {
        FrameKind::Request => "0 in a request".to_owned(),
        _ => header.status.to_string(),
    };
    for (bytes, text) in [
        (4, format!("length: {} bytes after the header", header.length)),
        (4, format!("call id: {}", header.call_id.0)),
        (2, format!("service: {}", numbered(header.service.0, service.map(|service| service.name)))),
        (2, format!("opcode: {}", numbered(header.opcode.0, method.map(|method| method.name)))),
        (1, format!("kind: {kind}")),
        (1, format!("flags: {flags}")),
        (2, format!("status: {status}")),
    ] {
        lines.known(walk, bytes, 0, &text);
    }
}

fn metadata(walk: &mut Walk<'_>, lines: &mut Lines) {
    let start = walk.mark();
    let Some(length) = walk.u16() else { return lines.rest(walk, 0, "the metadata end early") };
    lines.since(walk, start, 0, format!("{length} bytes of metadata"));
    match walk.cut(usize::from(length)) {
        Some(mut inner) => message(&mut inner, &Named::Fields(METADATA), 1, lines),
        None => lines.hidden_rest(walk, 1, "the metadata end early"),
    }
}

fn title(header: &Header, service: Option<&Service>, method: Option<&str>) -> String {
    match (header.kind, service, method) {
        (FrameKind::Hello, ..) => "hello".to_owned(),
        (FrameKind::Goodbye, ..) => "goodbye".to_owned(),
        (kind, Some(service), Some(method)) => {
            let noun = if kind == FrameKind::Request { "request" } else { "reply" };
            format!("{noun}, {}.{method}", service.name)
        }
        (FrameKind::Request, ..) => "request, unknown method".to_owned(),
        (FrameKind::Reply, ..) => "reply, unknown method".to_owned(),
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.title)?;
        self.lines.fmt(f)
    }
}

const fn field(number: u16, name: &'static str, shape: fn() -> Shape) -> Field {
    Field { number, name, shape }
}

/// Wire §3.
const HELLO: &[Field] = &[
    field(1, "magic", || Shape::Value("characters")),
    field(2, "version", u32::shape),
    field(3, "body bytes", u32::shape),
    field(4, "reply bytes", u32::shape),
    field(5, "window calls", u32::shape),
    field(6, "window bytes", u32::shape),
    field(7, "server time", u64::shape),
];

/// Wire §2.3.
const METADATA: &[Field] = &[
    field(1, "deadline in ms", u32::shape),
    field(2, "request key", <[u8; 16]>::shape),
    field(3, "trace id", <[u8; 16]>::shape),
    field(4, "credential", || Shape::Secret),
];

/// Wire §6.
const REFUSAL: &[Field] =
    &[field(1, "retry after, in ms", u32::shape), field(2, "field", u32::shape), field(3, "limit", u64::shape)];
