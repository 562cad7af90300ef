//! Every keyed method of the service × a connection that is cut at every byte of the request and of the reply, and then the
//! same call with the same key over another connection: executed once, and answered as the first time.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use grades_api::{
    Grades, GradesClient, GradesError,
    model::{Coefficient, Mark, MarkId, NewMark, Sheet, SheetColumn, SheetRow},
};
use rpc_core::{
    CallOptions, Channel, RequestKey, Retry,
    transport::{Deadline, Direction, FaultTransport, TcpTransport, Waiting},
};

use crate::{
    load::{ONE_ATTEMPT, PROMOTION},
    local::{self, Beginning},
    suite::{Control, Findings, Row, Run},
};

/// In the short form one byte in so many is cut at, from a random one on; a prime, so that no field is always missed.
const SHORT_STRIDE: u64 = 3;

/// One cut in so many swallows what comes after it instead of ending the connection: only a deadline finds that out.
const SWALLOWS_ONE_IN: u64 = 40;

/// A keyed method as a test calls it: `number` names what it is about, so that no two trials meet.
struct Case {
    method: &'static str,
    /// Makes what the call is about.
    prepare: fn(&GradesClient, number: u64) -> u64,
    /// Calls it, with what `prepare` has made: what it answers, as a text.
    call: fn(&GradesClient, number: u64, made: u64) -> rpc_core::Result<String, GradesError>,
    /// How often it was executed.
    count: fn(&GradesClient, number: u64) -> usize,
}

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let mut row = Row::new("keyed calls cut at any byte");
    let cases = cases();
    let named: BTreeSet<&str> = cases.iter().map(|case| case.method).collect();
    let keyed = GradesClient::SERVICE.methods.iter().filter(|method| method.retry == Retry::Keyed);
    assert_eq!(named, keyed.map(|method| method.name).collect(), "each keyed method has a case");
    let stride = if long { 1 } else { SHORT_STRIDE };
    let mut lab = Lab::new();
    for case in &cases {
        for direction in [Direction::Write, Direction::Read] {
            let mut at = random.below(stride);
            loop {
                let how = if random.one_in(SWALLOWS_ONE_IN) { How::Swallow } else { How::of(random.one_in(2)) };
                let Trial { was_cut, times, fault } = lab.cut(case, direction, at, how, true);
                if !was_cut {
                    break;
                }
                row.crash_points += 1;
                row.acknowledged += 1;
                row.doubled += u64::from(times > 1);
                row.faults.extend(fault);
                at += stride;
            }
        }
    }
    row.notes.push(format!("{} methods: {}", named.len(), Vec::from_iter(named).join(", ")));
    Findings { rows: vec![row], controls: vec![control(&mut lab, &cases)] }
}

