//! The command line, and the terms on which it asks the suites to run.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::suite::{ALL, Suite};

pub(crate) const USAGE: &str = "usage: tests/hostile [--long] [SUITE]…
       tests/hostile --list
  SUITE     only these suites (default: all)
  --long    also what takes time or a quiet machine: latencies, memory, full limits
  --list    the suites, with what each is about
  SEED=…    in the environment: repeats the random choices of an earlier run";

/// What to do.
pub(crate) enum Arguments {
    Run { suites: Vec<&'static Suite>, terms: Terms },
    List,
    Help,
}

/// The same for all suites of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Whether figures are judged that depend on the machine: times, resident memory.
    pub(crate) long: bool,
    /// Decides every random choice.
    pub(crate) seed: u64,
}

impl Arguments {
    /// Reads the arguments, or says how they should read.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let (mut suites, mut long) = (Vec::new(), false);
        for word in words {
            match word.as_str() {
                "--long" => long = true,
                "--list" => return Ok(Self::List),
                "--help" => return Ok(Self::Help),
                // Both `--suite NAME` and a bare name.
                "--suite" => {}
                name => suites.push(ALL.iter().find(|suite| suite.name == name).ok_or(USAGE)?),
            }
        }
        if suites.is_empty() {
            suites = ALL.iter().collect();
        }
        let seed = match std::env::var("SEED") {
            Ok(text) => text.parse().map_err(|_| "SEED is a number")?,
            Err(_) => fresh_seed(),
        };
        Ok(Self::Run { suites, terms: Terms { long, seed } })
    }
}

fn fresh_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or_default()
}
