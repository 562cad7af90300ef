//! What clients were told of the marks that they added, held against the marks that are there: the one judge of whether
//! something was lost or done twice.

use std::collections::{BTreeMap, BTreeSet};

/// What clients were told: the number of each acknowledged mark by its label, and the labels that they know nothing of.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    acknowledged: BTreeMap<String, u64>,
    unknown: BTreeSet<String>,
}

/// How far what is there differs from what clients were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Acknowledged marks that are not there.
    pub lost: u64,
    /// Labels that are there more than once.
    pub doubled: u64,
    /// Each difference in words; also those that are neither loss nor repetition.
    pub faults: Vec<String>,
}

impl Ledger {
    /// Enters a mark that was acknowledged.
    pub fn acknowledge(&mut self, label: impl Into<String>, id: u64) {
        self.acknowledged.insert(label.into(), id);
    }

    /// Enters a mark of which nobody knows whether it was added.
    pub fn unknown(&mut self, label: impl Into<String>) {
        self.unknown.insert(label.into());
    }

    /// How many marks were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// Of how many marks nobody knows.
    #[must_use]
    pub fn unknowns(&self) -> usize {
        self.unknown.len()
    }

    /// Takes over what another ledger holds.
    pub fn absorb(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.unknown.extend(other.unknown);
    }

    /// Holds the marks that are there, each with its label and number, against what clients were told.
    pub fn judge<'a>(&self, there: impl IntoIterator<Item = (&'a str, u64)>) -> Verdict {
        let mut verdict = Verdict::default();
        let mut numbers: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (label, id) in there {
            numbers.entry(label).or_default().push(id);
        }
        for (label, ids) in &numbers {
            match (self.acknowledged.get(*label), ids.as_slice()) {
                (_, [_, _, ..]) => {
                    verdict.doubled += 1;
                    verdict.faults.push(format!("{label} is there {} times", ids.len()));
                }
                (Some(told), [id]) if told != id => {
                    verdict.faults.push(format!("{label} was acknowledged as {told} and is {id}"));
                }
                (None, _) if !self.unknown.contains(*label) => {
                    verdict.faults.push(format!("{label} was never asked for"));
                }
                _ => {}
            }
        }
        for label in self.acknowledged.keys().filter(|label| !numbers.contains_key(label.as_str())) {
            verdict.lost += 1;
            verdict.faults.push(format!("{label} was acknowledged and is not there"));
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_doubled_renumbered_or_made_up_is_found() {
        let mut ledger = Ledger::default();
        ledger.acknowledge("a", 1);
        ledger.acknowledge("b", 2);
        ledger.unknown("c");
        let check = |there: &[(&str, u64)], lost, doubled, faults| {
            let verdict = ledger.judge(there.iter().copied());
            assert_eq!((verdict.lost, verdict.doubled, verdict.faults.len()), (lost, doubled, faults), "{verdict:?}");
        };
        check(&[("a", 1), ("b", 2)], 0, 0, 0);
        check(&[("b", 2), ("c", 3), ("a", 1)], 0, 0, 0);
        check(&[("a", 1)], 1, 0, 1);
        check(&[], 2, 0, 2);
        check(&[("a", 1), ("b", 2), ("a", 3)], 0, 1, 1);
        check(&[("c", 3), ("a", 1), ("b", 2), ("c", 4)], 0, 1, 1);
        check(&[("a", 1), ("b", 3)], 0, 0, 1);
        check(&[("a", 1), ("b", 2), ("d", 4)], 0, 0, 1);
    }
}
