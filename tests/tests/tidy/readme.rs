//! `README.md` against the workspace: its example is the program that is compiled and run, its bytes are those of the call,
//! its commands do what it shows.

use std::{
    convert::Infallible,
    fs,
    io::Read,
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    process::Command,
    thread,
};

use rpc_core::{Channel, Result, Server, dump};
use tests::{RawPeer, binary, example, run_to_end};

use crate::sources::{read, top};

/// What a reader takes in at a glance.
const EXAMPLE_LINES_MAX: usize = 30;

/// The text of the `index`th block of `language` in the README.
fn block(language: &str, index: usize) -> String {
    let readme = read("README.md");
    let fence = format!("\n```{language}\n");
    let block =
        readme.split(&fence).nth(index + 1).unwrap_or_else(|| panic!("README.md has no block {index} of {language}"));
    block.split("\n```").next().unwrap().to_owned() + "\n"
}

#[test]
fn the_example_is_short_and_is_the_program_that_is_compiled() {
    let shown = block("rust", 0);
    assert!(shown.lines().count() < EXAMPLE_LINES_MAX, "{} lines", shown.lines().count());
    let source = read("rpc-core/examples/hello.rs");
    let code: String =
        source.lines().skip_while(|line| line.starts_with("//!")).map(|line| format!("{line}\n")).collect();
    assert_eq!(shown, code, "README.md and rpc-core/examples/hello.rs differ");
}

#[test]
fn the_example_prints_what_the_readme_says() {
    let printed = run_to_end(&mut Command::new(example("hello")), "").ok();
    assert_eq!(printed, "Good morning, Ada!\n");
    assert!(read("README.md").contains(printed.trim()));
}

/// The trait of the example once more: what is private to a program can't be named from here.
#[rpc_core::service(id = 1, name = "greeter", open)]
trait Greeter {
    #[rpc(opcode = 1, idempotent)]
    fn greet(&self, name: &str) -> Result<String, Infallible>;
}

struct Polite;

impl Greeter for Polite {
    fn greet(&self, name: &str) -> Result<String, Infallible> {
        Ok(format!("Good morning, {name}!"))
    }
}

/// Whether the README shows these bytes as the framework's own dump does.
#[track_caller]
fn check(frame: &[u8]) {
    let dump = dump::frame(frame, &[&GreeterClient::SERVICE]).to_string();
    assert!(read("README.md").contains(&dump), "README.md does not show\n{dump}");
}

#[test]
fn the_picture_of_a_call_has_the_bytes_that_are_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let caller = thread::spawn(move || {
        // It ends in an error: nobody answers here.
        drop(GreeterClient::new(Channel::connect(&address.to_string()).unwrap()).greet("Ada"));
    });
    let (mut stream, _) = listener.accept().unwrap();
    drop(listener); // so that nothing is tried again
    frame(&mut stream); // the hello
    let request = frame(&mut stream);
    drop(stream);
    caller.join().unwrap();
    check(&request);

    let server = Server::builder().service(GreeterDispatch::new(Polite)).bind("127.0.0.1:0").unwrap();
    let mut peer = RawPeer::greeted(&server.address().to_string());
    peer.send(&request);
    check(&peer.frame().unwrap().bytes);
}

fn frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    stream.read_exact(&mut bytes).unwrap();
    let length = u32::from_le_bytes(*bytes.first_chunk().unwrap());
    bytes.resize(16 + usize::try_from(length).unwrap(), 0);
    stream.read_exact(&mut bytes[16..]).unwrap();
    bytes
}

#[test]
fn the_two_commands_are_the_first_to_be_shown() {
    assert_eq!(block("sh", 0), "cargo run --release -p grades-client -- demo\ntests/run\n");
    assert!(top().join("tests/run").is_file());
}

/// Plays the README's session at the terminal: a line that begins with `$` is typed, what follows is printed; `…` stands for
/// what differs from time to time. Only the port is another one, because other tests run beside this.
#[test]
fn the_session_at_the_terminal_goes_as_the_readme_shows() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port(); // free again at once
    let scratch = tempfile::tempdir().unwrap();
    symlink(top().join("tests"), scratch.path().join("tests")).unwrap();
    let session = block("console", 0);
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
