//! A client process that adds marks one after the other and prints a line for each that was acknowledged: its label and its
//! number. Tests start many of these at once, and kill the server under them.
//!
//! `add_marks ADDRESS PROMOTION NUMBER PREFIX COUNT`, with the session ID in hexadecimal on standard input: a secret is no
//! argument. A mark whose call failed has a line that begins with `?`, and the next one is tried.

use std::{
    env, io,
    io::{BufRead, Write},
    process::ExitCode,
};

use grades_api::{
    Grades,
    model::{Coefficient, Mark, SessionId},
};
use grades_client::Connection;
use tests::hex;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, promotion, number, prefix, count] = arguments.as_slice() else {
        eprintln!("usage: add_marks ADDRESS PROMOTION NUMBER PREFIX COUNT");
        return ExitCode::from(2);
    };
    match add(address, promotion, number, prefix, count) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn add(
    address: &str,
    promotion: &str,
    number: &str,
    prefix: &str,
    count: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut secret = String::new();
    io::stdin().lock().read_line(&mut secret)?;
    let id = <[u8; 32]>::try_from(hex(&secret)).map_err(|_| "a session ID has 32 bytes")?;
    let session = Connection::open(address)?.resume(SessionId::from_bytes(id));
    let (mark, coefficient): (Mark, Coefficient) = ("12.5".parse()?, "1".parse()?);
    let mut out = io::stdout().lock();
    for position in 0..count.parse::<u32>()? {
        let label = format!("{prefix}-{position}");
        match session.grades.add_mark(promotion, number, mark, coefficient, &label) {
            Ok(id) => writeln!(out, "{label} {id}")?,
            Err(error) => writeln!(out, "? {label} {:?}: {error}", error.outcome())?,
        }
        out.flush()?; // what was acknowledged has to be known even if this process dies next
    }
    Ok(())
}
