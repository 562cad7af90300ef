//! Exactly once, on a real server with a real store: each keyed call of the grades service, through a connection that fails at
//! each byte of the request and of the reply, succeeds, and has taken effect once.

use std::{sync::Arc, thread, time::Duration};

use grades_api::{
    Accounts as _, AccountsClient, Grades as _, GradesClient, GradesError,
    model::{Coefficient, Mark, MarkId, NewMark, Password, Sheet, SheetColumn, SheetRow},
};
use parking_lot::Mutex;
use rpc_core::{CallOptions, Channel, Error};
use tests::{
    ADMINISTRATOR, PASSWORD, RunningServer,
    proxy::{Direction, Fault, How, Proxy},
};

use super::PATIENT;
use crate::{arguments::Terms, report::Report};

/// A keyed call that tells by its result, or by what it left, how often it took effect.
struct Deed {
    name: &'static str,
    run: fn(&GradesClient, &GradesClient, usize) -> Result<(), String>,
}

/// Through `faulty`, with `sure` to look at what became of it; the number makes names that nobody has used.
const DEEDS: &[Deed] = &[
    Deed { name: "create_promotion", run: |faulty, _, n| told(faulty.create_promotion(&format!("P{n}"))) },
    Deed { name: "add_student", run: |faulty, _, n| told(faulty.add_student("L3", &format!("S{n}"), "Ada")) },
    Deed {
        name: "remove_student",
        run: |faulty, sure, n| {
            let number = format!("R{n}");
            told(sure.add_student("L3", &number, "Bob"))?;
            told(faulty.remove_student("L3", &number))
        },
    },
    Deed {
        name: "add_mark",
        run: |faulty, sure, n| {
            let number = format!("M{n}");
            told(sure.add_student("L3", &number, "Eve"))?;
            told(faulty.add_mark("L3", &number, mark(), coefficient(), "G1"))?;
            has_marks(sure, &number, 1)
        },
    },
    Deed {
        name: "correct_mark",
        run: |faulty, sure, n| {
            let number = format!("C{n}");
            told(sure.add_student("L3", &number, "Max"))?;
            let id = sure.add_mark("L3", &number, mark(), coefficient(), "G1").map_err(|error| error.to_string())?;
            told(faulty.correct_mark(id, 1, mark(), coefficient(), "typo"))?;
            is_corrected(sure, id)
        },
    },
    Deed {
        name: "import",
        run: |faulty, sure, n| {
            let number = format!("I{n}");
            told(sure.add_student("L3", &number, "Zoe"))?;
            let sheet = Sheet {
                columns: vec![SheetColumn { coefficient: coefficient(), label: "G1".into() }],
                rows: vec![SheetRow { student: number.clone(), marks: vec![mark()] }],
            };
            told(faulty.import("L3", &sheet, false))?;
            has_marks(sure, &number, 1)
        },
    },
    Deed {
        name: "add_marks",
        run: |faulty, sure, n| {
            let number = format!("T{n}");
            told(sure.add_student("L3", &number, "Kim"))?;
            let marks = [NewMark { number: number.clone(), mark: mark() }];
            told(faulty.add_marks("L3", &marks, coefficient(), "G1"))?;
            has_marks(sure, &number, 1)
        },
    },
];

fn mark() -> Mark {
    "14.5".parse().expect("a mark")
}

fn coefficient() -> Coefficient {
    "2".parse().expect("a coefficient")
}

fn told<T>(result: Result<T, Error<GradesError>>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}

fn has_marks(sure: &GradesClient, number: &str, count: usize) -> Result<(), String> {
    let marks = sure.student("L3", number).map_err(|error| error.to_string())?.marks.len();
    if marks == count { Ok(()) } else { Err(format!("{marks} marks where {count} were given")) }
}

fn is_corrected(sure: &GradesClient, id: MarkId) -> Result<(), String> {
    let changes = sure.mark_history(id).map_err(|error| error.to_string())?.len();
    if changes == 1 { Ok(()) } else { Err(format!("{changes} corrections where one was made")) }
}

pub(super) fn judge(terms: &Terms, report: &Arc<Mutex<Report>>) {
    let server = RunningServer::start();
    let channel = Channel::connect(server.address()).expect("the server listens");
    let signed_in =
        AccountsClient::new(channel.clone()).login(ADMINISTRATOR, &Password::new(PASSWORD)).expect("a login");
    let options = || CallOptions::new().credential(signed_in.session.expose()).deadline(PATIENT);
    let sure = GradesClient::new(channel).with(options());
    sure.create_promotion("L3").expect("a promotion");
    // Every byte is one case of each call in a long run; otherwise every fifth, from one that the seed decides.
    let step = if terms.long { 1 } else { 5 };
    let from = terms.seed % step;
    thread::scope(|scope| {
        for deed in DEEDS {
            let (sure, options) = (sure.clone(), options());
            let address = server.address().parse().expect("an address");
            scope.spawn(move || {
                let proxy = Proxy::start(address, |_| {});
                let clean = (deed.run)(&GradesClient::new(proxy.connect()).with(options.clone()), &sure, 0);
                assert_eq!(clean, Ok(()), "without a fault {} fails", deed.name);
                let (requests, replies) = proxy.passed();
                let mut number = 0;
                for (direction, length) in [(Direction::Request, requests), (Direction::Reply, replies)] {
                    for at in (from..=length).step_by(usize::try_from(step).unwrap()) {
                        number += 1;
                        let how = [How::Close, How::Reset, How::HalfClose][number % 3];
                        let fault = Fault { direction, at, how, ..Fault::NONE };
                        proxy.befall(fault);
                        let result =
                            (deed.run)(&GradesClient::new(proxy.connect()).with(options.clone()), &sure, number);
                        report.lock().check(result.is_ok(), || format!("{}, {fault:?}: {result:?}", deed.name));
                    }
                }
                for fault in [
                    Fault { twice: true, ..Fault::NONE },
                    Fault { piece: 1, latency: Duration::from_micros(100), ..Fault::NONE },
                ] {
                    number += 1;
                    proxy.befall(fault);
                    let result = (deed.run)(&GradesClient::new(proxy.connect()).with(options.clone()), &sure, number);
                    report.lock().check(result.is_ok(), || format!("{}, {fault:?}: {result:?}", deed.name));
                }
            });
        }
    });
    report.lock().look_for_panics(&server.log());
}
