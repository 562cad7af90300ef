//! A session at the terminal as a page shows it, played against the programs.

use std::{fs, net::TcpListener, os::unix::fs::symlink, process::Command};

use tests::{binary, run_to_end};

use crate::sources::top;

/// Plays a session: a line that begins with `$` is typed, what follows is printed; `…` stands for what differs from time to
/// time. Only the port is another one, because other tests run beside this.
pub(crate) fn play(session: &str) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port(); // free again at once
    let scratch = tempfile::tempdir().unwrap();
    symlink(top().join("tests"), scratch.path().join("tests")).unwrap();
    let mut script = String::from("exec 2>&1; trap 'kill $! 2>/dev/null; wait' EXIT\n");
    for command in session.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let run = command.replace("run --data school", &format!("run --data school --listen 127.0.0.1:{port}"));
        script.push_str(&format!("printf '$ %s\\n' {}\n{run}\n", quoted(command)));
        if command.ends_with('&') {
            script.push_str(&format!("until (: </dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.02; done\n"));
        }
    }
    let file = scratch.path().join("session.sh");
    fs::write(&file, script).unwrap();
    let programs = binary("grades").parent().unwrap().to_owned();
    let mut command = Command::new("bash");
    command.arg(&file).current_dir(scratch.path()).env_clear().env("HOME", scratch.path());
    command
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env("GRADES_SERVER", format!("127.0.0.1:{port}"));
    let printed = run_to_end(&mut command, "").stdout.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:7878");
    for (line, (shown, printed)) in session.lines().zip(printed.lines().chain(std::iter::repeat(""))).enumerate() {
        assert!(matches(shown, printed), "line {line} of the session:\nshown   {shown}\nprinted {printed}");
    }
    assert_eq!(session.lines().count(), printed.lines().count(), "{printed}");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a printed line is the one shown, in which `…` stands for anything.
fn matches(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    for part in parts {
        let Some(at) = rest.rfind(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || shown.ends_with('…')
}
