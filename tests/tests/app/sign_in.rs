//! Signing in: who gets a session, who does not, and what a refusal gives away.

use std::{fs, os::unix::fs::PermissionsExt};

use tests::{ADMINISTRATOR, Cli, PASSWORD, RunningServer, School, run_to_end};

const OTHER_PASSWORD: &str = "eleven herons by the weir";

fn add_account(cli: &Cli, name: &str, password: &str) -> tests::Finished {
    cli.run_with_input(["account", "add", name, "--role", "teacher", "--password-stdin"], &format!("{password}\n"))
}

#[test]
fn a_login_leaves_a_session_file_that_only_its_owner_can_read() {
    let server = RunningServer::start();
    let cli = server.visitor();
    let printed = cli.login(ADMINISTRATOR, PASSWORD).ok();
    let mode = fs::metadata(cli.session_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = fs::read_to_string(cli.session_file()).unwrap();
    assert!(!kept.contains(PASSWORD) && !printed.contains(PASSWORD));
    let who = cli.json(["whoami"]);
    assert_eq!([&who["name"], &who["role"]], [ADMINISTRATOR, "administrator"], "{who}");
}

#[test]
fn an_unknown_name_and_a_wrong_password_are_refused_in_the_same_words() {
    let server = RunningServer::start();
    let wrong = server.visitor().login(ADMINISTRATOR, OTHER_PASSWORD).fails(4);
    let unknown = server.visitor().login("nobody", OTHER_PASSWORD).fails(4);
    assert_eq!(wrong.replace(ADMINISTRATOR, "NAME"), unknown.replace("nobody", "NAME"));
    assert!(!server.visitor().session_file().exists());
}

#[test]
fn a_password_is_no_argument() {
    let server = RunningServer::start();
    server.visitor().run(["login", ADMINISTRATOR, PASSWORD]).fails(2);
}

#[test]
fn a_password_is_judged_by_length_and_by_what_attackers_try_first() {
    #[track_caller]
    fn check(cli: &Cli, name: &str, password: &str, code: i32) {
        assert_eq!(add_account(cli, name, password).code, code, "{name}: {password:?}");
    }
    let server = RunningServer::start();
    let cli = server.administrator();
    check(&cli, "short", "fourteen chars", 8);
    check(&cli, "enough", "fifteen char s.", 0);
    check(&cli, "longest", &"long pass ".repeat(12).chars().chain("12345678".chars()).collect::<String>(), 0);
    check(&cli, "too-long", &"long pass ".repeat(13), 8);
    check(&cli, "most-bytes", &('\u{1f300}'..='\u{1f37f}').collect::<String>(), 0); // 128 characters, 512 bytes
    check(&cli, "one-character", &"\u{1f3bb}".repeat(20), 8);
    check(&cli, "accents", "huître à l'étouffée", 0);
    check(&cli, "common", "passwordpassword", 8);
    check(&cli, "leonardo", "leonardo leonardo", 8);
}

#[test]
fn a_changed_password_replaces_the_old_one_and_ends_the_other_sessions() {
    let school = School::open();
    let elsewhere = school.server.signed_in("tess");
    let passwords = format!("{PASSWORD}\n{OTHER_PASSWORD}\n");
    school.teacher.run_with_input(["passwd", "--password-stdin"], &passwords).ok();
    school.teacher.run(["whoami"]).ok();
    elsewhere.run(["whoami"]).fails(4);
    school.server.visitor().login("tess", PASSWORD).fails(4);
    let wrong = format!("{PASSWORD}\n{OTHER_PASSWORD} too\n");
    school.teacher.run_with_input(["passwd", "--password-stdin"], &wrong).fails(4);
}

#[test]
fn a_reset_password_signs_in_and_the_old_one_does_not() {
    let school = School::open();
    let input = format!("{OTHER_PASSWORD}\n");
    school.administrator.run_with_input(["account", "password", "tess", "--password-stdin"], &input).ok();
    school.teacher.run(["whoami"]).fails(4);
    school.server.visitor().login("tess", OTHER_PASSWORD).ok();
    school.server.visitor().login("tess", PASSWORD).fails(4);
}

#[test]
fn a_disabled_account_can_not_sign_in_until_it_is_enabled() {
    let school = School::open();
    school.administrator.run(["account", "disable", "tess"]).ok();
    let refused = school.server.visitor().login("tess", PASSWORD).fails(4);
    let unknown = school.server.visitor().login("nobody", PASSWORD).fails(4);
    assert_eq!(refused.replace("tess", "NAME"), unknown.replace("nobody", "NAME"), "disabled shows");
    school.administrator.run(["account", "enable", "tess"]).ok();
    school.server.visitor().login("tess", PASSWORD).ok();
}

#[test]
fn the_last_administrator_stays_one() {
    let server = RunningServer::start();
    let cli = server.administrator();
    cli.run(["account", "disable", ADMINISTRATOR]).fails(7);
    cli.run(["account", "role", ADMINISTRATOR, "teacher"]).fails(7);
    cli.run(["whoami"]).ok();
}

#[test]
fn a_second_first_administrator_is_refused() {
    let server = RunningServer::start();
    let refused = RunningServer::init(&server.data(), "usurper", PASSWORD);
    assert_ne!(refused.code, 0, "{refused}");
    server.visitor().login("usurper", PASSWORD).fails(4);
}

#[test]
fn a_login_without_a_password_on_a_pipe_is_refused_and_not_waited_for() {
    let server = RunningServer::start();
    let refused = run_to_end(server.visitor().prepared().args(["login", ADMINISTRATOR]), "");
    assert_ne!(refused.code, 0, "{refused}");
    let refused = server.visitor().run_with_input(["login", ADMINISTRATOR, "--password-stdin"], "");
    assert_ne!(refused.code, 0, "{refused}");
}
