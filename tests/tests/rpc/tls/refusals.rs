//! Peers and configurations that are refused, each with its own error, and the server that serves the next one.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc,
};

use rpc_core::{CloseReason, Limits, transport::TlsConfigError};

use super::{calls::Closings, *};

/// How the first call fails, and what that says of the call; the server then serves an honest client.
#[track_caller]
fn check(server: &Running, tls: TlsClient, expected: TlsError, honest: TlsClient) {
    let failed = match connect(tls, server) {
        Err(error) => Error::Transport(error),
        Ok(echo) => echo.echo(b"").unwrap_err(),
    };
    let Error::Transport(failed) = failed else { panic!("{failed:?}") };
    assert_eq!((failed.kind, failed.outcome), (TransportErrorKind::Tls(expected), Outcome::NotSent));
    assert_eq!(connect(honest, server).unwrap().echo(b"next").unwrap(), b"next");
}

#[test]
fn a_client_refuses_a_server_that_can_t_prove_who_it_is() {
    let authority = Authority::new();
    let bind = |identity: &Identity| server().bind_tls("127.0.0.1:0", identity.server()).unwrap();
    let good = start(&authority);
    check(&good, Authority::new().client(), TlsError::UnknownIssuer, authority.client());
    let other_name = authority.client().with_server_name("elsewhere.example").unwrap();
    check(&good, other_name, TlsError::WrongName, authority.client());
    let expired = bind(&authority.expired(&["127.0.0.1"]));
    let error = connect(authority.client(), &expired).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Tls(TlsError::Expired));
}

#[test]
fn a_server_refuses_a_client_that_can_t_prove_who_it_is() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let tls = servers.server().with_client_roots(clients.pem.as_bytes()).unwrap();
    let server = server().bind_tls("127.0.0.1:0", tls).unwrap();
    let with = |identity: &Identity| {
        servers.client().with_certificate(identity.chain.as_bytes(), identity.key.as_bytes()).unwrap()
    };
    let honest = || with(&clients.identity(&["a-client"]));
    check(&server, servers.client(), TlsError::CertificateRefused, honest());
    check(&server, with(&Authority::new().identity(&["a-client"])), TlsError::CertificateRefused, honest());
    check(&server, with(&clients.expired(&["a-client"])), TlsError::CertificateRefused, honest());
}

#[test]
fn the_observer_is_told_why_a_handshake_failed() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let tls = servers.server().with_client_roots(clients.pem.as_bytes()).unwrap();
    let (closings, closed) = mpsc::sync_channel(16);
    let server = server().observer(Closings(closings)).bind_tls("127.0.0.1:0", tls).unwrap();
    let told = || closed.recv_timeout(Duration::from_secs(60)).unwrap();
    drop(connect(servers.client(), &server));
    assert_eq!(told(), CloseReason::Tls(TlsError::NoCertificate));
    drop(connect(clients.client(), &server));
    assert_eq!(told(), CloseReason::Tls(TlsError::CertificateRefused));
    TcpStream::connect(server.address()).unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(told(), CloseReason::Tls(TlsError::NotTls));
    drop(TcpStream::connect(server.address()).unwrap());
    assert_eq!(told(), CloseReason::Tls(TlsError::Ended));
}

#[test]
fn a_peer_without_tls_and_one_with_it_part_at_once() {
    let authority = Authority::new();
    let encrypted = start(&authority);
    let plain = EchoClient::new(Channel::connect(&encrypted.address().to_string()).unwrap());
    assert!(plain.echo(b"").is_err());
    let unencrypted = server().bind("127.0.0.1:0").unwrap();
    let error = connect(authority.client(), &unencrypted).unwrap_err();
    assert_eq!((error.kind, error.outcome), (TransportErrorKind::Tls(TlsError::Ended), Outcome::NotSent));
    // Bytes that are no TLS are answered with an alert, not with silence.
    let mut stream = TcpStream::connect(encrypted.address()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.first(), Some(&0x15), "{answer:?}");
}

#[test]
fn a_peer_that_is_silent_in_its_handshake_is_cut_at_the_hello_s_deadline() {
    let authority = Authority::new();
    let limits = Limits::new().with_hello_wait(Duration::from_millis(50)).unwrap();
    let server = server().limits(limits).bind_tls("127.0.0.1:0", authority.server()).unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&[0x16, 0x03]).unwrap(); // the beginning of a handshake
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0);
}

#[test]
fn certificates_and_keys_that_do_not_fit_are_refused_by_name() {
    let authority = Authority::new();
    let (one, other) = (authority.identity(&["localhost"]), authority.identity(&["localhost"]));
    fn server(chain: &str, key: &str) -> Option<TlsConfigError> {
        TlsServer::new(chain.as_bytes(), key.as_bytes()).err()
    }
    assert_eq!(server(&one.chain, &one.key), None);
    assert_eq!(server(&one.chain, &other.key), Some(TlsConfigError::KeyMismatch));
    assert_eq!(server("", &one.key), Some(TlsConfigError::NoCertificate));
    assert_eq!(server(&one.chain, ""), Some(TlsConfigError::NoKey));
    assert_eq!(server(&one.chain, &one.chain), Some(TlsConfigError::NoKey));
    assert_eq!(server(&one.chain.replace("-----END", "-----"), &one.key), Some(TlsConfigError::NotPem));
    let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(server(bad, &one.key), Some(TlsConfigError::BadCertificate));
    assert_eq!(TlsClient::new(bad.as_bytes()).err(), Some(TlsConfigError::BadCertificate));
    assert_eq!(TlsClient::new(b"").err(), Some(TlsConfigError::NoCertificate));
    let named = authority.client().with_server_name("not a name");
    assert_eq!(named.err(), Some(TlsConfigError::BadName));
    let shown = format!("{:?} {:?}", authority.client(), one.server());
    assert_eq!(shown, "TlsClient { roots: 1, server_name: None, .. } TlsServer { .. }");
}
