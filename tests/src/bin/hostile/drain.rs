//! TERM under load: what was taken is answered, nobody is left not knowing whether a call ran, the port is free at once, what
//! had to be cut is told, and a second TERM does not wait.

use std::{
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use grades_api::{
    Accounts as _, AccountsClient, Grades as _, GradesClient,
    model::{NewAccount, Password, Role},
};
use rpc_core::{CallOptions, Channel, Outcome};
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer, footprint};

use crate::{arguments::Terms, report::Report, unread::Unread};

/// Who change something with every call, two on each connection.
const WRITERS: usize = 8;
/// Who sign in all the time: calls that are neither repeatable nor keyed, and that wait for a thread of the pool.
const VISITORS: usize = 4;
/// Who signs in; the administrator's own session must last.
const VISITOR: &str = "visitor";
const LOAD: Duration = Duration::from_millis(500);
const GUARD: Duration = Duration::from_secs(60);
/// Between two looks at the log of the server.
const LOOK: Duration = Duration::from_millis(10);
/// Processor time in a second of a server that waits.
const IDLE: Duration = Duration::from_millis(20);

pub(crate) fn run(_: &Terms) -> Report {
    let mut report = Report::default();
    under_load(&mut report);
    with_a_reader_that_never_reads(&mut report, false);
    with_a_reader_that_never_reads(&mut report, true);
    report
}

/// What one client was told: the calls that were done, and how the last one failed.
struct Told {
    done: Vec<String>,
    failed: Option<(String, Outcome, String)>,
}

fn under_load(report: &mut Report) {
    let mut server = RunningServer::start();
    let session = RawPeer::greeted(server.address()).login(ADMINISTRATOR, PASSWORD);
    let options = CallOptions::new().credential(session);
    let account = NewAccount { name: VISITOR.to_owned(), role: Role::Teacher, promotions: Vec::new(), student: None };
    let channel = || Channel::connect(server.address()).expect("a server that listens");
    let accounts = AccountsClient::new(channel()).with(options.clone());
    accounts.create_account(&account, &Password::new(PASSWORD)).expect("a new account");

    let told = AtomicBool::new(false);
    let channels: Vec<Channel> = (0..WRITERS.div_ceil(2)).map(|_| channel()).collect();
    let write = |writer: usize| {
        let grades = GradesClient::new(channels[writer / 2].clone()).with(options.clone());
        until_it_fails(&told, |nth| {
            let promotion = format!("P{writer}-{nth}");
            (
                promotion.clone(),
                grades.create_promotion(&promotion).map_err(|error| (error.outcome(), error.to_string())),
            )
        })
    };
    let visits: Vec<_> = (0..VISITORS).map(|_| AccountsClient::new(channel())).collect();
    let visit = |visitor: usize| {
        until_it_fails(&told, |nth| {
            let login = visits[visitor].login(VISITOR, &Password::new(PASSWORD));
            (format!("login {nth}"), login.map(drop).map_err(|error| (error.outcome(), error.to_string())))
        })
    };
    let (write, visit) = (&write, &visit);
    let (writers, visitors): (Vec<Told>, Vec<Told>) = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        let visitors: Vec<_> = (0..VISITORS).map(|visitor| scope.spawn(move || visit(visitor))).collect();
        // Why a pause: the load is what happens meanwhile.
        thread::sleep(LOAD);
        told.store(true, Ordering::SeqCst);
        server.terminate();
        let ended = |threads: Vec<thread::ScopedJoinHandle<'_, Told>>| {
            threads.into_iter().map(|thread| thread.join().expect("a client")).collect()
        };
        (ended(writers), ended(visitors))
    });
    let code = server.wait();
    report.check(code == Some(0), || format!("a server that was told to stop ended with {code:?}"));
    judge_outcomes(report, writers.iter().chain(&visitors));
    report.look_for_panics(&server.log());

    // What they were told is what the store has.
    server.start_again();
    let grades = GradesClient::new(Channel::connect(server.address()).expect("a server that listens")).with(options);
    let there: Vec<String> =
        grades.promotions().expect("an administrator").into_iter().map(|promotion| promotion.name).collect();
    for Told { done, failed } in &writers {
        let lost = done.iter().filter(|promotion| !there.contains(promotion)).count();
        report.check(lost == 0, || format!("{lost} acknowledged promotions are gone"));
        let ran = failed.as_ref().is_some_and(|(promotion, ..)| there.contains(promotion));
        report.check(!ran, || format!("a call that did not run ran: {failed:?}"));
    }
    report.memory(footprint::peak_bytes(server.pid()));
}

/// Calls until a call fails after the server has been told to stop.
fn until_it_fails(told: &AtomicBool, mut call: impl FnMut(usize) -> (String, Result<(), (Outcome, String)>)) -> Told {
    let mut done = Vec::new();
    for nth in 0.. {
        match call(nth) {
            (what, Ok(())) => done.push(what),
            (what, Err((outcome, why))) => {
                let last = told.load(Ordering::SeqCst);
                // Before that, a full queue is all that may be in the way.
                if last || outcome != Outcome::Rejected {
                    return Told { done, failed: Some((what, outcome, why)) };
                }
            }
        }
    }
    Told { done, failed: None }
}

fn judge_outcomes<'t>(report: &mut Report, clients: impl Iterator<Item = &'t Told>) {
    let mut calls = 0;
    for Told { done, failed } in clients {
        calls += done.len();
        let known =
            failed.as_ref().is_some_and(|(_, outcome, _)| matches!(outcome, Outcome::NotSent | Outcome::Rejected));
        report.check(known, || format!("a client does not know whether its call ran: {failed:?}"));
    }
    report.figure(format!("{calls} calls were answered before and while the server drained"));
    report.check(calls > WRITERS, || "there was no load".to_owned());
}

/// A drain that can't come to its end by itself, and what ends it: its deadline of 10 s, or a second TERM.
fn with_a_reader_that_never_reads(report: &mut Report, told_twice: bool) {
    let mut server = RunningServer::start_with(&["--limit", "write_wait=60000"]);
    let mut administrator = RawPeer::greeted(server.address());
    let session = administrator.login(ADMINISTRATOR, PASSWORD);
    let _reader = Unread::prepare(&server, &mut administrator, session).ask(0, server.address());
    // Once the server does nothing any more, it waits to write.
    while footprint::cpu_in_a_second(server.pid()) > IDLE {}
    let began = Instant::now();
    server.terminate();
    while !server.log().contains("draining") && began.elapsed() < GUARD {
        thread::sleep(LOOK);
    }
    // The port is free while the drain goes on.
    while TcpStream::connect(server.address()).is_ok() && began.elapsed() < GUARD {
        thread::sleep(LOOK);
    }
    let ended = server.has_ended();
    report.check(!ended, || "the port was free only when the server had ended".to_owned());
    if told_twice {
        server.terminate();
    }
    let code = server.wait();
    report.figure(format!("a drain with a peer in the way, told {}: {:?}", 1 + u8::from(told_twice), began.elapsed()));
    let log = server.log();
    let reported = log.lines().any(|line| line.contains("cut while draining"));
    if told_twice {
        report.check(code == Some(1) && !reported, || format!("a second TERM did not stop at once: {code:?}"));
    } else {
        report.check(code == Some(0), || format!("a drain ended with {code:?}"));
        report.check(reported, || format!("what was cut is not reported: {log}"));
    }
    report.look_for_panics(&log);
}
