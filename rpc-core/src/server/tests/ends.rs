//! Drain and stop.

use std::thread;

use super::*;

#[test]
fn a_drain_says_goodbye_to_who_is_idle_and_names_the_last_call() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.call(1, &number(2));
    let report = bench.running.drain(Deadline::after(LONG));
    assert_eq!((report.closed, report.cut.len()), (1, 0));
    client.hear_goodbye(Status::DRAINING, 1);
}

#[test]
fn a_drain_before_the_clients_hello_is_told_by_the_servers_hello() {
    let mut hello = Vec::new();
    ClientHello { version: VERSION, reply_bytes_max: 64 }.append(&mut hello);
    for said in [&[], &hello[..1], &hello[..20]] {
        let bench = Bench::new();
        let mut client = bench.connect();
        client.send(said);
        // Whether the connection's thread waits for bytes by now is not told: both ways must come to the same.
        thread::scope(|scope| {
            let drain = scope.spawn(|| bench.running.drain(Deadline::after(LONG)));
            assert_eq!(client.hear_hello().status, Status::DRAINING);
            client.hear_end();
            drop(client);
            assert!(drain.join().unwrap().is_clean());
        });
        assert_eq!(bench.close_reason(), CloseReason::Drained);
    }
}

#[test]
fn a_drain_answers_what_was_taken_and_nothing_later() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let mut requests = client.request(4, &GOOD, &number(1));
    requests.extend(client.request(7, &GOOD, &[]));
    client.send(&requests);
    bench.arrived();
    bench.arrived();
    let later = client.start(1, &number(2));
    thread::scope(|scope| {
        let drain = scope.spawn(|| bench.running.drain(Deadline::after(LONG)));
        bench.running.until_draining();
        bench.gate.send(()).unwrap();
        bench.gate.send(()).unwrap();
        let mut calls = Vec::new();
        let goodbye = loop {
            let told = client.hear();
            match told.kind {
                FrameKind::Goodbye => break told,
                _ => calls.push(told.call),
            }
        };
        assert_eq!((goodbye.status, goodbye.call), (Status::DRAINING, 2));
        while let Some(told) = client.next(told) {
            calls.push(told.call);
        }
        calls.sort_unstable();
        assert_eq!(calls, [1, 2], "call {later} came after the goodbye");
        drop(client);
        assert!(drain.join().unwrap().is_clean());
    });
}

#[test]
fn what_is_not_finished_by_the_deadline_is_cut_told_and_cancelled() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.start(4, &number(1));
    client.start(7, &[]);
    bench.arrived();
    bench.arrived();
    let report = bench.running.drain(Deadline::after(Duration::ZERO));
    assert_eq!(report.cut.len(), 1);
    assert_eq!(report.cut[0].calls, 2);
    drop(bench.gate);
    let cancelled = Event::Call { opcode: 7, method: Some("block"), status: Status::OK, bytes_in: 24, bytes_out: 25 };
    let events = bench.events;
    assert!(events.iter().take(8).any(|event| event == cancelled));
}

#[test]
fn a_connection_that_has_answered_everything_has_no_calls_left_to_cut() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.start(7, &[]);
    bench.arrived();
    thread::scope(|scope| {
        let drain = scope.spawn(|| bench.running.drain(Deadline::after(LONG)));
        bench.running.until_draining();
        bench.gate.send(()).unwrap();
        assert_eq!(client.hear().call, 1);
        client.hear_goodbye(Status::DRAINING, 1);
        // The peer has not closed, and is given a second for it.
        let report = bench.running.drain(Deadline::after(Duration::ZERO));
        assert_eq!(report.cut.iter().map(|cut| cut.calls).sum::<usize>(), 0, "{report:?}");
        drain.join().unwrap();
    });
}

#[test]
fn after_a_drain_nobody_gets_in() {
    let bench = Bench::new();
    bench.running.drain(Deadline::after(LONG));
    let mut late = bench.connect();
    assert_eq!(late.hear_hello().status, Status::DRAINING);
    late.hear_end();
}

#[test]
fn a_server_that_drains_listens_nowhere_anew() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.start(4, &number(1));
    bench.at_gate.recv().unwrap();
    thread::scope(|scope| {
        let drain = scope.spawn(|| bench.running.drain(Deadline::after(LONG)));
        bench.running.until_draining();
        let error = bench.running.listen("127.0.0.1:0").unwrap_err();
        assert!(matches!(error, crate::StartError::Draining), "{error}");
        // The drain goes on, so nobody has waited for its end.
        bench.gate.send(()).unwrap();
        assert_eq!(client.hear().body, number(1));
        drop(client);
        assert!(drain.join().unwrap().is_clean());
    });
    let path = std::env::temp_dir().join(format!("rpc-core-drained-{}.socket", std::process::id()));
    let error = bench.running.listen_unix(&path).unwrap_err();
    assert!(matches!(error, crate::StartError::Draining), "{error}");
    assert!(!path.exists());
}

#[test]
fn dropping_the_handle_stops_the_server() {
    let bench = Bench::new();
    let mut client = bench.greet();
    client.call(1, &number(2));
    drop(bench.running);
    // A connection that was at work at that moment is cut without a word.
    if let Some(goodbye) = client.next(told) {
        assert_eq!((goodbye.status, goodbye.call), (Status::DRAINING, 1));
        client.hear_end();
    }
}

#[test]
fn after_a_drain_no_thread_holds_a_handler() {
    // Whether a thread still runs is a matter of chance, so there are many.
    for _ in 0..200 {
        let bench = Bench::new();
        let mut clients: Vec<Client> = (0..4).map(|_| bench.greet()).collect();
        for client in &mut clients {
            client.start(8, &[]);
            client.hear();
        }
        drop(clients);
        assert!(bench.running.drain(Deadline::after(LONG)).is_clean());
        drop(bench.running);
        // The handler held the other end.
        assert_eq!(bench.at_gate.try_recv().unwrap_err(), std::sync::mpsc::TryRecvError::Disconnected);
    }
}
