//! Calls that succeed, over a real socket.

use std::thread;

use rpc_core::{CloseReason, ConnectionId, Observer, Peer};

use super::*;

#[test]
fn a_call_and_its_reply_are_encrypted_and_arrive() {
    let authority = Authority::new();
    let server = start(&authority);
    let echo = connect(authority.client(), &server).unwrap();
    assert_eq!(echo.echo(b"mark"), Ok(b"mark".to_vec()));
    let named = authority.client().with_server_name("localhost").unwrap();
    assert_eq!(connect(named, &server).unwrap().echo(b"").unwrap(), b"");
}

#[test]
fn threads_that_share_a_connection_read_and_write_at_the_same_time() {
    let authority = Authority::new();
    let server = start(&authority);
    let echo = connect(authority.client(), &server).unwrap();
    thread::scope(|scope| {
        for nth in 0..8_u8 {
            let echo = &echo;
            scope.spawn(move || {
                for round in 0..20_usize {
                    // From a fraction of a record to many, so that writers meet a full socket.
                    let bytes = vec![nth; (round * 40_961) % 900_000];
                    assert!(echo.echo(&bytes).unwrap() == bytes, "thread {nth}, round {round}");
                }
            });
        }
    });
}

#[test]
fn replies_that_nobody_reads_yet_hold_up_neither_side() {
    let authority = Authority::new();
    let server = start(&authority);
    let echo = connect(authority.client(), &server).unwrap();
    let bytes = vec![7; 1 << 19];
    let pending: Vec<_> = (0..32).map(|_| echo.start_echo(&bytes)).collect();
    assert!(pending.into_iter().all(|call| call.wait().unwrap() == bytes));
}

#[test]
fn long_strings_are_written_from_where_they_lie_and_arrive_as_they_were() {
    let authority = Authority::new();
    let server = start(&authority);
    let echo = connect(authority.client(), &server).unwrap();
    let long = 16 << 10; // from here on they are not copied
    for count in [long - 1, long, long + 1, 100_000, 1 << 19] {
        let bytes: Vec<u8> = (0..count).map(|at| u8::try_from(at % 251).unwrap()).collect();
        assert!(echo.echo(&bytes).unwrap() == bytes, "{count}");
    }
}

#[test]
fn a_client_that_the_server_s_authority_knows_is_served() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let tls = servers.server().with_client_roots(clients.pem.as_bytes()).unwrap();
    let server = server().bind_tls("127.0.0.1:0", tls).unwrap();
    let me = clients.identity(&["a-client"]);
    let tls = servers.client().with_certificate(me.chain.as_bytes(), me.key.as_bytes()).unwrap();
    assert_eq!(connect(tls, &server).unwrap().echo(b"it is me").unwrap(), b"it is me");
}

#[test]
fn a_channel_connects_again_by_itself() {
    let authority = Authority::new();
    let first = start(&authority);
    let address = first.address();
    let echo = connect(authority.client(), &first).unwrap();
    assert!(echo.echo(b"one").is_ok());
    first.drain(soon());
    drop(first);
    let _second = server().bind_tls(address, authority.server()).unwrap();
    assert_eq!(echo.echo(b"two").unwrap(), b"two");
}

/// Tells why connections were closed.
pub(super) struct Closings(pub(super) std::sync::mpsc::SyncSender<CloseReason>);

impl Observer for Closings {
    fn connection_closed(&self, _: ConnectionId, _: Peer, reason: CloseReason) {
        self.0.try_send(reason).expect("few connections are closed");
    }
}

#[test]
fn a_client_that_leaves_says_so_and_a_drain_reaches_who_is_there() {
    let authority = Authority::new();
    let (closings, closed) = std::sync::mpsc::sync_channel(16);
    let server = server().observer(Closings(closings)).bind_tls("127.0.0.1:0", authority.server()).unwrap();
    let echo = connect(authority.client(), &server).unwrap();
    assert!(echo.echo(b"").is_ok());
    drop(echo);
    assert_eq!(closed.recv_timeout(Duration::from_secs(60)), Ok(CloseReason::Peer));
    let echo = connect(authority.client(), &server).unwrap();
    assert!(echo.echo(b"").is_ok());
    assert!(server.drain(soon()).cut.is_empty());
    assert_eq!(closed.recv_timeout(Duration::from_secs(60)), Ok(CloseReason::Drained));
}
