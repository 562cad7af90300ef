//! A network that fails in the middle of calls: each call of the services, cut at each byte of its request and of its reply, in
//! each of the ways in which connections end. What the client says of the call is held against what the server executed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use rpc_core::{CallOptions, Channel, Limits, Outcome, Retry};
use tests::{
    EveryCall, FailedCall, RawPeer,
    proxy::{Direction, Fault, How, Proxy},
};

use crate::{arguments::Terms, report::Report};

mod books;
mod once;

use books::Books;

/// Longer than the pauses between all attempts of a call.
const PATIENT: Duration = Duration::from_secs(10);
/// For faults after which nothing ever comes.
const HASTY: Duration = Duration::from_millis(250);

pub(crate) fn run(terms: &Terms) -> Report {
    let report = Arc::new(Mutex::new(Report::default()));
    control(&mut report.lock());
    let tally = Arc::new(Tally::default());
    // A thread for each method: they mostly wait for the pause before another attempt.
    let (seed, long) = (terms.seed, terms.long);
    let threads: Vec<_> = EveryCall::all()
        .into_iter()
        .map(|call| {
            let (report, tally) = (Arc::clone(&report), Arc::clone(&tally));
            thread::spawn(move || Trial::new(call).cuts(&Spread { seed, long }, &report, &tally))
        })
        .collect();
    for thread in threads {
        thread.join().expect("a trial ends by itself");
    }
    refusals(&mut report.lock(), &tally);
    once::judge(terms, &report);
    let mut report = std::mem::take(&mut *report.lock());
    report.figure(tally.text());
    report
}

/// Which of all possible faults are tried.
struct Spread {
    seed: u64,
    long: bool,
}

impl Spread {
    /// The ways to end at this byte: all of them with `--long`; otherwise each byte sees one, and the seed decides which.
    fn at(&self, byte: u64) -> Vec<How> {
        if self.long {
            return How::ALL.to_vec();
        }
        let nth = usize::try_from(self.seed.wrapping_add(byte) % 2).unwrap();
        let mut ways = vec![[How::Close, How::Reset][nth]];
        if (self.seed.wrapping_add(byte)).is_multiple_of(8) {
            ways.extend([How::HalfClose, How::Swallow]);
        }
        ways
    }
}

/// What the calls that were tried ended in.
#[derive(Default)]
struct Tally {
    succeeded: AtomicU64,
    not_sent: AtomicU64,
    rejected: AtomicU64,
    maybe: AtomicU64,
}

