//! The pace of a demonstration before people: it waits for a key.

use std::io::{self, IsTerminal};

use console::{Key, Term};

use crate::failure::{Exit, Failure};

/// Waits for the speaker.
#[derive(Debug)]
pub(super) struct Pace {
    terminal: Term,
}

impl Pace {
    /// A pace set at this program's terminal; refused where nobody could press a key.
    pub(super) fn at_terminal() -> Result<Self, Failure> {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            return Ok(Self { terminal: Term::stdout() });
        }
        Err(Failure::new(Exit::Usage, "`--step` waits for a key, and there is no terminal to press one at")
            .hint("run it in a terminal, or leave out `--step`"))
    }

    /// Waits for any key; `q`, Escape and Ctrl-C end the demonstration in order, its temporary directory included.
    pub(super) fn wait(&self) -> Result<(), Failure> {
        let broken = |error: io::Error| Failure::new(Exit::Failure, format!("can't wait for a key: {error}"));
        self.terminal.write_str("\n  any key goes on, q ends ").map_err(broken)?;
        let key = self.terminal.read_key_raw().map_err(broken)?;
        self.terminal.clear_line().map_err(broken)?;
        match key {
            Key::Char('q') | Key::Escape | Key::CtrlC => {
                Err(Failure::new(Exit::Failure, "the demonstration was ended before its end"))
            }
            _ => Ok(()),
        }
    }
}
