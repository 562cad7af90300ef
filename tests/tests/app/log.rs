//! The log is for the operator: a server whose log can't be written serves on.

use std::{fs::File, io, process::Stdio};

use tests::{ADMINISTRATOR, PASSWORD, RunningServer};

/// A wrong password is logged as a warning, by the thread that then answers; so is everything before it.
#[track_caller]
fn check(log: impl Into<Stdio>) {
    let server = RunningServer::start_with_log(log);
    for stranger in ["nobody", "somebody"] {
        let visitor = server.visitor();
        visitor.login(stranger, "eleven herons by the weir").fails(4);
        visitor.login(ADMINISTRATOR, PASSWORD).ok();
        visitor.run(["promotion", "add", stranger]).ok();
    }
}

#[test]
fn a_server_whose_log_nobody_reads_serves_on() {
    let (reader, log) = io::pipe().unwrap();
    drop(reader);
    check(log);
}

#[test]
fn a_server_whose_log_has_no_room_serves_on() {
    check(File::options().write(true).open("/dev/full").unwrap());
}
