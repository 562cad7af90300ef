//! `README.md` against the workspace: its example is the program that is compiled and run, its bytes are those of the call,
//! its commands do what it shows.

use std::{
    convert::Infallible,
    io::Read,
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
};

use rpc_core::{Channel, Result, Server, dump};
use tests::{RawPeer, example, run_to_end};

use crate::{
    sources::{read, top},
    terminal,
};

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

#[test]
fn the_session_at_the_terminal_goes_as_the_readme_shows() {
    terminal::play(&block("console", 0));
}
