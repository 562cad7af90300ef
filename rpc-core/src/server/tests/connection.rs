//! Hello, framing, and what one write carries.

use std::time::Instant;

use super::*;
use crate::transport::full_listener;

#[test]
fn the_hello_tells_the_limits_and_comes_before_the_replies() {
    let bench = Bench::new();
    let mut client = bench.connect();
    let mut bytes = Vec::new();
    ClientHello { version: 9, reply_bytes_max: 4 << 20 }.append(&mut bytes);
    bytes.extend(client.request(1, &GOOD, &number(6)));
    client.send(&bytes);
    let hello = client.hear_hello();
    assert_eq!((hello.status, hello.version), (Status::OK, VERSION));
    assert_eq!((hello.body_bytes_max, hello.window_calls, hello.window_bytes), (1 << 20, 128, 1 << 20));
    assert_eq!(client.hear().body, number(3));
}

#[test]
fn frames_may_come_byte_by_byte() {
    let bench = Bench::new();
    let mut client = bench.greet();
    for byte in client.request(1, &GOOD, &number(6)) {
        client.send(&[byte]);
    }
    assert_eq!(client.hear().body, number(3));
}

#[test]
fn a_version_that_nobody_speaks_is_refused_and_nothing_runs() {
    let bench = Bench::new();
    let mut client = bench.connect();
    let mut bytes = Vec::new();
    ClientHello { version: 0, reply_bytes_max: 64 }.append(&mut bytes);
    bytes.extend(client.request(1, &GOOD, &number(6)));
    client.send(&bytes);
    assert_eq!(client.hear_hello().status, Status::UNSUPPORTED_VERSION);
    client.hear_end();
    drop(client);
    assert_eq!(bench.close_reason(), CloseReason::BadHello);
}

#[test]
fn another_protocol_is_not_answered() {
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 64], &[0xff; 64]] {
        let bench = Bench::new();
        let mut client = bench.connect();
        client.send(bytes);
        client.hear_end();
        assert_eq!(bench.close_reason(), CloseReason::BadHello);
    }
}

#[test]
fn a_frame_that_breaks_the_protocol_ends_the_connection_after_the_calls_before_it() {
    // Offset and value of the byte that breaks it: an unknown kind, an unknown flag, a hello, a reply.
    for (offset, byte) in [(12, 9), (13, 0x80), (12, 1), (12, 3)] {
        let bench = Bench::new();
        let mut client = bench.greet();
        let good = client.request(1, &GOOD, &number(6));
        let mut bad = client.request(1, &GOOD, &number(6));
        bad[offset] = byte;
        client.send(&[good, bad].concat());
        assert_eq!(client.hear().body, number(3));
        client.hear_goodbye(Status::PROTOCOL_ERROR, 1);
        drop(client);
        assert_eq!(bench.close_reason(), CloseReason::Protocol);
    }
}

#[test]
fn an_end_between_frames_is_in_order_and_one_inside_is_not() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let request = client.request(1, &GOOD, &number(6));
    client.send(&request);
    client.transport.shutdown().unwrap();
    assert_eq!(client.hear().body, number(3), "what was sent before the end is answered");
    client.hear_end();
    assert_eq!(bench.close_reason(), CloseReason::Peer);

    let client = bench.greet();
    client.send(&request[..20]);
    drop(client);
    assert_eq!(bench.close_reason(), CloseReason::Broken);
}

#[test]
fn a_clients_goodbye_ends_the_connection_after_its_calls() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let mut bytes = client.request(4, &GOOD, &number(6));
    bytes.extend(crate::frame::Goodbye { last_call: CallId(0), reason: Status::OK }.encode());
    client.send(&bytes);
    bench.arrived();
    bench.gate.send(()).unwrap();
    assert_eq!(client.hear().body, number(6));
    client.hear_end();
    drop(client);
    assert_eq!(bench.close_reason(), CloseReason::Peer);
}

#[test]
fn many_requests_in_one_write_are_answered_in_order() {
    let bench = Bench::new();
    let mut client = bench.greet();
    let requests: Vec<u8> = (0..500_u64).flat_map(|n| client.request(1, &GOOD, &number(2 * n))).collect();
    client.send(&requests);
    for n in 0..500 {
        let told = client.hear();
        assert_eq!((u64::from(told.call), told.body), (n + 1, number(n)));
    }
}

