//! Exactly once, on a real server with a real store: each keyed call of the grades service, through a connection that fails at
//! each byte of the request and of the reply, succeeds, and has taken effect once.

use std::{sync::Arc, thread, time::Duration};

use grades_api::{Accounts as _, AccountsClient, Grades as _, GradesClient, model::Password};
use parking_lot::Mutex;
use rpc_core::{CallOptions, Channel};
use tests::{
    ADMINISTRATOR, KeyedCall, PASSWORD, RunningServer,
    proxy::{Direction, Fault, How, Proxy},
};

use super::PATIENT;
use crate::{arguments::Terms, report::Report};

/// Makes the call through `faulty`, and looks with `sure` at what became of it.
fn make(call: &KeyedCall, faulty: &GradesClient, sure: &GradesClient, number: u64) -> Result<(), String> {
    let made = (call.prepare)(sure, number);
    (call.call)(faulty, number, made).map_err(|error| error.to_string())?;
    match (call.count)(sure, number) {
        1 => Ok(()),
        times => Err(format!("executed {times} times")),
    }
}

pub(super) fn judge(terms: &Terms, report: &Arc<Mutex<Report>>) {
    let server = RunningServer::start();
    let channel = Channel::connect(server.address()).expect("the server listens");
    let signed_in =
        AccountsClient::new(channel.clone()).login(ADMINISTRATOR, &Password::new(PASSWORD)).expect("a login");
    let options = || CallOptions::new().credential(signed_in.session.expose()).deadline(PATIENT);
    let sure = GradesClient::new(channel).with(options());
    sure.create_promotion(KeyedCall::PROMOTION).expect("a promotion");
    // Every byte is one case of each call in a long run; otherwise every fifth, from one that the seed decides.
    let step = if terms.long { 1 } else { 5 };
    let from = terms.seed % step;
    thread::scope(|scope| {
        for (nth, call) in (0..).zip(KeyedCall::all()) {
            let (sure, options) = (sure.clone(), options());
            let address = server.address().parse().expect("an address");
            scope.spawn(move || {
                let proxy = Proxy::start(address, |_| {});
                let mut numbers = nth * 1_000_000..; // more than a call has cases
                let mut make = |fault| {
                    proxy.befall(fault);
                    let faulty = GradesClient::new(proxy.connect()).with(options.clone());
                    make(&call, &faulty, &sure, numbers.next().expect("a number"))
                };
                assert_eq!(make(Fault::NONE), Ok(()), "without a fault {} fails", call.method);
                let (requests, replies) = proxy.passed();
                let cuts = [(Direction::Request, requests), (Direction::Reply, replies)].into_iter();
                let cuts = cuts.flat_map(|(direction, length)| {
                    let bytes = (from..=length).step_by(usize::try_from(step).unwrap());
                    bytes
                        .zip([How::Close, How::Reset, How::HalfClose].into_iter().cycle())
                        .map(move |(at, how)| Fault { direction, at, how, ..Fault::NONE })
                });
                let others = [
                    Fault { twice: true, ..Fault::NONE },
                    Fault { piece: 1, latency: Duration::from_micros(100), ..Fault::NONE },
                ];
                for fault in cuts.chain(others) {
                    let result = make(fault);
                    report.lock().check(result.is_ok(), || format!("{}, {fault:?}: {result:?}", call.method));
                }
            });
        }
    });
    report.lock().look_for_panics(&server.log());
}
