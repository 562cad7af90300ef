//! Connections to a database over TCP: encrypted to whoever can prove to be the host of the URL and to nobody else, and
//! given up where the database has stopped although its machine answers.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::{Duration, Instant},
};

use grades_api::{Accounts as _, Grades as _, model::Password};
use grades_client::Connection;
use grades_server::{Config, GradesServer, InitError, OpenError, PasswordCost, StoreAddress, SystemClock, init};
use rpc_core::CallOptions;
use tempfile::TempDir;
use tests::{ADMINISTRATOR, Machine, PASSWORD, RunningServer, free_port};

/// A database of its own; `None`, and said so, where PostgreSQL is not installed.
fn machine(folder: &TempDir) -> Option<Machine> {
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap(); // PostgreSQL may be another user
    let machine = Machine::new(folder.path(), free_port(), "");
    if machine.is_none() {
        eprintln!("SKIPPED: PostgreSQL is not installed");
    }
    machine
}

fn make_store(url: &str) -> Result<(), InitError> {
    let address: StoreAddress = url.parse().unwrap();
    init(address, ADMINISTRATOR, &Password::new(PASSWORD), PasswordCost::FOR_TESTS, &SystemClock)
}

fn serve(url: &str) -> GradesServer {
    let store: StoreAddress = url.parse().unwrap();
    let mut config = Config::new(store);
    config.listen.set_port(0);
    config.password_cost = PasswordCost::FOR_TESTS;
    GradesServer::start(config).unwrap()
}

#[test]
fn a_database_over_tls_is_served_if_it_is_the_host_of_the_url_and_otherwise_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut database) = machine(&folder) else { return };
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    for (directory, host) in [(&own, "localhost"), (&other, "localhost")] {
        RunningServer::dev_cert(directory, &["--host", host]).ok();
    }
    database.encrypt(&own.join("server.pem"), &own.join("server.key"));
    database.start();
    let url = |host: &str, rest: &str| format!("postgres://grades@{host}:{}/postgres{rest}", database.port());
    let verified = |host: &str, by: &Path| url(host, &format!("?sslmode=verify-full&sslrootcert={}", by.display()));

    let refused = [
        ("a certificate for another name", verified("127.0.0.1", &own.join("ca.pem"))),
        ("a certificate of another authority", verified("localhost", &other.join("ca.pem"))),
        ("no encryption", url("localhost", "?sslmode=disable")),
        ("no encryption, unsaid", url("localhost", "")),
    ];
    for (why, url) in refused {
        assert!(matches!(make_store(&url), Err(InitError::Open(_))), "{why}");
    }
    let good = verified("localhost", &own.join("ca.pem"));
    make_store(&good).unwrap();
    let server = serve(&good);
    let connection = Connection::open(&server.address().to_string()).unwrap();
    connection.login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap().grades.create_promotion("L3").unwrap();
    let seen = "SELECT DISTINCT version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE application_name = 'grades-server'";
    assert_eq!(database.sql("postgres", seen), "TLSv1.3");
}

#[test]
fn a_database_that_asks_for_certificates_is_served_with_that_of_its_user() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut database) = machine(&folder) else { return };
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    RunningServer::dev_cert(&own, &["--host", "localhost", "--client", "grades", "--client", "somebody"]).ok();
    RunningServer::dev_cert(&other, &["--host", "localhost", "--client", "grades"]).ok();
    database.encrypt(&own.join("server.pem"), &own.join("server.key"));
    database.ask_for_certificates(&own.join("ca.pem"));
    database.start();
    let authority = own.join("ca.pem");
    let verified = format!(
        "postgres://grades@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}",
        database.port(),
        authority.display()
    );
    let showing = |certificate: &Path, key: &Path| {
        format!("{verified}&sslcert={}&sslkey={}", certificate.display(), key.display()).replace("/own/", "%2Fown%2F")
    };
    let of = |folder: &Path, name: &str| (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));

    let [(certificate, key), (somebody, somebodys_key), (stranger, strangers_key)] =
        [of(&own, "grades"), of(&own, "somebody"), of(&other, "grades")];
    for (why, url) in [
        ("no certificate", verified.clone()),
        ("a certificate of another user", showing(&somebody, &somebodys_key)),
        ("a certificate of another authority", showing(&stranger, &strangers_key)),
    ] {
        let refused = make_store(&url);
        assert!(matches!(refused, Err(InitError::Open(OpenError::Postgres(_)))), "{why}: {refused:?}");
    }
    let good = showing(&certificate, &key);
    make_store(&good).unwrap();
    let server = serve(&good);
    let connection = Connection::open(&server.address().to_string()).unwrap();
    connection.login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap().grades.create_promotion("L3").unwrap();
}

