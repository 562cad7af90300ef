//! Every keyed method of the service × a connection that is cut at every byte of the request and of the reply, and then the
//! same call with the same key over another connection: executed once, and answered as the first time. On a directory; and on
//! a database, where another server is asked the second time. The connections are real, and resets come as such.

use std::{collections::BTreeSet, time::Duration};

use grades_api::{GradesClient, GradesError, model::SessionId};
use grades_client::Connection;
use grades_server::{GradesServer, StoreAddress};
use rpc_core::{
    CallOptions, Channel, Error, Outcome, RequestKey, Retry, TransportError, TransportErrorKind,
    transport::{Deadline, TcpTransport, Waiting},
};
use tempfile::TempDir;
use tests::{
    Database, KeyedCall, Random,
    proxy::{Direction, Fault, How, Proxy},
};

use crate::{
    load::ONE_ATTEMPT,
    local::{self, Beginning},
    suite::{Control, Findings, Row, Run},
};

/// In the short form one byte in so many is cut at, from a random one on; primes, so that no field is always missed.
const SHORT_STRIDE: u64 = 3;

/// On a database, where each change waits for one more machine.
const SHORT_STRIDE_ON_A_DATABASE: u64 = 13;

/// How most connections end.
const ENDS: [How; 3] = [How::Close, How::Reset, How::HalfClose];

/// One cut in so many swallows what comes after it instead of ending the connection: only a deadline finds that out.
const SWALLOWS_ONE_IN: u64 = 40;

/// One reply in so many is cut in the control.
const CONTROL_STRIDE: usize = 7;

pub(crate) fn run(run: Run) -> Findings {
    let Run { long, mut random } = run;
    let cases = KeyedCall::all();
    let named: BTreeSet<&str> = cases.iter().map(|case| case.method).collect();
    let keyed = GradesClient::SERVICE.methods.iter().filter(|method| method.retry == Retry::Keyed);
    assert_eq!(named, keyed.map(|method| method.name).collect(), "each keyed method has a case");
    let mut findings = Findings::default();
    let mut look_at = |lab: Option<Lab>, name, stride, control_name| {
        let Some(mut lab) = lab else { return };
        findings.rows.push(lab.cut_everywhere(name, &cases, if long { 1 } else { stride }, &mut random));
        findings.controls.push(lab.control(control_name, &cases));
    };
    look_at(
        Some(Lab::on_a_directory()),
        "keyed calls cut at any byte",
        SHORT_STRIDE,
        "cuts: a new key for the second attempt",
    );
    look_at(
        Lab::on_a_database(),
        "the same, two servers on PostgreSQL",
        SHORT_STRIDE_ON_A_DATABASE,
        "cuts: a new key at the other server",
    );
    findings
}

/// What became of one cut.
struct Trial {
    /// Whether the conversation had so many bytes.
    was_cut: bool,
    /// Whether the client was told of a reset.
    was_reset: bool,
    /// How often the call was executed.
    times: usize,
    fault: Option<String>,
}

/// A server behind a network that can be cut, and a way to the same store that nothing befalls.
struct Lab {
    session: SessionId,
    proxy: Proxy,
    sound: Channel,
    /// Trials so far.
    number: u64,
    /// Declared last, in this order: they go when nobody asks them any more.
    _servers: Vec<GradesServer>,
    _store: Place,
}

/// Where the rows are.
enum Place {
    Directory { _scratch: TempDir },
    Database { _database: Database },
}

