//! What running into a limit costs others: clients that do nothing but ask for too much, or for what there is not, while honest
//! ones work. Each kind of refusal is measured by itself, in rounds: calm, then under it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use tests::{ADMINISTRATOR, PASSWORD, RawPeer, RunningServer};

use crate::{
    arguments::Terms,
    crowd::{ACCOUNTS, LOGIN, WHOAMI, connect, sign_in},
    honest::{Honest, Rounds},
    report::Report,
    victim,
};

/// Who runs into limits, beside as many honest clients.
const CLIENTS: usize = 4;
/// After each refusal, as the honest ones wait after each call: more would measure how much processor is left beside them.
const PAUSE: Duration = Duration::from_millis(2);
const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_secs(2);

/// What a client says again and again, and whether its connection survives it.
struct Attack {
    name: &'static str,
    bytes: fn(&[u8; 32]) -> Vec<u8>,
    stays: bool,
}

const ATTACKS: [Attack; 6] = [
    Attack {
        name: "an unknown opcode",
        bytes: |session| RawPeer::request(2, ACCOUNTS, 999, Some(session), &[]),
        stays: true,
    },
    Attack { name: "no session", bytes: |_| RawPeer::request(2, ACCOUNTS, WHOAMI, None, &[]), stays: true },
    Attack {
        name: "a body that does not decode",
        bytes: |_| RawPeer::request(2, ACCOUNTS, LOGIN, None, &[0xff; 64]),
        stays: true,
    },
    Attack {
        name: "a body over the limit of a public method",
        bytes: |_| RawPeer::request(2, ACCOUNTS, LOGIN, None, &[0; 4_097]),
        stays: true,
    },
    Attack {
        name: "a body far over the limit",
        bytes: |_| RawPeer::header(1 << 20, 2, ACCOUNTS, LOGIN, 2, 0),
        stays: false,
    },
    Attack { name: "no frame at all", bytes: |_| vec![0xff; 64], stays: false },
];

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    let server = RunningServer::start();
    let session = RawPeer::greeted(server.address()).login(ADMINISTRATOR, PASSWORD);
    let honest = Honest::start(server.address(), session);
    for attack in &ATTACKS {
        let mut rounds = Rounds::default();
        let mut refused = 0;
        for _ in 0..if terms.long { ROUNDS } else { 1 } {
            let calm = terms.long.then(|| honest.latencies_for(TIME));
            let (attacked, count) = during(attack, server.address(), &session, || {
                honest.latencies_for(if terms.long { TIME } else { TIME / 10 })
            });
            refused += count;
            if let Some(calm) = calm {
                rounds.add(&calm, &attacked);
            }
        }
        report.figure(format!("{}: {refused} times", attack.name));
        report.check(refused > 0, || format!("{} was never refused", attack.name));
        if terms.long {
            rounds.judge(&mut report, |calm| calm.saturating_mul(2));
        }
    }
    honest.end(&mut report);
    report.memory(victim::peak_bytes(server.pid()));
    report.look_for_panics(&server.log());
    report
}

/// Runs `meanwhile` under an attack; how often the attackers were refused.
fn during<T>(attack: &Attack, address: &str, session: &[u8; 32], meanwhile: impl FnOnce() -> T) -> (T, u64) {
    let stop = AtomicBool::new(false);
    let refused = |number: usize| {
        let (mut count, mut connection) = (0, None::<TcpStream>);
        while !stop.load(Ordering::Relaxed) {
            let stream = connection.get_or_insert_with(|| {
                let stream = connect(number, address).expect("a place in the backlog");
                sign_in(stream, session).into_stream()
            });
            let goes_on = is_refused(stream, &(attack.bytes)(session));
            count += u64::from(goes_on == attack.stays);
            if !goes_on {
                connection = None;
            }
            thread::sleep(PAUSE);
        }
        count
    };
    let refused = &refused;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || refused(number))).collect();
        let result = meanwhile();
        stop.store(true, Ordering::Relaxed);
        (result, clients.into_iter().map(|client| client.join().expect("an attacker")).sum())
    })
}

/// Says this and reads what comes of it: whether the connection goes on.
fn is_refused(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    let mut answer = [0; 1_024];
    // A reply is short and comes in one piece; a goodbye has kind 4.
    stream.write_all(bytes).is_ok() && stream.read(&mut answer).is_ok_and(|read| read >= 16 && answer[12] == 3)
}