#[test]
fn a_certificate_for_the_database_that_can_not_be_shown_is_told_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    RunningServer::dev_cert(folder.path(), &["--host", "localhost", "--client", "one", "--client", "two"]).ok();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let empty = file("empty.pem");
    fs::write(&empty, "").unwrap();
    let exposed = file("exposed.key");
    fs::copy(file("one.key"), &exposed).unwrap();
    fs::set_permissions(&exposed, Permissions::from_mode(0o640)).unwrap();
    let check = |rest: &str, expected: &[&str]| {
        let authority = file("ca.pem");
        let url = format!("postgres://grades@localhost:1/postgres?sslmode=verify-full&sslrootcert={authority}{rest}");
        let complaint = RunningServer::try_run(&["--store", &url, "--listen", "127.0.0.1:0"]).fails(1);
        for part in expected {
            assert!(complaint.contains(part), "{part:?} is not said of {rest}:\n{complaint}");
        }
    };
    let (certificate, key) = (file("one.pem"), file("one.key"));
    check(&format!("&sslcert={certificate}"), &["sslcert=FILE and sslkey=FILE"]);
    check(&format!("&sslkey={key}"), &["sslcert=FILE and sslkey=FILE"]);
    let pair = |certificate: &str, key: &str, expected: &[&str]| {
        check(&format!("&sslcert={certificate}&sslkey={key}"), expected);
    };
    pair(&file("nothing.pem"), &key, &["can't read", "nothing.pem"]);
    pair(&certificate, &file("nothing.key"), &["can't read", "nothing.key"]);
    pair(&certificate, &exposed, &["others may read the private key", "exposed.key"]);
    pair(&certificate, &file("two.key"), &["two.key", "is not the one of the certificate", "one.pem"]);
    pair(&empty, &key, &["empty.pem", "there is no certificate in it"]);
    pair(&key, &key, &["one.key", "there is no certificate in it"]);
    pair(&certificate, &key, &["PostgreSQL can't use the store"]); // nobody listens there: the files are good
}

#[test]
fn a_server_that_does_not_encrypt_is_not_talked_to_by_one_that_was_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut database) = machine(&folder) else { return };
    RunningServer::dev_cert(&folder.path().join("tls"), &["--host", "localhost"]).ok();
    database.start();
    let authority = folder.path().join("tls/ca.pem");
    let url = format!("postgres://grades@localhost:{}/postgres", database.port());
    let refused = make_store(&format!("{url}?sslmode=verify-full&sslrootcert={}", authority.display()));
    assert!(matches!(refused, Err(InitError::Open(_))), "{refused:?}");
    make_store(&url).unwrap();
}

#[test]
fn a_database_that_has_stopped_is_given_up_and_found_again_when_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut database) = machine(&folder) else { return };
    database.start();
    let url = format!("postgres://grades@127.0.0.1:{}/postgres", database.port());
    make_store(&url).unwrap();
    let server = serve(&url);
    let connection = Connection::open(&server.address().to_string()).unwrap();
    let session = connection.login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap();
    database.pause();
    let began = Instant::now();
    // A call that is not made again, and waits longer than the server for its database: it is the server that gives up.
    let patient = connection.accounts().with(CallOptions::new().deadline(Duration::from_secs(30)));
    let refused = patient.login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap_err();
    assert!(matches!(refused, rpc_core::Error::Refused(_)), "{refused:?} after {:?}", began.elapsed());
    database.resume();
    session.grades.create_promotion("L3").unwrap();
    assert_eq!(session.grades.promotions().unwrap().len(), 1);
}