impl Tally {
    fn add(&self, result: &Result<(), FailedCall>) {
        let counter = match result.as_ref().map_err(|error| error.outcome) {
            Ok(()) | Err(Outcome::Executed) => &self.succeeded,
            Err(Outcome::NotSent) => &self.not_sent,
            Err(Outcome::Rejected) => &self.rejected,
            Err(Outcome::MaybeExecuted) => &self.maybe,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn text(&self) -> String {
        let [executed, not_sent, rejected, maybe] = [&self.succeeded, &self.not_sent, &self.rejected, &self.maybe]
            .map(|counter| counter.load(Ordering::Relaxed));
        format!(
            "calls said to be: executed {executed}, not sent {not_sent}, rejected {rejected}, maybe executed {maybe}"
        )
    }
}

/// One method, its own server, and a network between.
struct Trial {
    call: EveryCall,
    books: Books,
    proxy: Proxy,
    cases: u64,
}

impl Trial {
    fn new(call: EveryCall) -> Self {
        let books = Books::open();
        let begun = books.begun();
        // A connection that is reset before the server has accepted it is none.
        let proxy = Proxy::start(books.address(), move |connections| begun.wait_for(connections));
        Self { call, books, proxy, cases: 0 }
    }

    fn cuts(mut self, spread: &Spread, report: &Mutex<Report>, tally: &Tally) {
        let (clean, _) = self.make(Fault::NONE, PATIENT);
        assert!(is_answered(&clean), "without a fault the call fails: {clean:?}");
        let lengths = self.proxy.passed();
        for (direction, length) in [(Direction::Request, lengths.0), (Direction::Reply, lengths.1)] {
            for byte in 0..=length {
                for how in spread.at(byte) {
                    self.judge(Fault { direction, at: byte, how, ..Fault::NONE }, report, tally);
                }
            }
        }
        for fault in
            [Fault { piece: 1, ..Fault::NONE }, Fault { latency: Duration::from_millis(1), piece: 16, ..Fault::NONE }]
        {
            self.judge(fault, report, tally);
        }
        if self.call.bears_repetition() {
            self.judge(Fault { twice: true, ..Fault::NONE }, report, tally);
        }
    }

    /// Makes the call through a fault that befalls the first connection, and judges what is said of it.
    fn judge(&mut self, fault: Fault, report: &Mutex<Report>, tally: &Tally) {
        let wait = if fault.how == How::Swallow { HASTY } else { PATIENT };
        let (result, executed) = self.make(fault, wait);
        tally.add(&result);
        let wrong = wrongs(self.call.method.retry, fault, &result, executed);
        let method = self.call.method.name;
        report
            .lock()
            .check(wrong.is_none(), || format!("{method}, {fault:?}: {}: {result:?}", wrong.unwrap_or_default()));
    }

    /// Makes the call; how it ended, and what the server did, once nothing of it is under way any more.
    fn make(&mut self, fault: Fault, wait: Duration) -> (Result<(), FailedCall>, Executed) {
        self.cases += 1;
        let mut trace = [0; 16];
        trace[..8].copy_from_slice(&self.cases.to_le_bytes());
        self.proxy.befall(fault);
        let options = CallOptions::new().credential("any").trace_id(trace).deadline(wait);
        let result = (self.call.make)(&self.proxy.connect(), options);
        self.books.ended().wait_for(self.proxy.connections());
        (result, self.books.executed(trace))
    }
}

/// Every call to a server that lets nobody call, and to one that has no place: the one says *rejected*, the other *not sent*,
/// although the request had left by then; and nothing ran.
fn refusals(report: &mut Report, tally: &Tally) {
    let (refusing, full) = (Books::open(), Books::with(Limits::new().with_connections_max(1).expect("in its range")));
    refusing.refuse();
    let _held = RawPeer::greeted(&full.address().to_string());
    for (nth, EveryCall { method, make }) in EveryCall::all().into_iter().enumerate() {
        // Time for an answer on a busy machine. Who is refused does not try again; who finds no place does until then.
        for (books, claim, wait) in
            [(&refusing, Outcome::Rejected, PATIENT), (&full, Outcome::NotSent, Duration::from_millis(400))]
        {
            let trace = [u8::try_from(nth).unwrap(); 16];
            let options = CallOptions::new().credential("any").trace_id(trace).deadline(wait);
            let channel = Channel::connect(&books.address().to_string()).expect("the server listens");
            let result = make(&channel, options);
            tally.add(&result);
            let told = result.as_ref().map_or_else(|error| error.outcome, |()| Outcome::Executed);
            let right = told == claim && books.executed(trace).times == 0;
            report.check(right, || format!("{}, which was to be {claim:?}: {result:?}", method.name));
        }
    }
}

/// What a server did for one call of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Executed {
    /// How often a handler ran.
    times: usize,
    /// Under how many request keys: a keyed method takes effect once for each.
    keys: usize,
}

/// What is wrong with what a client was told; none if it is true.
fn wrongs(retry: Retry, fault: Fault, result: &Result<(), FailedCall>, executed: Executed) -> Option<&'static str> {
    let Executed { times, keys } = executed;
    let claim = result.as_ref().map_or_else(|error| error.outcome, |()| Outcome::Executed);
    match claim {
        Outcome::NotSent | Outcome::Rejected if times > 0 => return Some("said not to have run, and did"),
        Outcome::Executed if times == 0 => return Some("said to have run, and did not"),
        _ => {}
    }
    match retry {
        Retry::NotSent if times > 1 => Some("a plain call ran twice"),
        Retry::Keyed if keys > 1 => Some("a keyed call took effect twice"),
        // A fault of one connection is no reason for a call that may be made again to fail, if it has the time.
        Retry::Idempotent | Retry::Keyed if fault.how != How::Swallow && !is_answered(result) => {
            Some("a call that may be made again was not")
        }
        _ => None,
    }
}

/// Whether the server answered, with a value or with the method's own error.
fn is_answered(result: &Result<(), FailedCall>) -> bool {
    result.as_ref().map_or_else(|error| error.answered, |()| true)
}

/// The negative control: clients that lie, or that make a call again with another key, are found wrong.
fn control(report: &mut Report) {
    let call = |retry| EveryCall::all().into_iter().find(|call| call.method.retry == retry).unwrap();
    let mut plain = Trial::new(call(Retry::NotSent));
    let _clean = plain.make(Fault::NONE, PATIENT);
    let fault = Fault { direction: Direction::Reply, at: plain.proxy.passed().1 - 1, how: How::Close, ..Fault::NONE };
    let (honest, executed) = plain.make(fault, PATIENT);
    report
        .check(wrongs(Retry::NotSent, fault, &honest, executed).is_none(), || format!("an honest client: {honest:?}"));
    let failed = |outcome| Err(FailedCall { outcome, answered: true, text: String::new() });
    let never = Executed { times: 0, keys: 0 };
    for (lie, executed) in [
        (failed(Outcome::NotSent), executed),
        (failed(Outcome::Rejected), executed),
        (failed(Outcome::Executed), never),
        (Ok(()), never),
        (honest, Executed { times: 2, ..executed }),
    ] {
        let found = wrongs(Retry::NotSent, fault, &lie, executed).is_some();
        report.check(found, || format!("a lie was taken for the truth: {lie:?} of {executed:?}"));
    }
    // Two calls of one trace stand for one that was made again under another key.
    let mut keyed = Trial::new(call(Retry::Keyed));
    let _first = keyed.make(Fault::NONE, PATIENT);
    keyed.cases -= 1;
    let (second, executed) = keyed.make(Fault::NONE, PATIENT);
    report.check(wrongs(Retry::Keyed, Fault::NONE, &second, executed).is_some(), || {
        format!("a call that took effect twice was taken for one: {executed:?}")
    });
}
