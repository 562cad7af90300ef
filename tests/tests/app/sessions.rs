//! Sessions: what ends one, what outlives a restart, and that a secret is nowhere to be found.

use std::{fs, path::Path};

use tests::{ADMINISTRATOR, Cli, PASSWORD, RawPeer, RunningServer, School};

/// Wire §8, and the number of `accounts.whoami`.
const UNAUTHENTICATED: u16 = 0x0106;
const ACCOUNTS: u16 = 0x41;
const WHOAMI: u16 = 3;

/// Someone who has got hold of the session file.
fn copy_of(school: &School, cli: &Cli) -> Cli {
    let path = school.server.scratch().join("stolen");
    fs::copy(cli.session_file(), &path).unwrap();
    Cli::new(school.server.address(), path)
}

#[test]
fn a_logout_ends_the_session_on_the_server_too() {
    let school = School::open();
    let copy = copy_of(&school, &school.teacher);
    copy.run(["whoami"]).ok();
    school.teacher.run(["logout"]).ok();
    assert!(!school.teacher.session_file().exists());
    copy.run(["whoami"]).fails(4);
    school.teacher.run(["whoami"]).fails(4);
}

#[test]
fn disabling_a_role_change_and_a_reset_end_every_session_of_the_account() {
    let school = School::open();
    let check = |arguments: &[&str]| {
        let (one, two) = (school.server.signed_in("tess"), school.server.signed_in("tess"));
        school.administrator.run_with_input(arguments, &format!("{PASSWORD}\n")).ok();
        one.run(["whoami"]).fails(4);
        two.run(["promotion", "list"]).fails(4);
    };
    check(&["account", "password", "tess", "--password-stdin"]);
    check(&["account", "role", "tess", "student"]);
    check(&["account", "disable", "tess"]);
    school.student.run(["whoami"]).ok(); // nobody else's
}

#[test]
fn an_owner_sees_and_ends_their_own_sessions_and_an_administrator_anyones() {
    let school = School::open();
    let elsewhere = school.server.signed_in("tess");
    let sessions = school.teacher.json(["session", "list"])["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let handle = |current: bool| {
        let found = sessions.iter().find(|session| session["current"] == current).unwrap();
        found["handle"].to_string()
    };
    school.student.run(["session", "list", "tess"]).fails(5);
    school.student.run(["session", "end", &handle(false)]).fails(6);
    school.teacher.run(["session", "end", &handle(false)]).ok();
    elsewhere.run(["whoami"]).fails(4);
    school.teacher.run(["whoami"]).ok();
    assert_eq!(school.administrator.json(["session", "list", "tess"])["sessions"].as_array().unwrap().len(), 1);
    school.administrator.run(["session", "end", &handle(true)]).ok();
    school.teacher.run(["whoami"]).fails(4);
}

#[test]
fn a_session_outlives_a_restart_of_the_server() {
    let mut school = School::open();
    school.server.kill();
    school.teacher.run(["whoami"]).fails(3);
    school.server.start_again();
    assert_eq!(school.teacher.json(["whoami"])["name"], "tess");
}

#[test]
fn a_session_id_that_the_server_did_not_make_is_refused() {
    let server = RunningServer::start();
    let mut peer = RawPeer::greeted(server.address());
    for (call_id, credential) in [(1, &[0x5a; 32][..]), (2, &[]), (3, &[0; 31]), (4, &[0; 33])] {
        peer.send(&RawPeer::request(call_id, ACCOUNTS, WHOAMI, Some(credential), &[]));
        let reply = peer.frame().expect("a reply");
        assert_eq!((reply.call_id, reply.status), (call_id, UNAUTHENTICATED), "{reply:?}");
    }
}

#[test]
fn no_secret_is_at_rest_in_the_store_or_in_the_log() {
    let server = RunningServer::start();
    let session = RawPeer::greeted(server.address()).login(ADMINISTRATOR, PASSWORD);
    let cli = server.administrator();
    cli.run(["login", ADMINISTRATOR, "--password-stdin"]).fails(8);
    let hexadecimal: String = session.iter().map(|byte| format!("{byte:02x}")).collect();
    let places = files_below(&server.data()).into_iter().chain([server.scratch().join("server.log")]);
    let mut searched = 0;
    for place in places {
        let bytes = fs::read(&place).unwrap();
        searched += bytes.len();
        for secret in [PASSWORD.as_bytes(), &session, hexadecimal.as_bytes()] {
            assert!(!contains(&bytes, secret), "a secret in {}", place.display());
        }
        // The search itself works: the name of the account is no secret.
        if place.extension().is_some_and(|extension| extension == "db" || extension == "sqlite") {
            assert!(contains(&bytes, b"CREATE TABLE"), "{} is no store", place.display());
        }
    }
    assert!(searched > 10_000, "only {searched} bytes were searched");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
