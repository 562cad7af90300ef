//! The command line: which suites, how long, from which seed.

use crate::suite::Suite;

/// What to do.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) help: bool,
    pub(crate) suites: Vec<Suite>,
    pub(crate) long: bool,
    pub(crate) seed: u64,
}

pub(crate) fn usage() -> String {
    let names: Vec<&str> = Suite::ALL.iter().map(|suite| suite.name()).collect();
    format!(
        "usage: tests/durability [--long] [--suite NAME]… [--seed N]
  --long        the figures that are quoted; without it, what the checks have time for
  --suite NAME  one of: {} (default: all)
  --seed N      repeats the choices of a run that printed this seed",
        names.join(" ")
    )
}

impl Arguments {
    /// Reads the arguments, or says how they should read.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut help, mut long, mut suites) = (false, false, Vec::new());
        let mut seed = None;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(usage);
            match word.as_str() {
                "--help" => help = true,
                "--long" => long = true,
                "--suite" => suites.push(Suite::from_name(&value()?).ok_or_else(usage)?),
                "--seed" => seed = Some(value()?.parse().map_err(|_| usage())?),
                _ => return Err(usage()),
            }
        }
        if suites.is_empty() {
            suites = Suite::ALL.to_vec();
        }
        Ok(Self { help, suites, long, seed: seed.unwrap_or_else(new_seed) })
    }
}

/// Another one for each run, from the time and the process: nothing here needs more.
fn new_seed() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_micros() as u64 ^ (u64::from(std::process::id()) << 40)
}
