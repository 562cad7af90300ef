//! Whether what concurrent clients saw can be told as one story: each call takes effect at one moment between its beginning and
//! its end, and what it answered is what it would have answered then (linearizability).
//!
//! Wing and Gong's search with Lowe's memory: calls are taken one after the other, each no later than any call has ended that
//! was not taken yet, and no set of taken calls is tried twice with the same state. A call that nobody saw the end of may have
//! taken effect at any moment since it began, or never.

use std::{collections::HashSet, hash::Hash};

/// What calls do and answer, one at a time.
pub trait Model {
    /// What there is.
    type State: Clone + Eq + Hash + Default;
    /// What is asked.
    type Call;
    /// What is answered.
    type Reply;

    /// What there is after a call that was answered so; none if it could not have been. Without an answer, any will do.
    fn step(state: &Self::State, call: &Self::Call, reply: Option<&Self::Reply>) -> Option<Self::State>;
}

/// A call as its client saw it. Times are of any clock that all clients share and that never shows the same twice.
#[derive(Clone, Debug)]
pub struct Seen<C, R> {
    /// What was asked.
    pub call: C,
    /// When the client began to ask.
    pub began: u64,
    /// What was answered, and when the client had it; `None` if it never knew.
    pub ended: Option<(u64, R)>,
}

/// Whether the calls can be told as one story that begins with nothing.
#[must_use]
pub fn is_linearizable<M: Model>(seen: &[Seen<M::Call, M::Reply>]) -> bool {
    let mut search = Search::<M> { seen, taken: vec![0; seen.len().div_ceil(64)], tried: HashSet::new() };
    search.go_on(&M::State::default())
}

/// A search that has taken some calls.
struct Search<'a, M: Model> {
    seen: &'a [Seen<M::Call, M::Reply>],
    /// A bit for each call.
    taken: Vec<u64>,
    tried: HashSet<(Vec<u64>, M::State)>,
}

