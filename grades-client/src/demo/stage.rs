//! What a spectator sees, and the check of it: each call as it stands in the source, its result, and whether that is the
//! expected one. With `--wire` also the frames that crossed the socket meanwhile.

use clap::builder::styling::{AnsiColor, Style};

use super::{pace::Pace, wire::Recorder};
use crate::{
    cli::Output,
    failure::{Exit, Failure},
    render::{View, print_text, printable},
};

/// Shows a call as it stands in the source, makes it, and compares what it answers: `show!(stage, call, text, expected)`,
/// where `text` turns the value into the line that is shown and compared. Gives the value.
macro_rules! show {
    ($stage:ident, $call:expr, $text:expr, $expected:expr) => {{
        $stage.announce(stringify!($call));
        let result = $call;
        $stage.answer(result, $text, $expected)?
    }};
}
pub(super) use show;

/// Shows a call that must be refused, with the exit code that `grades` would end with, and why it is refused.
macro_rules! refuse {
    ($stage:ident, $call:expr, $explain:expr, $exit:expr, $why:expr) => {{
        $stage.announce(stringify!($call));
        let result = $call.map_err($explain);
        $stage.refusal(result, $exit, $why)?
    }};
}
pub(super) use refuse;

/// Prints, and keeps the score.
pub(super) struct Stage {
    recorder: Option<Recorder>,
    pace: Option<Pace>,
    checks: usize,
    wrong: Vec<String>,
    /// The call that is being made.
    call: String,
}

impl Stage {
    /// A stage that shows the frames that `recorder` sees and keeps `pace`, if there is one.
    pub(super) fn new(recorder: Option<Recorder>, pace: Option<Pace>) -> Self {
        Self { recorder, pace, checks: 0, wrong: Vec::new(), call: String::new() }
    }

    /// What shows the frames of a connection.
    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// Begins a part of the story, when the speaker wants it.
    pub(super) fn heading(&self, title: &str) -> Result<(), Failure> {
        if let Some(pace) = &self.pace {
            pace.wait()?;
        }
        let bold = Style::new().bold();
        print_text(&format!("\n{bold}{title}{bold:#}\n"))
    }

    /// Says something to the spectator.
    pub(super) fn say(&self, text: &str) -> Result<(), Failure> {
        print_text(&format!("{text}\n"))
    }

    /// Shows a result as `grades` shows it.
    pub(super) fn view(&self, view: &View) -> Result<(), Failure> {
        print_text(&indented(&view.to_text(Output::Table)?))
    }

    /// Names the call that is about to be made.
    pub(super) fn announce(&mut self, call: &str) {
        call.clone_into(&mut self.call);
    }

    /// Shows what the call answered and compares it. A call that failed ends the demonstration: the rest builds on it.
    pub(super) fn answer<T, E: std::fmt::Display>(
        &mut self,
        result: Result<T, E>,
        text: impl FnOnce(&T) -> String,
        expected: &str,
    ) -> Result<T, Failure> {
        self.begin(CALL_COLUMNS)?;
        match result {
            Ok(value) => {
                self.check(&text(&value), expected)?;
                Ok(value)
            }
            Err(error) => Err(Failure::new(Exit::Failure, format!("{} failed: {error}", self.call))
                .hint("this is a bug; please report it with what is printed above")),
        }
    }

    /// Shows why the call was refused and compares the kind of refusal.
    pub(super) fn refusal<T>(&mut self, result: Result<T, Failure>, expected: Exit, why: &str) -> Result<(), Failure> {
        self.begin(0)?;
        let text = match &result {
            Ok(_) => "it was not refused".to_owned(),
            Err(failure) => format!("refused: {} (exit code {})", failure.message, failure.exit as u8),
        };
        let as_expected = matches!(&result, Err(failure) if failure.exit == expected);
        self.mark(as_expected, &text, &format!("a refusal with exit code {}", expected as u8))?;
        self.say(&format!("      why: {why}"))
    }

    /// Compares a further part of the answer.
    pub(super) fn check(&mut self, text: &str, expected: &str) -> Result<(), Failure> {
        self.mark(text == expected, text, expected)
    }

    /// The result of the whole: how many checks there were, and which failed.
    pub(super) fn finish(self) -> Result<usize, Failure> {
        match self.wrong.len() {
            0 => Ok(self.checks),
            wrong => {
                Err(Failure::new(Exit::Failure, format!("{wrong} of {} results are not as expected", self.checks))
                    .details(self.wrong)
                    .hint("this is a bug; please report it with what is printed above"))
            }
        }
    }

    fn mark(&mut self, as_expected: bool, text: &str, expected: &str) -> Result<(), Failure> {
        self.checks = self.checks.saturating_add(1);
        let text = printable(text);
        if as_expected {
            let green = AnsiColor::Green.on_default();
            return print_text(&format!("    {green}✓{green:#} {text}\n"));
        }
        self.wrong.push(format!("{}: {text}, expected {expected}", self.call));
        let red = AnsiColor::Red.on_default();
        print_text(&format!("    {red}✗ {text}, expected {expected}{red:#}\n"))
    }

    /// Shows the call, then what crossed the wire. The answer stands beside a call that leaves room for it.
    fn begin(&self, columns: usize) -> Result<(), Failure> {
        if let (Some(pace), Some(_)) = (&self.pace, &self.recorder) {
            pace.wait()?; // the frames of one call fill a screen
        }
        let cyan = AnsiColor::Cyan.on_default();
        let call = format!("  {cyan}{:columns$}{cyan:#}", self.call);
        match &self.recorder {
            Some(recorder) => print_text(&format!("{call}\n{}", indented(&recorder.take()))),
            None if self.call.chars().count() > columns => print_text(&format!("{call}\n")),
            None => print_text(&call),
        }
    }
}

/// Where answers stand beside their calls: most calls of the story are shorter, and the whole still fits 100 columns.
const CALL_COLUMNS: usize = 68;

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
