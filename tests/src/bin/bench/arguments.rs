//! The command line: what a person asks for, and the two modes in which the benchmark starts itself.

use std::time::Duration;

use crate::{process::Row, scenario::Scenario};

pub(crate) const USAGE: &str = "usage: tests/bench [--rounds N] [--seconds S] [--json FILE] [SCENARIO]…
  scenarios: free same split pipeline threads connections echo idle   (default: all)
  --rounds N    rounds in which all rows take turns; medians are quoted (default 5)
  --seconds S   measured time of each row in each round, after a fifth of it as warm-up (default 2)
  --json FILE   writes every figure of every round";

/// What to do.
pub(crate) struct Arguments {
    pub(crate) mode: Mode,
    pub(crate) rounds: usize,
    pub(crate) seconds: Duration,
    pub(crate) json: Option<String>,
    pub(crate) scenarios: Vec<Scenario>,
}

/// Which process this is.
pub(crate) enum Mode {
    Driver,
    /// Says how the arguments read.
    Help,
    Server {
        row: Row,
    },
    Client {
        row: Row,
        scenario: Scenario,
        port: u16,
    },
}

impl Arguments {
    /// Reads the arguments, or says how they should read.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let (mut rounds, mut seconds, mut json) = (5, 2.0, None);
        let (mut mode, mut scenarios) = (Mode::Driver, Vec::new());
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(USAGE);
            match word.as_str() {
                "--rounds" => rounds = value()?.parse().map_err(|_| USAGE)?,
                "--seconds" => seconds = value()?.parse().map_err(|_| USAGE)?,
                "--json" => json = Some(value()?),
                "--help" => mode = Mode::Help,
                "--as-server" => mode = Mode::Server { row: Row::from_name(&value()?).ok_or(USAGE)? },
                "--as-client" => {
                    mode = Mode::Client {
                        row: Row::from_name(&value()?).ok_or(USAGE)?,
                        scenario: Scenario::from_name(&value()?).ok_or(USAGE)?,
                        port: value()?.parse().map_err(|_| USAGE)?,
                    }
                }
                name => scenarios.push(Scenario::from_name(name).ok_or(USAGE)?),
            }
        }
        if scenarios.is_empty() {
            scenarios = Scenario::ALL.to_vec();
        }
        Ok(Self { mode, rounds, seconds: Duration::from_secs_f64(seconds), json, scenarios })
    }
}
