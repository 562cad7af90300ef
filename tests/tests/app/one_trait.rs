//! Code written against the trait, run with everything that implements it: by hand, the generated client over scripted
//! replies, the generated client on a real server. The assertions are the same.

use std::sync::Arc;

use grades_api::{
    Accounts, AccountsClient, Grades, GradesClient, GradesError, RowError, RowFault,
    grades::{GradesAddMark, GradesAddMarks, GradesAddStudent, GradesStudents},
    model::{NewMark, Password, StudentMarks},
};
use rpc_core::{CallOptions, Channel, Error, MockTransport, Outcome, Result};
use tests::{ADMINISTRATOR, PASSWORD, RunningServer};

mod notebook;
use notebook::Notebook;

/// Small, so that a few students are several pages.
const PAGE: u32 = 2;

/// The code under test: who has a mean of at least `bar` hundredths, with the mean as it is shown.
fn honours(grades: &dyn Grades, promotion: &str, bar: u32) -> Result<Vec<String>, GradesError> {
    let mut honoured = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = grades.students(promotion, after.as_deref(), PAGE)?;
        let Some(last) = page.last() else { return Ok(honoured) };
        after = Some(last.number.clone());
        for StudentMarks { name, average, .. } in page {
            honoured.extend(average.mean.filter(|mean| mean.hundredths >= bar).map(|mean| format!("{name} {mean}")));
        }
    }
}

/// A promotion "L3" without students is there.
fn check(grades: &dyn Grades) {
    for (number, name, mark) in [("1", "Ada", "17.5"), ("2", "Bob", "9"), ("3", "Eve", "16"), ("4", "Max", "15.99")] {
        grades.add_student("L3", number, name).unwrap();
        grades.add_mark("L3", number, mark.parse().unwrap(), "2".parse().unwrap(), "exam").unwrap();
    }
    grades.add_student("L3", "5", "Zoe").unwrap();
    assert_eq!(honours(grades, "L3", 1_600).unwrap(), ["Ada 17.50", "Eve 16.00"]);
    assert_eq!(honours(grades, "L3", 2_001).unwrap(), [""; 0]);

    let conflict = grades.add_student("L3", "1", "Another").unwrap_err();
    assert_eq!(conflict, Error::App(GradesError::Conflict));

    let new = |number: &str| NewMark { number: number.to_owned(), mark: "20".parse().unwrap() };
    let give = |marks: &[NewMark]| grades.add_marks("L3", marks, "6".parse().unwrap(), "project");
    let fault = RowFault { row: 1, reason: RowError::UnknownStudent, number: "9".to_owned() };
    assert_eq!(give(&[new("2"), new("9")]), Err(Error::App(GradesError::BadRows { faults: vec![fault] })));
    assert_eq!(give(&[new("2"), new("5")]).unwrap().len(), 2);
    assert_eq!(honours(grades, "L3", 1_700).unwrap(), ["Ada 17.50", "Bob 17.25", "Zoe 20.00"]);

    let missing = honours(grades, "M1", 0).unwrap_err();
    assert_eq!((missing.outcome(), missing), (Outcome::Executed, Error::App(GradesError::NotFound)));
}

#[test]
fn code_against_the_trait_runs_with_an_implementation_by_hand() {
    check(&Notebook::new("L3"));
}

#[test]
fn code_against_the_trait_runs_with_the_client_over_scripted_replies() {
    let notebook = Arc::new(Notebook::new("L3"));
    let [students, marks, tests, lists] = [(); 4].map(|()| Arc::clone(&notebook));
    let mock = MockTransport::new()
        .on(move |request: GradesAddStudent<'_>| students.add_student(request.promotion, request.number, request.name))
        .on(move |request: GradesAddMark<'_>| {
            let GradesAddMark { promotion, number, mark, coefficient, label } = request;
            marks.add_mark(promotion, number, mark, coefficient, label)
        })
        .on(move |request: GradesAddMarks<'_>| {
            let GradesAddMarks { promotion, marks, coefficient, label } = request;
            tests.add_marks(promotion, &marks, coefficient, label)
        })
        .on(move |request: GradesStudents<'_>| lists.students(request.promotion, request.after, request.limit));
    check(&GradesClient::new(mock.channel()));

    let pages: Vec<GradesStudents<'_>> = mock.requests();
    let afters: Vec<Option<&str>> = pages.iter().map(|page| page.after).collect();
    assert_eq!(afters[..4], [None, Some("2"), Some("4"), Some("5")]);
    let keys: Vec<_> = mock.recorded().iter().filter_map(|request| request.key).collect();
    assert_eq!(keys.len(), 12, "each of the twelve keyed calls has a key, and no other has one");
}

#[test]
fn code_against_the_trait_runs_with_the_client_on_a_real_server() {
    let server = RunningServer::start();
    let channel = Channel::connect(server.address()).unwrap();
    let signed_in = AccountsClient::new(channel.clone()).login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap();
    let grades = GradesClient::new(channel).with(CallOptions::new().credential(signed_in.session.expose()));
    grades.create_promotion("L3").unwrap();
    check(&grades);
}