impl<M: Model> Search<'_, M> {
    /// Whether the calls that are left can follow on this state.
    fn go_on(&mut self, state: &M::State) -> bool {
        let left = |search: &Self| (0..search.seen.len()).filter(|call| !search.is_taken(*call)).collect::<Vec<_>>();
        let left = left(self);
        // What has not begun by then comes after the call that ends then.
        let first_end = left.iter().filter_map(|call| self.seen[*call].ended.as_ref()).map(|(end, _)| *end).min();
        let Some(first_end) = first_end else { return true };
        if !self.tried.insert((self.taken.clone(), state.clone())) {
            return false;
        }
        for call in left {
            let seen = &self.seen[call];
            if seen.began > first_end {
                continue;
            }
            let reply = seen.ended.as_ref().map(|(_, reply)| reply);
            if let Some(next) = M::step(state, &seen.call, reply) {
                self.taken[call / 64] |= 1 << (call % 64);
                if self.go_on(&next) {
                    return true;
                }
                self.taken[call / 64] &= !(1 << (call % 64));
            }
        }
        false
    }

    fn is_taken(&self, call: usize) -> bool {
        self.taken[call / 64] >> (call % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use Call::{Read, Write};

    use super::*;
    use crate::Random;

    /// One number that is written and read.
    struct Register;

    #[derive(Clone, Copy, Debug)]
    enum Call {
        Write(u32),
        Read,
    }

    impl Model for Register {
        type State = u32;
        type Call = Call;
        type Reply = u32;

        fn step(state: &u32, call: &Call, reply: Option<&u32>) -> Option<u32> {
            match call {
                Write(value) => Some(*value),
                Read => reply.is_none_or(|reply| reply == state).then_some(*state),
            }
        }
    }

    /// `began`, `ended` (0 for never), the call and what it answered.
    type Line = (u64, u64, Call, u32);

    fn seen(calls: &[Line]) -> Vec<Seen<Call, u32>> {
        let end = |ended, reply| (ended > 0).then_some((ended, reply));
        calls.iter().map(|&(began, ended, call, reply)| Seen { call, began, ended: end(ended, reply) }).collect()
    }

    fn check(calls: &[Line], expected: bool) {
        let seen = seen(calls);
        assert_eq!(is_linearizable::<Register>(&seen), expected, "{seen:?}");
        assert_eq!(by_all_orders(&seen), expected, "the plain search differs: {seen:?}");
    }

    /// The definition taken at its word: some order of all ended calls and any others.
    fn by_all_orders(seen: &[Seen<Call, u32>]) -> bool {
        fn follow(seen: &[Seen<Call, u32>], left: &[usize], state: u32) -> bool {
            left.iter().all(|call| seen[*call].ended.is_none())
                || left.iter().any(|call| {
                    let before =
                        |other: &usize| seen[*other].ended.as_ref().is_some_and(|(e, _)| *e < seen[*call].began);
                    let next = Register::step(&state, &seen[*call].call, seen[*call].ended.as_ref().map(|(_, r)| r));
                    let rest: Vec<usize> = left.iter().copied().filter(|other| other != call).collect();
                    !left.iter().any(before) && next.is_some_and(|next| follow(seen, &rest, next))
                })
        }
        follow(seen, &(0..seen.len()).collect::<Vec<_>>(), 0)
    }

    #[test]
    fn calls_one_after_the_other_answer_in_their_order() {
        check(&[], true);
        check(&[(1, 2, Write(7), 0), (3, 4, Read, 7)], true);
        check(&[(1, 2, Write(7), 0), (3, 4, Read, 0)], false);
        check(&[(1, 2, Read, 7), (3, 4, Write(7), 0)], false);
    }

    #[test]
    fn calls_side_by_side_answer_in_any_order_but_in_one() {
        check(&[(1, 6, Write(7), 0), (2, 3, Read, 0), (4, 5, Read, 7)], true);
        check(&[(1, 6, Write(7), 0), (2, 3, Read, 7), (4, 5, Read, 0)], false);
        check(&[(1, 4, Write(1), 0), (2, 3, Write(2), 0), (5, 6, Read, 1), (7, 8, Read, 1)], true);
        check(&[(1, 4, Write(1), 0), (2, 3, Write(2), 0), (5, 6, Read, 1), (7, 8, Read, 2)], false);
    }

    #[test]
    fn a_call_that_nobody_saw_the_end_of_may_take_effect_late_or_never_but_once() {
        check(&[(1, 0, Write(7), 0), (2, 3, Read, 0), (4, 5, Read, 7)], true);
        check(&[(1, 0, Write(7), 0), (2, 3, Read, 0)], true);
        check(&[(1, 0, Write(7), 0), (2, 3, Read, 7), (4, 5, Read, 0)], false);
        check(&[(4, 0, Write(7), 0), (2, 3, Read, 7)], false);
        check(
            &[(1, 0, Write(7), 0), (2, 3, Write(8), 0), (4, 5, Read, 7), (6, 7, Write(8), 0), (8, 9, Read, 7)],
            false,
        );
    }

    #[test]
    fn the_search_says_of_random_histories_what_the_definition_says() {
        let mut random = Random::new(0x5eed);
        let mut good = 0;
        for _ in 0..2_000 {
            let calls: Vec<Line> = (0..6)
                .map(|n| {
                    let (began, length) = (random.below(12), 1 + random.below(8));
                    let ended = if random.one_in(6) { 0 } else { (began + length) * 8 + n };
                    let mut value = |values| u32::try_from(random.below(values)).unwrap();
                    let call = if value(2) == 0 { Read } else { Write(1 + value(2)) };
                    (began * 8 + n, ended, call, value(3)) // `n` keeps all times apart
                })
                .collect();
            let expected = by_all_orders(&seen(&calls));
            good += usize::from(expected);
            check(&calls, expected);
        }
        assert!((200..1_800).contains(&good), "{good} of 2000 are linearizable: the others show nothing");
    }
}