/// Another key for the second attempt: some cut of a reply must show that it was executed twice, or refused as done.
fn control(lab: &mut Lab, cases: &[Case]) -> Control {
    let (mut wrong, mut cuts) = (0, 0);
    for case in cases {
        for at in (0..).step_by(7) {
            let Trial { was_cut, times, fault } = lab.cut(case, Direction::Read, at, How::Reset, false);
            if !was_cut {
                break;
            }
            cuts += 1;
            wrong += u64::from(times > 1 || fault.is_some());
        }
    }
    Control {
        name: "cuts: a new key for the second attempt",
        seen: format!("{wrong} of {cuts} done twice or refused as done"),
        failed: wrong > 0,
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
enum How {
    Reset,
    Truncate,
    Swallow,
}

impl How {
    const fn of(reset: bool) -> Self {
        if reset { Self::Reset } else { Self::Truncate }
    }
}

/// What became of one cut.
struct Trial {
    /// Whether the conversation had so many bytes.
    was_cut: bool,
    /// How often the call was executed.
    times: usize,
    fault: Option<String>,
}

/// A server and a connection that nothing befalls.
struct Lab {
    address: SocketAddr,
    beginning: Beginning,
    channel: Channel,
    /// Trials so far.
    number: u64,
    /// Declared last: it goes when nobody asks it any more.
    _server: (grades_server::GradesServer, tempfile::TempDir),
}

impl Lab {
    fn new() -> Self {
        let beginning = Beginning::new(1);
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("store");
        local::put(&beginning.files, &directory);
        let server = local::serve(&directory).unwrap();
        let (address, channel) = (server.address(), local::channel(&server));
        Self { address, beginning, channel, number: 0, _server: (server, scratch) }
    }

    /// Makes a call over a connection that is cut, and again over one that is not.
    fn cut(&mut self, case: &Case, direction: Direction, at: u64, how: How, same_key: bool) -> Trial {
        self.number += 1;
        let number = self.number;
        let sound = local::grades(&self.channel, self.beginning.session);
        let made = (case.prepare)(&sound, number);
        let key = self.channel.request_key().unwrap();
        let first = (case.call)(&self.keyed(&self.cut_channel(direction, at, how), key, ONE_ATTEMPT), number, made);
        let key = if same_key { key } else { self.channel.request_key().unwrap() };
        let again = (case.call)(&self.keyed(&self.channel, key, Duration::MAX), number, made);
        let fault = match (&first, &again) {
            (Ok(first), Ok(again)) if first != again => Some(format!("answered {first}, then {again}")),
            (Err(rpc_core::Error::App(error)), _) => Some(format!("the first attempt is refused: {error}")),
            (_, Err(error)) => Some(format!("the second attempt fails: {error}")),
            _ => None,
        };
        let fault = fault.map(|fault| format!("{} cut at {at} of {direction:?}, {how:?}: {fault}", case.method));
        Trial { was_cut: first.is_err(), times: (case.count)(&sound, number), fault }
    }

    fn keyed(&self, channel: &Channel, key: RequestKey, deadline: Duration) -> GradesClient {
        let options = CallOptions::new().credential(self.beginning.session.expose()).key(key).deadline(deadline);
        GradesClient::new(channel.clone()).with(options)
    }

    fn cut_channel(&self, direction: Direction, at: u64, how: How) -> Channel {
        let tcp = TcpTransport::connect(self.address, Deadline::NEVER, Waiting::Block).unwrap();
        let faulty = FaultTransport::new(tcp, at);
        Channel::over(match how {
            How::Reset => faulty.reset_at(direction, at),
            How::Truncate => faulty.truncate_at(direction, at),
            How::Swallow => faulty.drop_at(direction, at),
        })
    }
}

fn cases() -> [Case; 7] {
    [
        Case {
            method: "create_promotion",
            prepare: |_, _| 0,
            call: |grades, number, _| grades.create_promotion(&name(number)).map(|()| String::new()),
            count: |grades, number| {
                grades.promotions().unwrap().iter().filter(|promotion| promotion.name == name(number)).count()
            },
        },
        Case {
            method: "add_student",
            prepare: |_, _| 0,
            call: |grades, number, _| add_student(grades, number).map(|()| String::new()),
            count: |grades, number| usize::from(grades.student(PROMOTION, &name(number)).is_ok()),
        },
        Case {
            method: "remove_student",
            prepare: with_student,
            call: |grades, number, _| grades.remove_student(PROMOTION, &name(number)).map(|()| String::new()),
            count: |grades, number| usize::from(grades.student(PROMOTION, &name(number)).is_err()),
        },
        Case {
            method: "add_mark",
            prepare: with_student,
            call: |grades, number, _| add_mark(grades, number).map(|id| id.to_string()),
            count: marks,
        },
        Case {
            method: "correct_mark",
            prepare: |grades, number| {
                with_student(grades, number);
                add_mark(grades, number).unwrap()
            },
            call: |grades, _, made| {
                grades.correct_mark(MarkId(made), 1, mark(), whole(), "late").map(|version| version.to_string())
            },
            count: marks, // a second correction of version 1 is refused, and so found by its answer
        },
        Case {
            method: "import",
            prepare: with_student,
            call: |grades, number, _| {
                let columns = vec![SheetColumn { coefficient: whole(), label: "exam".to_owned() }];
                let rows = vec![SheetRow { student: name(number), marks: vec![mark()] }];
                grades.import(PROMOTION, &Sheet { columns, rows }, false).map(|report| format!("{report:?}"))
            },
            count: marks,
        },
        Case {
            method: "add_marks",
            prepare: with_student,
            call: |grades, number, _| {
                let marks = [NewMark { number: name(number), mark: mark() }];
                grades.add_marks(PROMOTION, &marks, whole(), "exam").map(|ids| format!("{ids:?}"))
            },
            count: marks,
        },
    ]
}

fn with_student(grades: &GradesClient, number: u64) -> u64 {
    add_student(grades, number).unwrap();
    0
}

fn add_student(grades: &GradesClient, number: u64) -> rpc_core::Result<(), GradesError> {
    grades.add_student(PROMOTION, &name(number), &name(number))
}

fn name(number: u64) -> String {
    format!("n{number}")
}

fn mark() -> Mark {
    "12".parse().unwrap()
}

fn whole() -> Coefficient {
    "1".parse().unwrap()
}

fn add_mark(grades: &GradesClient, number: u64) -> rpc_core::Result<u64, GradesError> {
    grades.add_mark(PROMOTION, &name(number), mark(), whole(), "exam").map(|id| id.0)
}

/// How many marks the student of a trial has.
fn marks(grades: &GradesClient, number: u64) -> usize {
    grades.student(PROMOTION, &name(number)).unwrap().marks.len()
}
