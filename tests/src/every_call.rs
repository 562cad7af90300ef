//! A call of every method of the grades services, with arguments that are valid on the wire: for tests that care how a call
//! ends and not what it means.

use grades_api::{
    Accounts as _, AccountsClient, Grades as _, GradesClient,
    model::{Coefficient, Mark, MarkId, NewAccount, NewMark, Password, Role, Sheet, SheetColumn, SheetRow, StudentKey},
};
use rpc_core::{CallOptions, Channel, Error, Method, Outcome, Result, Retry};

use crate::PASSWORD;

/// One method, and a call of it.
#[derive(Clone, Copy, Debug)]
pub struct EveryCall {
    /// The method.
    pub method: &'static Method,
    /// Makes the call.
    ///
    /// # Errors
    /// The call failed.
    pub make: fn(&Channel, CallOptions) -> std::result::Result<(), FailedCall>,
}

/// How a call failed, whatever the error of its method is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCall {
    /// What is claimed of its execution.
    pub outcome: Outcome,
    /// Whether the server ended the call with a status, or with the method's own error.
    pub answered: bool,
    /// What a person is told.
    pub text: String,
}

impl EveryCall {
    /// All of them, in the order of the services' opcodes.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let services = [&AccountsClient::SERVICE, &GradesClient::SERVICE];
        let methods = services.into_iter().flat_map(|service| service.methods);
        let mut all: Vec<Self> =
            methods.map(|method| Self { method, make: maker(method.service.0, method.opcode.0) }).collect();
        all.sort_by_key(|call| (call.method.service, call.method.opcode));
        all
    }

    /// Whether the client may send the call again by itself after a byte of it was written.
    #[must_use]
    pub fn bears_repetition(&self) -> bool {
        self.method.retry != Retry::NotSent
    }
}

fn ended<T, E: std::fmt::Display>(result: Result<T, E>) -> std::result::Result<(), FailedCall> {
    result.map(drop).map_err(|error| FailedCall {
        outcome: error.outcome(),
        answered: matches!(error, Error::App(_) | Error::Refused(_)),
        text: error.to_string(),
    })
}

type Make = fn(&Channel, CallOptions) -> std::result::Result<(), FailedCall>;

/// A call of one method, written as a program writes it.
macro_rules! call {
    ($client:ident.$method:ident($($argument:expr),*)) => {
        |channel, options| ended($client::new(channel.clone()).with(options).$method($($argument),*))
    };
}

fn maker(service: u16, opcode: u16) -> Make {
    if service == AccountsClient::SERVICE.id.0 { accounts(opcode) } else { grades(opcode) }
}

fn accounts(opcode: u16) -> Make {
    match opcode {
        1 => call!(AccountsClient.login("ada", &password())),
        2 => call!(AccountsClient.logout()),
        3 => call!(AccountsClient.whoami()),
        4 => call!(AccountsClient.change_password(&password(), &password())),
        5 => call!(AccountsClient.sessions(Some("ada"))),
        6 => call!(AccountsClient.end_session(7)),
        7 => call!(AccountsClient.create_account(&account(), &password())),
        8 => call!(AccountsClient.accounts()),
        9 => call!(AccountsClient.set_disabled("ada", true)),
        10 => call!(AccountsClient.set_role("ada", Role::Teacher)),
        11 => call!(AccountsClient.reset_password("ada", &password())),
        12 => call!(AccountsClient.attach_teacher("ada", "L3")),
        13 => call!(AccountsClient.detach_teacher("ada", "L3")),
        14 => call!(AccountsClient.bind_student("ada", Some(&student()))),
        _ => panic!("accounts has a new method, {opcode}: call it here"),
    }
}

fn grades(opcode: u16) -> Make {
    match opcode {
        1 => call!(GradesClient.create_promotion("L3")),
        2 => call!(GradesClient.promotions()),
        3 => call!(GradesClient.add_student("L3", "GP-0001", "Ada")),
        4 => call!(GradesClient.remove_student("L3", "GP-0001")),
        5 => call!(GradesClient.add_mark("L3", "GP-0001", mark(), coefficient(), "G1")),
        6 => call!(GradesClient.correct_mark(MarkId(7), 1, mark(), coefficient(), "typo")),
        7 => call!(GradesClient.mark_history(MarkId(7))),
        8 => call!(GradesClient.student_average("L3", "GP-0001")),
        9 => call!(GradesClient.promotion_average("L3")),
        10 => call!(GradesClient.student("L3", "GP-0001")),
        11 => call!(GradesClient.students("L3", Some("GP-0000"), 10)),
        12 => call!(GradesClient.import("L3", &sheet(), false)),
        13 => call!(GradesClient.add_marks("L3", &[new_mark()], coefficient(), "G1")),
        _ => panic!("grades has a new method, {opcode}: call it here"),
    }
}

fn password() -> Password {
    Password::new(PASSWORD)
}

fn account() -> NewAccount {
    NewAccount { name: "ada".into(), role: Role::Teacher, promotions: vec!["L3".into()], student: None }
}

fn student() -> StudentKey {
    StudentKey { promotion: "L3".into(), number: "GP-0001".into() }
}

fn mark() -> Mark {
    "14.5".parse().expect("a mark")
}

fn coefficient() -> Coefficient {
    "2".parse().expect("a coefficient")
}

fn new_mark() -> NewMark {
    NewMark { number: "GP-0001".into(), mark: mark() }
}

fn sheet() -> Sheet {
    Sheet {
        columns: vec![SheetColumn { coefficient: coefficient(), label: "G1".into() }],
        rows: vec![SheetRow { student: "GP-0001".into(), marks: vec![mark()] }],
    }
}
