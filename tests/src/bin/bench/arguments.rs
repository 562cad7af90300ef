//! The command line: what a person asks for, and the two modes in which the benchmark starts itself.

use std::time::Duration;

use crate::{row::Row, run::Run, scenario::Scenario};

pub(crate) const USAGE: &str = "[--rounds N] [--seconds S] [--rows ROW,…] [--json FILE] [SCENARIO]…
  scenarios: free same split pipeline threads connections echo idle   (default: all)
             threads=N connections=N pipeline=N echo=BYTES idle=N     with another amount
             growth                                                   connections, threads and bytes from few to many
  --rounds N    rounds in which all rows take turns; medians are quoted (default 5)
  --seconds S   measured time of each row in each round, after a fifth of it as warm-up (default 2)
  --rows ROW,…  only these rows; ratios are to the first
  --json FILE   writes every figure of every round";

/// What to do.
pub(crate) struct Arguments {
    pub(crate) mode: Mode,
    pub(crate) rounds: usize,
    pub(crate) seconds: Duration,
    pub(crate) json: Option<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) scenarios: Vec<Scenario>,
}

/// Which process this is.
pub(crate) enum Mode {
    Driver,
    /// Says how the arguments read.
    Help,
    Server(Row),
    Client(Row, Run),
}

impl Arguments {
    /// Reads the arguments; none if they make no sense.
    pub(crate) fn parse(rows: &[Row], mut words: impl Iterator<Item = String>) -> Option<Self> {
        let row = |name: &str| rows.iter().copied().find(|row| row.name == name);
        let (mut rounds, mut time, mut json) = (5, Duration::from_secs(2), None);
        let (mut mode, mut chosen, mut scenarios) = (Mode::Driver, rows.to_vec(), Vec::new());
        while let Some(word) = words.next() {
            match word.as_str() {
                "--rounds" => rounds = words.next()?.parse().ok()?,
                "--seconds" => time = Duration::try_from_secs_f64(words.next()?.parse().ok()?).ok()?,
                "--json" => json = Some(words.next()?),
                "--rows" => chosen = words.next()?.split(',').map(row).collect::<Option<_>>()?,
                "--help" => mode = Mode::Help,
                "--as-server" => mode = Mode::Server(row(&words.next()?)?),
                "--as-client" => {
                    let row = row(&words.next()?)?;
                    let scenario = Scenario::from_name(&words.next()?)?;
                    let (port, server) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                    mode = Mode::Client(row, Run { scenario, port, server, time });
                }
                "growth" => scenarios.extend(Scenario::growth()),
                name => scenarios.push(Scenario::from_name(name)?),
            }
        }
        if scenarios.is_empty() {
            scenarios = Scenario::all();
        }
        Some(Self { mode, rounds, seconds: time, json, rows: chosen, scenarios })
    }
}
