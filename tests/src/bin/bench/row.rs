//! A row: something that serves and calls, measured like every other.

use crate::{
    run::{Run, Sample},
    scenario::Scenario,
};

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Starts a server in this process and says on which port of loopback.
    pub(crate) serve: fn(Scenario) -> u16,
    /// Runs the client's side of a scenario; none if there is no such thing here, as with calls in flight where a connection
    /// takes one at a time.
    pub(crate) call: fn(&Run) -> Option<Sample>,
}