#[test]
fn it_serves_tcp() {
    let handler = Handler { gate: Mutex::new(channel().1), at_gate: Mutex::new(channel().0) };
    let running = Server::builder().service(ProbeDispatch::new(handler, Guard)).bind("127.0.0.1:0").unwrap();
    let connect = || TcpTransport::connect(running.address(), Deadline::after(LONG), Waiting::Block).unwrap();
    let mut client = Client::over(Box::new(connect()));
    client.greet();
    assert_eq!(client.call(1, &number(6)).body, number(3));
    assert_eq!(client.call(3, &number(300_000)).body.len(), 300_000 + TEXT_OVERHEAD);
    let mut garbage = Client::over(Box::new(connect()));
    garbage.send(&[0xa5; 100]);
    assert_eq!(client.call(1, &number(8)).body, number(4));
    garbage.hear_end();
    let report = running.drain(Deadline::after(LONG));
    assert!(report.is_clean(), "{report:?}");
    client.hear_goodbye(Status::DRAINING, 3);
    let error = TcpTransport::connect(running.address(), Deadline::after(LONG), Waiting::Block).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "the port is free");
}

#[test]
fn it_serves_unix_sockets_and_removes_the_file() {
    let path = std::env::temp_dir().join(format!("rpc-core-{}.socket", std::process::id()));
    let start = || {
        let handler = Handler { gate: Mutex::new(channel().1), at_gate: Mutex::new(channel().0) };
        Server::builder().service(ProbeDispatch::new(handler, Guard)).bind_unix(&path)
    };
    // A file that a dead server has left.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let running = start().unwrap();
    assert!(start().is_err(), "a living server keeps its path");
    let transport =
        crate::transport::UnixTransport::connect(running.path(), Deadline::after(LONG), Waiting::Block).unwrap();
    let mut client = Client::over(Box::new(transport));
    client.greet();
    assert_eq!(client.call(1, &number(6)).body, number(3));
    drop(running);
    assert!(!path.exists());
}

#[test]
fn a_server_that_stops_leaves_the_socket_that_another_has_put_in_the_place_of_its_own() {
    let path = std::env::temp_dir().join(format!("rpc-core-{}-taken-over.socket", std::process::id()));
    let former = Server::builder().bind_unix(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let latter = Server::builder().bind_unix(&path).unwrap();
    drop(former);
    assert!(path.exists(), "nobody finds the latter any more");
    drop(latter);
    assert!(!path.exists());
}

#[test]
fn a_server_that_is_too_busy_to_take_connections_keeps_its_path() {
    let (_busy, path) = full_listener("busy");
    let handler = Handler { gate: Mutex::new(channel().1), at_gate: Mutex::new(channel().0) };
    let error = Server::builder().service(ProbeDispatch::new(handler, Guard)).bind_unix(&path).unwrap_err();
    let crate::StartError::Bind(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_is_no_socket_stays_as_it_is() {
    let path = std::env::temp_dir().join(format!("rpc-core-{}-of-someone-else", std::process::id()));
    std::fs::write(&path, "not yours").unwrap();
    let started = Server::builder().bind_unix(&path).map(drop);
    assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), Some("not yours"));
    assert!(matches!(started, Err(crate::StartError::Bind(error)) if error.kind() == std::io::ErrorKind::AddrInUse));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn two_services_with_one_id_do_not_start() {
    let probe = || {
        let handler = Handler { gate: Mutex::new(channel().1), at_gate: Mutex::new(channel().0) };
        ProbeDispatch::new(handler, Guard)
    };
    let error = Server::builder().service(probe()).service(probe()).start().unwrap_err();
    assert!(matches!(error, crate::StartError::DuplicateService(ServiceId(0x54))), "{error}");
}

#[test]
fn a_peer_is_idle_since_it_was_answered_however_long_that_took() {
    let wait = Duration::from_millis(50);
    let bench = Bench::unobserved(Limits::new().with_idle_wait(wait).unwrap());
    let mut client = bench.greet();
    let call = client.request(7, &GOOD, &[]);
    client.send(&call);
    bench.arrived();
    let came = Instant::now();
    while came.elapsed() < wait {
        std::hint::spin_loop();
    }
    let before_reply = Instant::now();
    bench.gate.send(()).unwrap();
    assert_eq!(client.hear().status, Status::OK);
    client.hear_goodbye(Status::TIMED_OUT, 1);
    assert!(before_reply.elapsed() >= wait);
}
