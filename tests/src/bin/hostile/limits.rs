//! What running into a limit costs others: clients that do nothing but ask for too much, or for what there is not, while honest
//! ones work. Each kind of refusal is measured by itself, in rounds: calm, then under it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use rpc_core::Status;
use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer, footprint};

use crate::{
    arguments::Terms,
    crowd::{ACCOUNTS, LOGIN, WHOAMI, connect, sign_in},
    honest::{Honest, Rounds},
    report::Report,
};

/// Who runs into limits, beside as many honest clients.
const CLIENTS: usize = 4;
/// After each refusal, as the honest ones wait after each call: more would measure how much processor is left beside them.
const PAUSE: Duration = Duration::from_millis(2);
const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_secs(2);

/// What a client says again and again, and what comes of it.
struct Attack {
    name: &'static str,
    bytes: fn(&[u8; 32]) -> Vec<u8>,
    told: Status,
    ends: Ends,
}

/// Where a refusal ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The call, with a reply.
    Call,
    /// The connection, with a reply and a goodbye.
    Connection,
    /// The connection, with a goodbye: there was no call to reply to.
    ConnectionAtOnce,
}

const ATTACKS: [Attack; 6] = [
    Attack {
        name: "an unknown opcode",
        bytes: |session| RawPeer::request(2, ACCOUNTS, 999, Some(session), &[]),
        told: Status::UNKNOWN_OPCODE,
        ends: Ends::Call,
    },
    Attack {
        name: "no session",
        bytes: |_| RawPeer::request(2, ACCOUNTS, WHOAMI, None, &[]),
        told: Status::UNAUTHENTICATED,
        ends: Ends::Call,
    },
    Attack {
        name: "a body that does not decode",
        bytes: |_| RawPeer::request(2, ACCOUNTS, LOGIN, None, &[0xff; 64]),
        told: Status::BAD_BODY,
        ends: Ends::Call,
    },
    Attack {
        name: "a body over the limit of a public method",
        bytes: |_| RawPeer::request(2, ACCOUNTS, LOGIN, None, &[0; 4_097]),
        told: Status::BODY_TOO_LARGE,
        ends: Ends::Call,
    },
    Attack {
        name: "a body far over the limit",
        bytes: |_| RawPeer::header(1 << 20, 2, ACCOUNTS, LOGIN, 2, 0),
        told: Status::BODY_TOO_LARGE,
        ends: Ends::Connection,
    },
    Attack {
        name: "no frame at all",
        bytes: |_| vec![0xff; 64],
        told: Status::PROTOCOL_ERROR,
        ends: Ends::ConnectionAtOnce,
    },
];

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    let server = RunningServer::start();
    let session = RawPeer::greeted(server.address()).login(ADMINISTRATOR, PASSWORD);
    let mistaken = Attack { told: Status::OK, ..ATTACKS[0] };
    let control = mistaken.refusal(&mut sign_in(connect(0, server.address()).expect("a place"), &session), &session);
    report.check(control.is_err(), || "a refusal was taken for another".to_owned());
    let honest = Honest::start(server.address(), session);
    for attack in &ATTACKS {
        let mut rounds = Rounds::default();
        let mut refused = Ok(0);
        for _ in 0..if terms.long { ROUNDS } else { 1 } {
            let calm = terms.long.then(|| honest.latencies_for(TIME));
            let (attacked, count) = during(attack, server.address(), &session, || {
                honest.latencies_for(if terms.long { TIME } else { TIME / 10 })
            });
            refused = refused.and_then(|sum| Ok(sum + count?));
            if let Some(calm) = calm {
                rounds.add(&calm, &attacked);
            }
        }
        match refused {
            Ok(refused) => {
                report.figure(format!("{}: {refused} times", attack.name));
                report.check(refused > 0, || format!("{} was never refused", attack.name));
            }
            Err(wrong) => report.check(false, || wrong),
        }
        if terms.long {
            rounds.judge(&mut report, |calm| calm.saturating_mul(2));
        }
    }
    honest.end(&mut report);
    report.memory(footprint::peak_bytes(server.pid()));
    report.look_for_panics(&server.log());
    report
}

/// Runs `meanwhile` under an attack; how often the attackers were refused, all of them in the way that is expected.
fn during<T>(
    attack: &Attack,
    address: &str,
    session: &[u8; 32],
    meanwhile: impl FnOnce() -> T,
) -> (T, Result<u64, String>) {
    let stop = AtomicBool::new(false);
    let refused = |number: usize| {
        let (mut count, mut peer) = (0, None::<RawPeer>);
        while !stop.load(Ordering::Relaxed) {
            let asking =
                peer.get_or_insert_with(|| sign_in(connect(number, address).expect("a place in the backlog"), session));
            attack.refusal(asking, session)?;
            if attack.ends != Ends::Call {
                peer = None;
            }
            count += 1;
            thread::sleep(PAUSE);
        }
        Ok(count)
    };
    let refused = &refused;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || refused(number))).collect();
        let result = meanwhile();
        stop.store(true, Ordering::Relaxed);
        (result, clients.into_iter().map(|client| client.join().expect("an attacker")).sum())
    })
}

impl Attack {
    /// Says it, and hears the refusal.
    fn refusal(&self, peer: &mut RawPeer, session: &[u8; 32]) -> Result<(), String> {
        const REPLY: u8 = 3;
        const GOODBYE: u8 = 4;
        let kinds: &[u8] = match self.ends {
            Ends::Call => &[REPLY],
            Ends::Connection => &[REPLY, GOODBYE],
            Ends::ConnectionAtOnce => &[GOODBYE],
        };
        peer.send(&(self.bytes)(session));
        for (nth, kind) in kinds.iter().enumerate() {
            let told = peer.frame();
            // What is told first says why; a goodbye after it, that the connection ends for it.
            let right = |kind_told, status| kind_told == *kind && (nth > 0 || Status(status) == self.told);
            if !told.as_ref().is_some_and(|frame| right(frame.kind, frame.status)) {
                return Err(format!("{}: told {told:?} instead of {}", self.name, self.told));
            }
        }
        Ok(())
    }
}
