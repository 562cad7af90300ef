//! `--limit NAME=NUMBER`: the framework's bounds as an operator writes them.

use std::{fmt::Write as _, str::FromStr};

use rpc_core::{LimitError, Limits};

/// One bound and what it is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    name: &'static str,
    amount: u64,
}

/// Why a text is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BoundError {
    #[error("write NAME=NUMBER, such as connections_max=8000")]
    Form,
    #[error("there is no such bound; `grades-server run --help` lists them")]
    Unknown,
}

impl Bound {
    /// Moves all of these.
    pub(super) fn apply(bounds: &[Self], limits: Limits) -> Result<Limits, LimitError> {
        // Invariant: the name is one of `Limits::KNOWN`, so that there is such a bound.
        let moved =
            |limits: Limits, bound: &Self| limits.clone().with_named(bound.name, bound.amount).unwrap_or(Ok(limits));
        bounds.iter().try_fold(limits, moved)
    }
}

impl FromStr for Bound {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, amount) = text.split_once('=').ok_or(BoundError::Form)?;
        let amount = amount.parse().map_err(|_| BoundError::Form)?;
        let known = Limits::KNOWN.iter().find(|limit| limit.name == name).ok_or(BoundError::Unknown)?;
        Ok(Self { name: known.name, amount })
    }
}

/// What `--help` says: every bound with its default and its range.
pub(super) fn help() -> String {
    let mut text = "Move a bound of the server, such as connections_max=8000; may be given several times.\n\n\
        Durations are in milliseconds. Each bound has a default and a range that it can't leave:"
        .to_owned();
    for limit in Limits::KNOWN {
        let (default, min, max) = ((limit.default)(), (limit.min)(), (limit.max)());
        // Writing to a string does not fail.
        let _written = write!(text, "\n  {} = {default} ({min} to {max})", limit.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&'static str, u64), BoundError>) {
        assert_eq!(text.parse(), expected.map(|(name, amount)| Bound { name, amount }));
    }

    #[test]
    fn a_bound_is_a_known_name_and_a_number() {
        check("backlog=7", Ok(("backlog", 7)));
        check("backlog=-7", Err(BoundError::Form));
        check("backlog", Err(BoundError::Form));
        check("backlogs=7", Err(BoundError::Unknown));
    }

    #[test]
    fn bounds_are_moved_one_after_the_other_and_not_out_of_their_range() {
        let bounds = ["guests_max=3", "backlog=7", "guests_max=4"].map(|text| text.parse().unwrap());
        let limits = Bound::apply(&bounds, Limits::new()).unwrap();
        assert_eq!((limits.guests_max(), limits.backlog()), (4, 7));
        let beyond = Bound::apply(&["connections_max=8001".parse().unwrap()], Limits::new()).unwrap_err();
        assert_eq!((beyond.name, beyond.given, beyond.max), ("connections_max", 8_001, 8_000));
    }

    #[test]
    fn help_names_every_bound() {
        let help = help();
        assert!(Limits::KNOWN.iter().all(|limit| help.contains(limit.name)), "{help}");
    }
}
