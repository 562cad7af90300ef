//! An observer that breaks, as a log does whose standard error is closed or full, breaks nothing else.

use super::*;

/// Panics whatever it is told.
struct Broken;

impl Observer for Broken {
    fn call_ended(&self, _: &CallEnded) {
        panic!("a call ended")
    }

    fn connection_opened(&self, _: ConnectionId, _: Peer) {
        panic!("a connection opened")
    }

    fn connection_closed(&self, _: ConnectionId, _: Peer, _: CloseReason) {
        panic!("a connection closed")
    }

    fn connection_refused(&self, _: Option<Peer>, _: RefuseReason) {
        panic!("a connection was refused")
    }
}

fn start(limits: Limits) -> Running<std::net::SocketAddr> {
    let handler = Handler { gate: Mutex::new(channel().1), at_gate: Mutex::new(channel().0) };
    let server = Server::builder().service(ProbeDispatch::new(handler, Guard)).limits(limits).observer(Broken);
    server.bind("127.0.0.1:0").unwrap()
}

fn connect(running: &Running<std::net::SocketAddr>) -> Client {
    Client::over(Box::new(TcpTransport::connect(running.address(), Deadline::after(LONG), Waiting::Block).unwrap()))
}

#[test]
fn a_broken_observer_ends_no_connection_no_call_and_no_drain() {
    let running = start(Limits::new().with_slow_threads(1).unwrap());
    let mut client = connect(&running);
    client.greet();
    for _ in 0..3 {
        assert_eq!(client.call(1, &number(6)).body, number(3));
        assert_eq!(client.call(4, &number(7)).body, number(7), "slow, on the one thread of the pool");
    }
    drop(client);
    let report = running.drain(Deadline::after(LONG));
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn a_broken_observer_does_not_end_the_acceptor() {
    let running = start(Limits::new().with_connections_max(1).unwrap());
    let mut first = connect(&running);
    first.greet();
    for _ in 0..3 {
        assert_eq!(connect(&running).hear_hello().status, Status::BUSY);
    }
    assert_eq!(first.call(1, &number(6)).body, number(3));
}
