//! The command line: what a person asks for, and the two modes in which the benchmark starts itself.

use std::time::Duration;

use crate::{row::Row, run::Run, scenario::Scenario};

/// A benchmark: what it is called, what it measures, and what of it if nobody says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program<'a> {
    pub(crate) name: &'a str,
    pub(crate) rows: &'a [Row],
    pub(crate) usual: &'a [&'a str],
}

impl Program<'_> {
    pub(crate) fn usage(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(|row| format!("\"{}\"", row.name)).collect();
        format!(
            "usage: {} [--rounds N] [--seconds S] [--rows ROW,…] [--json FILE] [SCENARIO[=AMOUNT,…]]…
  scenarios (default {}), with the usual amount:{}
  rows: {}
  --rounds N    rounds in which all rows take turns; medians are quoted (default 5)
  --seconds S   measured time of each row in each round, after a fifth of it as warm-up (default 2)
  --rows ROW,…  only these rows; ratios are to the first
  --json FILE   writes every figure of every round",
            self.name,
            self.usual.join(" "),
            Scenario::lines(self.is_of_the_service()),
            rows.join(" ")
        )
    }

    fn is_of_the_service(&self) -> bool {
        let usual = self.usual.iter().filter_map(|name| Scenario::parse(name)).flatten();
        usual.into_iter().any(Scenario::is_of_the_service)
    }
}

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
    Server(Row, Scenario),
    Client(Row, Run),
}

impl Arguments {
    /// Reads the arguments; none if they make no sense.
    pub(crate) fn parse(program: &Program<'_>, mut words: impl Iterator<Item = String>) -> Option<Self> {
        let row = |name: &str| program.rows.iter().copied().find(|row| row.name == name);
        let one = |argument: &str| Scenario::parse(argument)?.first().copied();
        let (mut rounds, mut time, mut json) = (5, Duration::from_secs(2), None);
        let (mut mode, mut rows, mut scenarios) = (Mode::Driver, program.rows.to_vec(), Vec::new());
        while let Some(word) = words.next() {
            match word.as_str() {
                "--rounds" => rounds = words.next()?.parse().ok().filter(|rounds| *rounds > 0)?,
                "--seconds" => {
                    let seconds = Duration::try_from_secs_f64(words.next()?.parse().ok()?).ok();
                    time = seconds.filter(|seconds| !seconds.is_zero())?;
                }
                "--json" => json = Some(words.next()?),
                "--rows" => rows = words.next()?.split(',').map(row).collect::<Option<_>>()?,
                "--help" => mode = Mode::Help,
                "--as-server" => mode = Mode::Server(row(&words.next()?)?, one(&words.next()?)?),
                "--as-client" => {
                    let (row, scenario) = (row(&words.next()?)?, one(&words.next()?)?);
                    let (port, server) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                    mode = Mode::Client(row, Run { scenario, port, server, time });
                }
                argument => scenarios.extend(Scenario::parse(argument)?),
            }
        }
        if scenarios.iter().any(|scenario| scenario.is_of_the_service() != program.is_of_the_service()) {
            return None;
        }
        if scenarios.is_empty() {
            scenarios = program.usual.iter().filter_map(|argument| Scenario::parse(argument)).flatten().collect();
        }
        Some(Self { mode, rounds, seconds: time, json, rows, scenarios })
    }
}
