//! The tables of `docs/access.md`: who may call each method on what, from the traits and the rule by which the tests of the
//! application judge real calls.

use std::fmt::Write;

use grades_api::{AccountsClient, GradesClient};
use rpc_core::{Method, Service};
use tests::{Answer, Caller, Object, Relation, expected};

use crate::generated::check_part;

#[test]
fn the_access_page_shows_every_method_as_declared() {
    check_part("docs/access.md", "<!-- methods:", &page(&[&AccountsClient::SERVICE, &GradesClient::SERVICE]));
}

fn page(services: &[&Service]) -> String {
    let mut page = String::new();
    for service in services {
        write!(page, "\n## `{}`\n\n", service.name).unwrap();
        page.push_str(
            "| method | about | no session | student | teacher | administrator |\n|---|---|---|---|---|---|\n",
        );
        for method in service.methods {
            let cells = Caller::ALL.map(|caller| cell(method, caller)).join(" | ");
            writeln!(page, "| `{}` | {} | {cells} |", method.name, about(Object::of(method))).unwrap();
        }
    }
    page
}

/// One answer if it is always the same, else one for each way in which the object can stand to the caller.
fn cell(method: &Method, caller: Caller) -> String {
    let answers: Vec<(Relation, Answer)> = Object::of(method)
        .relations(caller)
        .iter()
        .map(|relation| (*relation, expected(method, caller, *relation)))
        .collect();
    let (_, first) = answers[0];
    if answers.iter().all(|(_, answer)| *answer == first) {
        return first.to_string();
    }
    let word = |relation: &Relation| match relation {
        Relation::Own | Relation::Others if caller == Caller::Administrator => "any",
        Relation::Own => "own",
        Relation::Others => "others'",
        Relation::Missing => "missing",
    };
    let mut parts: Vec<(String, Answer)> = Vec::new();
    for (relation, answer) in &answers {
        match parts.last_mut() {
            Some((words, last)) if last == answer && words == word(relation) => {}
            Some((words, last)) if last == answer => write!(words, ", {}", word(relation)).unwrap(),
            _ => parts.push((word(relation).to_owned(), *answer)),
        }
    }
    parts.iter().map(|(words, answer)| format!("{words}: {answer}")).collect::<Vec<_>>().join("; ")
}

const fn about(object: Object) -> &'static str {
    match object {
        Object::Caller => "",
        Object::Promotion => "a promotion",
        Object::Student => "a student",
        Object::Mark => "a mark",
        Object::Account => "an account",
        Object::Sessions => "an account's sessions",
        Object::Session => "a session",
    }
}
