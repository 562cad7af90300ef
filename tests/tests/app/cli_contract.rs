//! What scripts rely on: exit codes, the shapes of JSON and CSV, the variables that do what flags do, and how the server
//! program starts and stops.

use std::{fs, net::TcpListener};

use serde_json::Value;
use tests::{Cli, PASSWORD, RawPeer, RunningServer, School, run_to_end};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn each_failure_has_its_exit_code() {
    #[track_caller]
    fn check(cli: &Cli, arguments: &[&str], code: i32) {
        let complaint = cli.run(arguments).fails(code);
        assert!(!complaint.contains("panicked"), "{complaint}");
    }
    let school = School::open();
    let (administrator, teacher, student) = (&school.administrator, &school.teacher, &school.student);
    let nobody = &school.server.visitor();
    let list = school.file("list.txt", "17 12\n");
    let list = list.to_str().unwrap();

    check(teacher, &["frobnicate"], 2);
    check(teacher, &["average"], 2);
    check(nobody, &["whoami"], 4);
    check(nobody, &["list", "L3"], 4);

    check(teacher, &["promotion", "add", "X"], 5);
    check(teacher, &["list", "M1"], 5);
    check(teacher, &["mark", "add", "M1", "21", "12"], 5);
    check(student, &["mark", "add", "L3", "17", "20"], 5);
    check(student, &["mark", "enter", "L3", list, "--label", "oral"], 5);
    check(teacher, &["mark", "enter", "M1", list, "--label", "oral"], 5);

    check(student, &["average", "L3", "18"], 6);
    check(teacher, &["average", "L3", "99"], 6);
    check(administrator, &["average", "nowhere"], 6);
    check(administrator, &["mark", "enter", "nowhere", list, "--label", "oral"], 6);
    check(administrator, &["account", "disable", "nobody"], 6);

    check(administrator, &["promotion", "add", "L3"], 7);
    check(teacher, &["student", "add", "L3", "Another", "--number", "17"], 7);

    check(teacher, &["mark", "add", "L3", "17", "20.01"], 8);
    check(teacher, &["mark", "add", "L3", "17", "good"], 8);
    check(teacher, &["mark", "add", "L3", "17", "12", "--coef", "-1"], 8);
    check(administrator, &["promotion", "add", ""], 8);
    check(administrator, &["promotion", "add", "line\nbreak"], 8);
    check(teacher, &["import", "L3", "no-such-file.csv"], 8);
    check(teacher, &["mark", "enter", "L3", "no-such-file.txt", "--label", "oral"], 8);
    check(teacher, &["mark", "enter", "L3", list, "--label", "exam"], 8);
}

#[test]
fn a_session_that_can_not_be_kept_is_exit_code_1() {
    let server = RunningServer::start();
    Cli::new(server.address(), "/dev/null/session").login("root", PASSWORD).fails(1);
}

#[test]
fn every_command_speaks_json_and_csv_and_to_people() {
    let school = School::open();
    let sheet = school.file("sheet.csv", "student,quiz\n17,12\n");
    let sheet = sheet.to_str().unwrap();
    let mut commands: Vec<String> = [
        "whoami",
        "promotion list",
        "mark history L3 17 exam",
        "average L3",
        "average L3 17",
        "list L3",
        "list L3 17",
        "account list",
        "session list",
        "account enable tess",
        "account attach tess M1",
        "account detach tess M1",
        "account bind sam L3 17",
        "account role tess teacher",
    ]
    .map(str::to_owned)
    .into();
    commands.push(format!("import L3 {sheet} --dry-run"));
    for command in &commands {
        let words = || command.split(' ');
        assert!(school.administrator.json(words()).is_object(), "{command}");
        let csv = school.administrator.run(["--output", "csv"].into_iter().chain(words())).ok();
        let columns = |line: &str| line.split(',').count();
        let header = columns(csv.lines().next().unwrap());
        assert!(csv.lines().count() > 1 || command.contains("history"), "{command}: {csv}");
        assert!(csv.lines().all(|line| line.contains('"') || columns(line) == header), "{command}: {csv}");
        assert!(!school.administrator.run(words()).ok().trim().is_empty(), "{command}");
    }
    // What can be done once only.
    let list = school.file("test.txt", "1 12\n");
    let enter = format!("mark enter P1 {} --label test", list.display());
    for command in [
        "promotion add P1",
        "student add P1 Ada --number 1",
        "mark add P1 1 12 --label oral",
        &enter,
        "mark set P1 1 oral 13 --reason test",
        "student remove P1 1",
        "account unbind sam",
        "account disable sam",
    ] {
        assert!(school.administrator.json(command.split(' ')).is_object(), "{command}");
    }
    assert!(school.administrator.json(["logout"]).is_object());
}

#[test]
fn a_server_that_is_not_there_is_exit_code_3() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(); // closed again: nobody listens
    let scratch = tempfile::tempdir().unwrap();
    let cli = Cli::new(free.to_string(), scratch.path().join("session"));
    cli.login("root", PASSWORD).fails(3);
}

#[test]
fn a_server_that_never_answers_is_exit_code_9() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let cli = Cli::new(silent.local_addr().unwrap().to_string(), scratch.path().join("session"));
    cli.login("root", PASSWORD).fails(9);
}

