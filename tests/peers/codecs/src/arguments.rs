//! What the program is asked to do.

use std::{env, path::PathBuf, process, time::Duration};

/// The command line, read.
pub(crate) struct Arguments {
    pub(crate) rounds: usize,
    /// How long one row does one thing in one round.
    pub(crate) batch: Duration,
    pub(crate) only: Option<String>,
    pub(crate) json: Option<PathBuf>,
}

const USAGE: &str = "\
usage: codecs [--rounds N] [--batch-ms N] [--only call|student|promotion] [--json FILE]

Measures encoding, decoding to owned values and reading every field without owning, of ours and other codecs.
  --rounds N    turns of each row, of which medians are taken (15)
  --batch-ms N  how long a row does one thing in one turn (8)
  --only NAME   one sample alone
  --json FILE   writes all rounds there as well";

impl Arguments {
    /// Reads the command line; ends the program if it makes no sense.
    pub(crate) fn parse() -> Self {
        let mut arguments = Self { rounds: 15, batch: Duration::from_millis(8), only: None, json: None };
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            if word == "--help" {
                println!("{USAGE}");
                process::exit(0);
            }
            let Some(value) = words.next() else { refuse(&format!("{word} needs a value, or is unknown")) };
            let number = || value.parse().unwrap_or_else(|_| refuse(&format!("{word} needs a number")));
            match word.as_str() {
                "--rounds" => arguments.rounds = usize::max(1, number() as usize),
                "--batch-ms" => arguments.batch = Duration::from_millis(number()),
                "--only" => arguments.only = Some(value),
                "--json" => arguments.json = Some(value.into()),
                _ => refuse(&format!("{word} is unknown")),
            }
        }
        arguments
    }
}

fn refuse(why: &str) -> ! {
    eprintln!("codecs: {why}\n{USAGE}");
    process::exit(2);
}
