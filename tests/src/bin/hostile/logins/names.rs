//! Whether the time of an answer tells which names there are: wrong passwords for accounts, for disabled accounts and for names
//! that nobody has, in turn, each name only as often as it may be tried.

use std::{
    thread,
    time::{Duration, Instant},
};

use grades_api::{
    Accounts as _, AccountsClient,
    model::{NewAccount, Password, Role},
};
use rpc_core::{CallOptions, Channel};
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer};

use super::guesser::{Guesser, Verdict};
use crate::{arguments::Terms, honest::median, report::Report};

/// Names of each kind, and how often each is tried.
const NAMES: usize = 60;
const TRIES: usize = 3;
/// Between two tries of a name: what the server asks for after one and after two failures, and a little.
const WAIT: Duration = Duration::from_millis(1_200);
/// How far medians may lie from each other, in hundredths.
const APART_MAX: u32 = 5;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Known,
    Disabled,
    Unknown,
}

const KINDS: [Kind; 3] = [Kind::Known, Kind::Disabled, Kind::Unknown];

pub(super) fn run(terms: &Terms, report: &mut Report) {
    let server = RunningServer::start();
    make_accounts(&server);
    let mut guesser = Guesser::new(0, server.address());
    let mut times = KINDS.map(|_| Vec::new());
    let mut early = Vec::new();
    for _ in 0..TRIES {
        for number in 0..NAMES {
            for turn in 0..KINDS.len() {
                // Another kind begins each time; the seed says which.
                let kind = (turn + number + usize::try_from(terms.seed % 3).expect("0 to 2")) % KINDS.len();
                let began = Instant::now();
                let verdict = guesser.guess(&name(KINDS[kind], number));
                times[kind].push(began.elapsed());
                report.check(verdict == Verdict::Wrong, || format!("{:?} {number}: {verdict:?}", KINDS[kind]));
            }
        }
        // The control: an answer without a hash is told from one with.
        let began = Instant::now();
        let verdict = guesser.guess(&name(Kind::Known, NAMES - 1));
        early.push(began.elapsed());
        report.check(verdict == Verdict::Later, || format!("too early: {verdict:?}"));
        thread::sleep(WAIT);
    }
    let [known, disabled, unknown] = times.each_mut().map(|times| median(times));
    report.figure(format!("median of an answer: known {known:?}, disabled {disabled:?}, unknown {unknown:?}"));
    for other in [disabled, unknown] {
        report.check(known.abs_diff(other) * 100 <= known * APART_MAX, || {
            format!("the time tells a name: known {known:?}, disabled {disabled:?}, unknown {unknown:?}")
        });
    }
    let early = median(&mut early);
    report.check(known.abs_diff(early) * 100 > known * APART_MAX, || format!("nothing was told apart: {early:?}"));
}

fn name(kind: Kind, number: usize) -> String {
    format!("{kind:?}-{number}").to_lowercase()
}

fn make_accounts(server: &RunningServer) {
    let session = RawPeer::greeted(server.address()).login(ADMINISTRATOR, PASSWORD);
    let accounts = AccountsClient::new(Channel::connect(server.address()).expect("a server"));
    let accounts = accounts.with(CallOptions::new().credential(session));
    for number in 0..NAMES {
        for kind in [Kind::Known, Kind::Disabled] {
            let name = name(kind, number);
            let account = NewAccount { name, role: Role::Teacher, promotions: Vec::new(), student: None };
            accounts.create_account(&account, &Password::new(PASSWORD)).expect("a new account");
        }
        accounts.set_disabled(&name(Kind::Disabled, number), true).expect("an account");
    }
}