#[test]
fn the_shapes_of_json_are_those_of_the_contract() {
    let school = School::open();
    let cli = &school.administrator;
    assert_eq!(keys(&cli.json(["average", "L3"])), ["average", "counted", "enrolled", "exact", "pending"]);
    let one = cli.json(["average", "L3", "17"]);
    for key in ["average", "counted", "enrolled", "exact", "pending"] {
        assert!(one.get(key).is_some(), "{key} is missing in {one}");
    }
    let list = cli.json(["list", "L3"]);
    let grace = &list["students"][0];
    assert_eq!(keys(grace), ["average", "marks", "name", "number"]);
    assert_eq!([&grace["number"], &grace["name"], &grace["average"]], ["17", "Grace Hopper", "14.50"]);
    let mark = &grace["marks"][0];
    assert_eq!([&mark["label"], &mark["value"], &mark["coefficient"]], ["exam", "14.5", "2"]);
    let promotions = cli.json(["promotion", "list"]);
    assert_eq!(promotions["promotions"][0], serde_json::json!({"name": "L3", "students": 2}));
    let accounts = cli.json(["account", "list"]);
    let names: Vec<&str> =
        accounts["accounts"].as_array().unwrap().iter().map(|account| account["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["root", "sam", "tess"]);
    let who = school.student.json(["whoami"]);
    assert_eq!(who["student"], serde_json::json!({"promotion": "L3", "number": "17"}));
}

#[test]
fn csv_is_a_header_and_a_row_for_each_mark() {
    let school = School::open();
    let printed = school.teacher.run(["--output", "csv", "list", "L3"]).ok();
    let mut lines = printed.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 2, "{printed}");
    assert_eq!([rows[1][at("number")], rows[1][at("value")], rows[1][at("label")]], ["18", "9", "exam"]);
}

#[test]
fn variables_do_what_the_flags_do_and_flags_win() {
    let school = School::open();
    let named = |server: &str, session: &str| {
        let mut command = Cli::command();
        command.env("GRADES_SERVER", server).env("GRADES_SESSION_FILE", session);
        command
    };
    let session = school.teacher.session_file().to_str().unwrap();
    let address = school.server.address();
    let printed = run_to_end(named(address, session).args(["--output", "json", "whoami"]), "").json();
    assert_eq!(printed["name"], "tess");
    let overridden = ["--server", address, "--session-file", session, "whoami"];
    run_to_end(named("127.0.0.1:1", "/nonexistent/session").args(overridden), "").ok();
    run_to_end(named(address, "/nonexistent/session").arg("whoami"), "").fails(4);
}

#[test]
fn help_and_version_need_no_server() {
    for argument in ["--help", "--version", "help"] {
        assert!(run_to_end(Cli::command().arg(argument), "").ok().contains("grades"), "{argument}");
    }
}

#[test]
fn a_port_in_plaintext_beyond_this_machine_is_refused_without_the_flag_that_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("store");
    RunningServer::init(&data, "root", PASSWORD).ok();
    let refused = RunningServer::try_run(&["--data", data.to_str().unwrap(), "--listen", "0.0.0.0:0"]);
    assert_ne!(refused.code, 0, "{refused}");
    assert!(refused.stderr.contains("plaintext"), "{refused}");
}

#[test]
fn a_store_that_was_never_made_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("nothing");
    let refused = RunningServer::try_run(&["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert_ne!(refused.code, 0, "{refused}");
}

#[test]
fn a_server_that_is_told_to_stop_says_goodbye_and_ends_well() {
    let mut school = School::open();
    let mut peer = RawPeer::greeted(school.server.address());
    school.server.terminate();
    let goodbye = peer.frame().expect("a goodbye");
    assert_eq!((goodbye.kind, goodbye.status), (4, 0x010a), "{goodbye:?}");
    peer.finish();
    peer.until_closed();
    assert_eq!(school.server.wait(), Some(0), "{}", school.server.log());
    school.server.start_again();
    school.teacher.run(["whoami"]).ok();
}

#[test]
fn a_server_whose_port_file_can_not_be_removed_ends_well_all_the_same() {
    let mut server = RunningServer::start();
    fs::remove_file(server.port_file()).unwrap();
    fs::create_dir(server.port_file()).unwrap();
    let mut peer = RawPeer::greeted(server.address());
    server.terminate();
    assert_eq!(peer.frame().expect("a goodbye").kind, 4);
    peer.finish();
    assert_eq!(server.wait(), Some(0), "{}", server.log());
    assert!(server.log().contains("port file"), "{}", server.log());
}

#[test]
fn two_servers_do_not_share_a_store_and_the_second_leaves_the_port_file_of_the_first() {
    let server = RunningServer::start();
    let (data, port_file) = (server.data(), server.port_file());
    let arguments =
        ["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0", "--port-file", port_file.to_str().unwrap()];
    let refused = RunningServer::try_run(&arguments);
    assert_ne!(refused.code, 0, "{refused}");
    assert_eq!(fs::read_to_string(port_file).unwrap().trim(), server.address());
}

#[test]
fn a_demonstration_checks_itself() {
    let printed = run_to_end(Cli::command().arg("demo"), "").ok();
    assert!(printed.contains("11.43"), "{printed}");
    let wire = run_to_end(Cli::command().args(["demo", "--wire"]), "").ok();
    assert!(wire.lines().count() > 3 * printed.lines().count(), "no bytes to be seen:\n{wire}");
}

#[test]
fn a_demonstration_step_by_step_needs_a_terminal() {
    let complaint = run_to_end(Cli::command().args(["demo", "--step"]), "").fails(2);
    assert!(complaint.contains("no terminal"), "{complaint}");
}

#[test]
fn a_demonstration_is_colored_where_that_is_wanted() {
    #[track_caller]
    fn check(environment: &[(&str, &str)], colored: bool) {
        let mut command = Cli::command();
        let printed = run_to_end(command.args(["demo", "--wire"]).envs(environment.iter().copied()), "").ok();
        assert_eq!(printed.contains("\u{1b}["), colored, "{environment:?}");
    }
    check(&[], false);
    check(&[("CLICOLOR_FORCE", "1")], true);
    check(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
}
