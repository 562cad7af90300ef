//! Copies of a store under load, through the command line: what was acknowledged before a copy is in it, and a database is
//! copied with its own programs, as the page for operators says.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
};

use grades_api::{Grades, model::Password};
use grades_client::Connection;
use tests::{ADMINISTRATOR, Cluster, PASSWORD, RunningServer, School, binary, psql, run_to_end};

#[test]
fn a_copy_holds_all_that_was_acknowledged_before_it_was_taken() {
    let server = RunningServer::start();
    let session = Connection::open(server.address()).unwrap().login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap();
    session.grades.create_promotion("L3").unwrap();
    session.grades.add_student("L3", "17", "Grace Hopper").unwrap();
    let (acknowledged, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let copy = server.scratch().join("copy");
    let before = thread::scope(|scope| {
        scope.spawn(|| {
            let (mark, coefficient) = ("12.5".parse().unwrap(), "1".parse().unwrap());
            while !stop.load(Ordering::Relaxed) {
                session.grades.add_mark("L3", "17", mark, coefficient, "m").unwrap();
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        });
        while acknowledged.load(Ordering::SeqCst) < 20 {
            thread::yield_now();
        }
        let before = acknowledged.load(Ordering::SeqCst);
        let mut backup = Command::new(binary("grades-server"));
        run_to_end(backup.args(["backup", "--data"]).arg(server.data()).arg(&copy), "").ok();
        stop.store(true, Ordering::Relaxed);
        before
    });
    let restored = server.scratch().join("restored");
    let mut restore = Command::new(binary("grades-server"));
    let told = run_to_end(restore.args(["restore", "--data"]).arg(&restored).arg(&copy), "").ok();
    let marks: u32 =
        told.split(' ').zip(told.split(' ').skip(1)).find(|pair| pair.1 == "marks,").unwrap().0.parse().unwrap();
    assert!(
        (before..=acknowledged.load(Ordering::SeqCst)).contains(&marks),
        "{marks} marks, and {before} acknowledged"
    );
    let mut export = Command::new(binary("grades-server"));
    let export = run_to_end(export.args(["export", "--data"]).arg(&restored).args(["L3", "17"]), "").json();
    assert_eq!(export["marks"].as_array().unwrap().len(), usize::try_from(marks).unwrap());
}

#[test]
fn a_copy_is_not_mixed_with_what_a_killed_server_left_in_its_log() {
    let mut server = RunningServer::start();
    let (data, copy) = (server.data(), server.scratch().join("copy"));
    let mut backup = Command::new(binary("grades-server"));
    run_to_end(backup.args(["backup", "--data"]).arg(&data).arg(&copy), "").ok();
    let session = Connection::open(server.address()).unwrap().login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap();
    for n in 0..6 {
        session.grades.create_promotion(&format!("P{n}")).unwrap();
    }
    server.kill();
    let restore = || {
        let mut restore = Command::new(binary("grades-server"));
        run_to_end(restore.args(["restore", "--data"]).arg(&data).arg(&copy), "")
    };
    fs::rename(data.join("grades.sqlite"), data.join("damaged.sqlite")).unwrap();
    let refused = restore().fails(1);
    assert!(refused.contains("grades.sqlite-wal"), "{refused}");
    // Moved away as a whole the store is whole, and its copy is what was copied.
    fs::rename(data.join("grades.sqlite-wal"), data.join("damaged.sqlite-wal")).unwrap();
    fs::remove_file(data.join("grades.sqlite-shm")).unwrap();
    let told = restore().ok();
    assert!(told.contains("0 promotions"), "{told}");
    let mut check = Command::new(binary("grades-server"));
    let told = run_to_end(check.args(["check", "--data"]).arg(data.join("damaged.sqlite")), "").ok();
    assert!(told.contains("6 promotions"), "{told}");
}

/// `/dev/full` takes nothing, as a full disk does.
#[test]
fn what_can_not_be_written_to_its_end_is_no_success() {
    let school = School::open();
    let to = |file: &str, program: &str, arguments: &str| {
        let mut shell = Command::new("bash");
        let session = school.administrator.session_file().display().to_string();
        shell.args(["-c", &format!("exec {} {arguments} > {file}", binary(program).display())]);
        run_to_end(shell.env("GRADES_SESSION_FILE", session), "")
    };
    let export = format!("export --data {} L3 17", school.server.data().display());
    to("/dev/null", "grades-server", &export).ok();
    to("/dev/full", "grades-server", &export).fails(1);
    for output in ["table", "json", "csv"] {
        let list = format!("--output {output} list L3");
        to("/dev/null", "grades", &list).ok();
        to("/dev/full", "grades", &list).fails(1);
    }
}

#[test]
fn a_database_is_copied_and_restored_as_the_page_shows() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let admin = cluster.url().to_owned();
    psql(&admin, "CREATE DATABASE school");
    let (store, rescued) = (admin.replace("/postgres", "/school"), admin.replace("/postgres", "/rescued"));
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md")).unwrap();
    let commands = page.split("\n```sh\npg_dump").nth(1).unwrap().split("\n```").next().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let mut init = Command::new(binary("grades-server"));
    init.args(["init", "--admin", ADMINISTRATOR, "--password-stdin"]).env("GRADES_STORE", &store);
    run_to_end(&mut init, &format!("{PASSWORD}\n")).ok();
    psql(
        &store,
        "INSERT INTO promotion (name, created_ms) VALUES ('L3', 1);
                  INSERT INTO student (promotion, number, name, position) VALUES (1, '17', 'Grace Hopper', '00217')",
    );
    let programs = binary("grades-server").parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-euc", &format!("pg_dump{commands}")]).current_dir(scratch.path());
    shell.env("PATH", format!("{programs}:{path}")).env("GRADES_STORE", &store);
    shell.env("ADMIN_URL", &admin).env("RESCUED_STORE", &rescued);
    let told = run_to_end(&mut shell, "").ok();
    assert!(told.contains("is good: 1 accounts, 1 promotions, 1 students, 0 marks"), "{told}");
    assert!(told.contains("\"name\": \"Grace Hopper\""), "{told}");
}
