//! Guessing at passwords: a flood of it costs a fixed sum of memory and nobody's patience, guesses side by side do not share a
//! charge, and the time of an answer does not tell which names there are.

mod flood;
mod guesser;
mod names;
mod race;

use crate::{arguments::Terms, report::Report};

pub(crate) fn run(terms: &Terms) -> Report {
    let mut report = Report::default();
    flood::run(terms, &mut report);
    race::run(&mut report);
    if terms.long {
        names::run(terms, &mut report);
    }
    report
}
