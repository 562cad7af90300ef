//! The tables of `docs/protocol.md` §10: every opcode, tag and variant of the services, as the traits declare them.
//! A number that changes in the source changes the page, or fails here.

use std::fmt::Write;

use grades_api::{AccountsClient, GradesClient};
use rpc_core::{Field, Method, Retry, Service, Shape};

use crate::generated::check_part;

#[test]
fn the_protocol_lists_every_number_of_the_services() {
    check_part("docs/protocol.md", "<!-- services:", &page(&[&AccountsClient::SERVICE, &GradesClient::SERVICE]));
}

const PREAMBLE: &str = "\
An argument and a field stand with their number; types are those of §4.2. *Optional* values may be left out. A *secret*
is a value that no dump shows: a password is a string, a session ID is `[u8; 32]`. *Who* is the least role that may call a
method; whose promotion and whose marks stands in `access.md`. *Retry*: an idempotent call may be sent again as it is, a
keyed one with its request key (§9), any other only if it was not sent.
";

fn page(services: &[&'static Service]) -> String {
    let mut page = String::from(PREAMBLE);
    let mut types = Vec::new();
    for (index, service) in services.iter().enumerate() {
        let section = index + 1;
        write!(page, "\n### 10.{section} `{}`, service 0x{:04x}\n\n", service.name, service.id.0).unwrap();
        if let Some(method) = service.methods.first() {
            writeln!(page, "The error of each method is {}.\n", type_text(&(method.error)())).unwrap();
        }
        page.push_str("| method | opcode | who | retry | arguments | value |\n|---|---|---|---|---|---|\n");
        for method in service.methods {
            page.push_str(&method_row(method));
            for shape in
                method.arguments.iter().map(|argument| (argument.shape)()).chain([(method.reply)(), (method.error)()])
            {
                collect(shape, &mut types);
            }
        }
        let retired: Vec<String> = service.retired.iter().map(|opcode| format!("0x{:04x}", opcode.0)).collect();
        let retired = if retired.is_empty() { "none".to_owned() } else { retired.join(", ") };
        writeln!(page, "\nRetired opcodes: {retired}.").unwrap();
    }
    write!(page, "\n### 10.{} Messages and enums\n", services.len() + 1).unwrap();
    types.sort_by_key(name);
    types.iter().for_each(|shape| page.push_str(&type_table(shape)));
    page
}

fn method_row(method: &Method) -> String {
    let retry = match method.retry {
        Retry::NotSent => "",
        Retry::Idempotent => "idempotent",
        Retry::Keyed => "keyed",
    };
    let Method { name, opcode, access, .. } = method;
    let who = access.rsplit(':').next().unwrap();
    let (arguments, reply) = (fields_text(method.arguments), type_text(&(method.reply)()));
    format!("| `{name}` | 0x{:04x} | {who} | {retry} | {arguments} | {reply} |\n", opcode.0)
}

fn fields_text(fields: &[Field]) -> String {
    let one = |field: &Field| format!("{} `{}` {}", field.number, field.name, type_text(&(field.shape)()));
    fields.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn type_table(shape: &Shape) -> String {
    let mut table = format!("\n`{}`\n\n", name(shape));
    match shape {
        Shape::Message(_, fields) => {
            table.push_str("| number | field | type |\n|---|---|---|\n");
            for field in *fields {
                writeln!(table, "| {} | `{}` | {} |", field.number, field.name, type_text(&(field.shape)())).unwrap();
            }
        }
        Shape::Enum(_, variants) => {
            table.push_str("| number | variant | fields |\n|---|---|---|\n");
            for (number, variant, fields) in *variants {
                writeln!(table, "| {number} | `{variant}` | {} |", fields_text(fields)).unwrap();
            }
        }
        _ => unreachable!("only types with a name are collected"),
    }
    table
}

/// A type as the tables of §4.2 name it.
fn type_text(shape: &Shape) -> String {
    match shape {
        Shape::Value("str" | "String") => "string".to_owned(),
        Shape::Value(name) => (*name).to_owned(),
        Shape::Secret => "secret".to_owned(),
        Shape::Message("()", _) => "nothing".to_owned(),
        Shape::Message(name, _) | Shape::Enum(name, _) => format!("`{name}`"),
        Shape::List(of) => format!("list of {}", type_text(&of())),
        Shape::Map(key, value) => format!("map of {} to {}", type_text(&key()), type_text(&value())),
        Shape::Optional(of) => format!("optional {}", type_text(&of())),
        other => panic!("the page has no word for {other:?}"),
    }
}

fn name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Message(name, _) | Shape::Enum(name, _) => name,
        _ => "",
    }
}

/// Adds the types with tables of their own that `shape` is made of.
fn collect(shape: Shape, types: &mut Vec<Shape>) {
    match shape {
        Shape::List(of) | Shape::Optional(of) => collect(of(), types),
        Shape::Map(key, value) => {
            collect(key(), types);
            collect(value(), types);
        }
        Shape::Message("()", _) => {}
        Shape::Message(own, fields) if types.iter().all(|known| name(known) != own) => {
            types.push(shape);
            fields.iter().for_each(|field| collect((field.shape)(), types));
        }
        Shape::Enum(own, variants) if types.iter().all(|known| name(known) != own) => {
            types.push(shape);
            variants.iter().flat_map(|(_, _, fields)| *fields).for_each(|field| collect((field.shape)(), types));
        }
        _ => {}
    }
}
