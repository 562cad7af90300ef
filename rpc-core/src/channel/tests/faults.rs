//! Networks that fail at every byte: whatever an error claims of a call must be what the server has seen.

use std::{sync::Arc, thread, time::Duration};

use parking_lot::Mutex;

use super::played::{Error, KEYED, PLAIN, Server, start_with};
use crate::{
    CallOptions, Channel, Method, Outcome,
    transport::{Direction, FaultTransport, Transport, memory_pair},
};

/// The key, the argument and the body of each call that a server has executed.
type Executed = Vec<(Option<[u8; 16]>, u64, Vec<u8>)>;

/// A channel each of whose connections goes through `faults`, to servers that execute what they read and count it.
fn channel(
    faults: impl Fn(bool, FaultTransport) -> FaultTransport + Send + Sync + 'static,
) -> (Channel, Arc<Mutex<Executed>>) {
    let executed = Arc::new(Mutex::new(Vec::new()));
    let (seen, first) = (Arc::clone(&executed), Mutex::new(true));
    let channel = Channel::builder().pause(|_| {}).made(move || {
        let (near, far) = memory_pair();
        let seen = Arc::clone(&seen);
        thread::spawn(move || serve(Server::new(far), &seen));
        let first = std::mem::replace(&mut *first.lock(), false);
        Ok(Box::new(faults(first, FaultTransport::new(near, 0x5eed))) as Box<dyn Transport>)
    });
    (channel, executed)
}

fn serve(mut server: Server, executed: &Mutex<Executed>) {
    server.hello();
    while let Some(asked) = server.asked() {
        executed.lock().push((asked.key, asked.argument(), asked.body.clone()));
        let method = Method { opcode: asked.header.opcode, ..PLAIN };
        if !server.try_reply(&method, asked.id(), asked.argument().wrapping_mul(2)) {
            return;
        }
    }
}

/// Makes three calls and holds what each result claims against what was executed; what the errors claimed.
#[track_caller]
fn check(
    method: &'static Method,
    faults: impl Fn(bool, FaultTransport) -> FaultTransport + Send + Sync + 'static,
) -> Vec<Outcome> {
    check_within(Duration::from_secs(10), method, faults)
}

#[track_caller]
fn check_within(
    wait: Duration,
    method: &'static Method,
    faults: impl Fn(bool, FaultTransport) -> FaultTransport + Send + Sync + 'static,
) -> Vec<Outcome> {
    let (channel, executed) = channel(faults);
    let options = CallOptions::new().deadline(wait);
    let results: Vec<Result<u64, Error>> = (1..=3)
        .map(|n| start_with(&channel, method, &options, n))
        .collect::<Vec<_>>()
        .into_iter()
        .map(super::played::Call::wait)
        .collect();
    drop(channel);
    let executed = executed.lock().clone();
    for (result, n) in results.iter().zip(1..) {
        let times = executed.iter().filter(|(_, argument, _)| *argument == n).count();
        match result {
            Ok(value) => assert!(*value == n.wrapping_mul(2) && times > 0),
            Err(error) => match error.outcome() {
                Outcome::NotSent | Outcome::Rejected => assert_eq!(times, 0, "{error:?}"),
                Outcome::Executed => assert!(times > 0, "{error:?}"),
                Outcome::MaybeExecuted => {}
            },
        }
        if method.retry == crate::Retry::NotSent {
            assert!(times <= 1, "executed {times} times");
        } else {
            assert!(result.is_ok(), "{result:?}");
            let sent: std::collections::HashSet<_> =
                executed.iter().filter(|(_, argument, _)| *argument == n).map(|(key, _, body)| (key, body)).collect();
            assert_eq!(sent.len(), 1, "one key and the same bytes over all attempts and connections");
        }
    }
    results.iter().filter_map(|result| result.as_ref().err().map(Error::outcome)).collect()
}

/// Bytes of the client's hello and three calls with metadata, and of the server's answers, rounded up.
const CONVERSATION: u64 = 220;

#[test]
fn whatever_byte_a_connection_breaks_at_outcomes_are_true_and_plain_calls_run_once_at_most() {
    let mut claims = Vec::new();
    for at in 0..CONVERSATION {
        for direction in [Direction::Read, Direction::Write] {
            claims.extend(check(&PLAIN, move |_, transport| transport.reset_at(direction, at)));
            claims.extend(check(&PLAIN, move |_, transport| transport.truncate_at(direction, at).split(direction)));
        }
    }
    for claim in [Outcome::NotSent, Outcome::MaybeExecuted] {
        assert!(claims.contains(&claim), "nothing was said to be {claim:?}, so that was not tried");
    }
}

#[test]
fn whatever_byte_a_connection_loses_outcomes_are_true() {
    // Each byte takes a deadline, so not every one of them.
    for at in (0..CONVERSATION).step_by(7) {
        for direction in [Direction::Read, Direction::Write] {
            let wait = Duration::from_millis(10);
            check_within(wait, &PLAIN, move |_, transport| transport.drop_at(direction, at).split(direction));
        }
    }
}

#[test]
fn whatever_byte_the_first_connection_breaks_at_keyed_calls_succeed_on_the_next() {
    for at in 0..CONVERSATION {
        for direction in [Direction::Read, Direction::Write] {
            check(&KEYED, move |first, transport| match first {
                true => transport.reset_at(direction, at),
                false => transport.split(direction),
            });
        }
    }
}