impl Lab {
    fn on_a_directory() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let (directory, beginning) = (scratch.path().join("store"), Beginning::new(1));
        local::put(&beginning.files, &directory);
        let server = local::serve(directory.as_path()).unwrap();
        Self::new(vec![server], beginning.session, Place::Directory { _scratch: scratch })
    }

    /// Two servers, of which the second is asked again; `None` where PostgreSQL is not installed.
    fn on_a_database() -> Option<Self> {
        let database = Database::new()?;
        let address: StoreAddress = database.url().parse().unwrap();
        local::init_store(address.clone()).unwrap();
        let servers = vec![local::serve(address.clone()).unwrap(), local::serve(address).unwrap()];
        let session = local::fill(&Connection::over(local::channel(&servers[0])), 1);
        Some(Self::new(servers, session, Place::Database { _database: database }))
    }

    fn new(servers: Vec<GradesServer>, session: SessionId, store: Place) -> Self {
        let (first, last) = (servers.first().unwrap(), servers.last().unwrap());
        let (proxy, sound) = (Proxy::start(first.address(), |_| {}), local::channel(last));
        Self { session, proxy, sound, number: 0, _servers: servers, _store: store }
    }

    /// Cuts each call at one byte in `stride`, both ways.
    fn cut_everywhere(&mut self, name: &'static str, cases: &[KeyedCall], stride: u64, random: &mut Random) -> Row {
        let (mut row, mut resets, mut told) = (Row::new(name), 0, 0);
        for case in cases {
            let cuts_before = row.crash_points;
            for direction in [Direction::Request, Direction::Reply] {
                let mut at = random.below(stride);
                loop {
                    let end = ENDS[random.below(ENDS.len() as u64) as usize];
                    let how = if random.one_in(SWALLOWS_ONE_IN) { How::Swallow } else { end };
                    let trial = self.cut(case, direction, at, how, true);
                    if !trial.was_cut {
                        break;
                    }
                    row.crash_points += 1;
                    row.acknowledged += 1;
                    row.lost += u64::from(trial.times == 0);
                    row.doubled += u64::from(trial.times > 1);
                    row.faults.extend(trial.fault);
                    resets += u64::from(how == How::Reset);
                    told += u64::from(trial.was_reset);
                    at += stride;
                }
            }
            if row.crash_points == cuts_before {
                row.faults.push(format!("{}: no connection was cut", case.method));
            }
        }
        // The others are those of which a caller's deadline was told first.
        if told * 2 <= resets {
            row.faults.push(format!("of {resets} resets clients saw {told}: they are none"));
        }
        row.notes.push(format!("{} methods; {resets} resets, of which {told} were seen as such", cases.len()));
        row
    }

    /// Another key for the second attempt: some cut of a reply must show that it was executed twice, or refused as done.
    fn control(&mut self, name: &'static str, cases: &[KeyedCall]) -> Control {
        let (mut wrong, mut cuts) = (0, 0);
        for case in cases {
            for at in (0..).step_by(CONTROL_STRIDE) {
                let trial = self.cut(case, Direction::Reply, at, How::Reset, false);
                if !trial.was_cut {
                    break;
                }
                cuts += 1;
                wrong += u64::from(trial.times > 1 || trial.fault.is_some());
            }
        }
        Control { name, seen: format!("{wrong} of {cuts} done twice or refused as done"), failed: wrong > 0 }
    }

    /// Makes a call over a connection that is cut, and again over one that is not.
    fn cut(&mut self, case: &KeyedCall, direction: Direction, at: u64, how: How, same_key: bool) -> Trial {
        self.number += 1;
        let number = self.number;
        let sound = local::grades(&self.sound, self.session);
        let made = (case.prepare)(&sound, number);
        let key = self.sound.request_key().unwrap();
        self.proxy.befall(Fault { direction, at, how, ..Fault::NONE });
        let first = self.keyed_over_one_connection(key).and_then(|grades| (case.call)(&grades, number, made));
        let key = if same_key { key } else { self.sound.request_key().unwrap() };
        let again = (case.call)(&sound.with(CallOptions::new().key(key).deadline(Duration::MAX)), number, made);
        let fault = match (&first, &again) {
            (Ok(first), Ok(again)) if first != again => Some(format!("answered {first}, then {again}")),
            (Err(Error::App(error)), _) => Some(format!("the first attempt is refused: {error}")),
            (_, Err(error)) => Some(format!("the second attempt fails: {error}")),
            _ => None,
        };
        let fault = fault.map(|fault| format!("{} cut at {at} of {direction:?}, {how:?}: {fault}", case.method));
        let times = (case.count)(&sound, number);
        Trial { was_cut: first.is_err(), was_reset: is_reset(&first), times, fault }
    }

    /// A client whose one connection is the one that is cut. It may be reset before it is made.
    fn keyed_over_one_connection(&self, key: RequestKey) -> rpc_core::Result<GradesClient, GradesError> {
        let tcp = TcpTransport::connect(self.proxy.address(), Deadline::NEVER, Waiting::Block)
            .map_err(|error| TransportError::new(TransportErrorKind::Connect(error.kind()), Outcome::NotSent))?;
        let options = CallOptions::new().credential(self.session.expose()).key(key).deadline(ONE_ATTEMPT);
        Ok(GradesClient::new(Channel::over(tcp)).with(options))
    }
}

fn is_reset<T>(result: &rpc_core::Result<T, GradesError>) -> bool {
    let reset = TransportErrorKind::Io(std::io::ErrorKind::ConnectionReset);
    matches!(result, Err(Error::Transport(error)) if error.kind == reset)
}
