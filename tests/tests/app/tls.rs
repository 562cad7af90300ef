//! TLS as operators and users meet it: certificates for development, what the server refuses to start with, what the
//! command remembers, and what an outsider sees on the wire.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tests::{ADMINISTRATOR, Cli, PASSWORD, RunningServer};

/// A folder with certificates of `dev-cert`.
struct Certificates(TempDir);

impl Certificates {
    fn new(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = [&["--host", "localhost", "--host", "127.0.0.1"], more].concat();
        RunningServer::dev_cert(folder.path(), &arguments).ok();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn server(&self, more: &[&str]) -> RunningServer {
        let (certificate, key) = (self.text("server.pem"), self.text("server.key"));
        RunningServer::start_with(&[&["--tls-cert", &certificate, "--tls-key", &key], more].concat())
    }
}

/// Signs in over TLS.
fn login(user: &Cli, tls: &[&str]) -> tests::Finished {
    let arguments = [tls, &["login", ADMINISTRATOR, "--password-stdin"]].concat();
    user.run_with_input(arguments, &format!("{PASSWORD}\n"))
}

#[test]
fn a_session_that_began_over_tls_goes_on_over_tls() {
    let certificates = Certificates::new(&[]);
    let server = certificates.server(&[]);
    let user = server.visitor();
    login(&user, &["--ca", &certificates.text("ca.pem")]).ok();
    user.run(["promotion", "add", "L3"]).ok();
    user.run(["whoami"]).ok();
    // Not even a new login falls back to plaintext.
    login(&user, &[]).ok();
    // Without its authority nothing is sent at all.
    fs::remove_file(certificates.path("ca.pem")).unwrap();
    let complaint = user.run(["whoami"]).fails(1);
    assert!(complaint.contains("ca.pem"), "{complaint}");
}

#[test]
fn peers_that_do_not_fit_are_told_what_to_do() {
    let certificates = Certificates::new(&[]);
    let server = certificates.server(&[]);
    #[track_caller]
    fn check(user: &Cli, tls: &[&str], expected: &str) {
        let complaint = login(user, tls).fails(3);
        assert!(complaint.contains(expected), "{complaint}");
    }
    check(&server.visitor(), &[], "--ca");
    let others = Certificates::new(&[]);
    check(&server.visitor(), &["--ca", &others.text("ca.pem")], "--ca");
    let plain = RunningServer::start();
    check(&plain.visitor(), &["--ca", &certificates.text("ca.pem")], "--tls-cert");
    server.visitor().run(["--cert", &certificates.text("ca.pem"), "whoami"]).fails(2);
}

#[test]
fn a_server_that_asks_for_certificates_serves_only_clients_that_have_one() {
    let certificates = Certificates::new(&["--client", "office"]);
    let ca = certificates.text("ca.pem");
    let server = certificates.server(&["--tls-client-ca", &ca]);
    let complaint = login(&server.visitor(), &["--ca", &ca]).fails(3);
    assert!(complaint.contains("--cert"), "{complaint}");
    let user = server.visitor();
    let (certificate, key) = (certificates.text("office.pem"), certificates.text("office.key"));
    login(&user, &["--ca", &ca, "--cert", &certificate, "--key", &key]).ok();
    user.run(["whoami"]).ok();
}

#[test]
fn what_crosses_a_connection_can_not_be_read_on_the_way() {
    let certificates = Certificates::new(&[]);
    let server = certificates.server(&[]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    // A hello without TLS: the answer is an alert, and holds nothing of the protocol.
    stream.write_all(b"\x13\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x0aTLVRPC\r\n\x11\x01\0\0\0\x21\0\0\x40\0").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.first(), Some(&0x15), "{answer:?}");
    assert!(!answer.windows(6).any(|window| window == b"TLVRPC"));
}

#[test]
fn a_server_refuses_files_that_do_not_fit() {
    let certificates = Certificates::new(&[]);
    let others = Certificates::new(&[]);
    let store = tempfile::tempdir().unwrap();
    let data = store.path().join("store");
    RunningServer::init(&data, ADMINISTRATOR, PASSWORD).ok();
    let refuses = |certificate: &Path, key: &Path, expected: &str| {
        let [data, certificate, key] = [&data, certificate, key].map(|path| path.to_str().unwrap());
        let arguments = ["--data", data, "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key];
        let complaint = RunningServer::try_run(&arguments).fails(1);
        assert!(complaint.contains(expected), "{complaint}");
    };
    let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"));
    refuses(&certificate, &others.path("server.key"), "is not the one of the certificate");
    refuses(&certificate, &others.path("nothing.key"), "can't read");
    fs::write(certificates.path("empty.pem"), "").unwrap();
    refuses(&certificates.path("empty.pem"), &key, "there is no certificate in it");
    for mode in [0o604, 0o640, 0o644] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        refuses(&certificate, &key, "others may read the private key");
    }
    RunningServer::try_run(&["--data", data.to_str().unwrap(), "--tls-cert", "server.pem"]).fails(2);
}

#[test]
fn an_address_that_others_reach_needs_tls_or_a_flag_that_says_plaintext() {
    let certificates = Certificates::new(&["--host", "0.0.0.0"]);
    let store = tempfile::tempdir().unwrap();
    let data = store.path().join("store");
    RunningServer::init(&data, ADMINISTRATOR, PASSWORD).ok();
    let data = data.to_str().unwrap();
    let complaint = RunningServer::try_run(&["--data", data, "--listen", "0.0.0.0:0"]).fails(1);
    assert!(complaint.contains("--tls-cert") && complaint.contains("--allow-plaintext"), "{complaint}");
    let server = certificates.server(&["--listen", "0.0.0.0:0"]);
    login(&server.visitor(), &["--ca", &certificates.text("ca.pem")]).ok();
}

#[test]
fn development_certificates_keep_their_keys_to_themselves_and_replace_nothing() {
    let certificates = Certificates::new(&["--client", "office"]);
    for (name, mode) in [("ca.pem", 0o644), ("server.pem", 0o644), ("server.key", 0o600), ("office.key", 0o600)] {
        let found = fs::metadata(certificates.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found & !mode, 0, "{name}: {found:o}");
    }
    assert!(!certificates.path("ca.key").exists(), "the authority can sign nothing more");
    let before = fs::read(certificates.path("ca.pem")).unwrap();
    RunningServer::dev_cert(certificates.0.path(), &["--host", "localhost"]).fails(1);
    assert_eq!(fs::read(certificates.path("ca.pem")).unwrap(), before);
    RunningServer::dev_cert(&certificates.path("new"), &["--host", "localhost", "--client", "../up"]).fails(1);
    RunningServer::dev_cert(&certificates.path("new"), &[]).fails(2);
}
