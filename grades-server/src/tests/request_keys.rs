//! Request keys: one effect, however often a request arrives.

use std::time::Duration;

use grades_api::{GradesError, model::MarkId};
use rpc_core::{Error, Result, Status};

use super::{
    accounts::audited,
    world::{User, World},
};
use crate::{UnixMs, retention::forget};

/// A key that was drawn at `at`, as Wire §9 lays it out.
pub(super) fn key_drawn_at(at: UnixMs) -> [u8; 16] {
    let mut key = [0x7a; 16];
    key[..6].copy_from_slice(&at.0.to_be_bytes()[2..]);
    key
}

fn add_mark(user: &User<'_>) -> Result<MarkId, GradesError> {
    user.grades("add_mark", |grades| grades.add_mark("L3", "17", "12".parse().unwrap(), "1".parse().unwrap(), "test"))
}

fn marks(world: &World) -> usize {
    let root = world.sign_in("root");
    root.grades("student", |grades| grades.student("L3", "17")).unwrap().marks.len()
}

pub(super) fn status<T: std::fmt::Debug>(result: Result<T, GradesError>) -> Status {
    match result {
        Err(Error::Refused(refusal)) => refusal.status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_that_comes_again_is_answered_again_and_executed_once() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now());
    let tess = world.sign_in("tess");
    let first = add_mark(&tess.keyed(key, b"body")).unwrap();
    let audited_before = audited(&world).len();
    assert_eq!(add_mark(&tess.keyed(key, b"body")).unwrap(), first);
    let again = world.sign_in("tess"); // another session of the same account
    assert_eq!(add_mark(&again.keyed(key, b"body")).unwrap(), first);
    assert_eq!(audited(&world).len(), audited_before + 1, "only the login");
    let world = world.restarted(crate::PasswordCost::FOR_TESTS);
    assert_eq!(add_mark(&world.sign_in("tess").keyed(key, b"body")).unwrap(), first);
    assert_eq!(marks(&world), 2);
}

#[test]
fn without_a_key_a_call_just_runs() {
    let world = World::school();
    let tess = world.sign_in("tess");
    assert_ne!(add_mark(&tess).unwrap(), add_mark(&tess).unwrap());
    assert_eq!(marks(&world), 3);
}

#[test]
fn an_error_of_the_method_is_an_answer_too() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now());
    let root = world.sign_in("root");
    let create = |user: &User<'_>| user.grades("create_promotion", |grades| grades.create_promotion("L3"));
    assert_eq!(create(&root.keyed(key, b"body")), Err(Error::App(GradesError::Conflict)));
    world.sql("UPDATE promotion SET name = 'renamed' WHERE name = 'L3'");
    assert_eq!(create(&root.keyed(key, b"body")), Err(Error::App(GradesError::Conflict)), "decided once");
    assert_eq!(create(&root), Ok(()));
}

#[test]
fn a_key_that_comes_with_other_content_is_refused_and_executes_nothing() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now());
    let tess = world.sign_in("tess");
    add_mark(&tess.keyed(key, b"body")).unwrap();
    assert_eq!(status(add_mark(&tess.keyed(key, b"another"))), Status::KEY_MISMATCH);
    assert_eq!(marks(&world), 2);
}

#[test]
fn a_key_that_comes_with_the_same_body_for_another_method_is_refused_and_executes_nothing() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now());
    let root = world.sign_in("root");
    root.keyed(key, b"body").grades("create_promotion", |grades| grades.create_promotion("M2")).unwrap();
    let other = root.keyed(key, b"body").grades("remove_student", |grades| grades.remove_student("L3", "17"));
    assert_eq!(status(other), Status::KEY_MISMATCH);
    assert_eq!(marks(&world), 1);
}

#[test]
fn a_key_of_another_account_is_another_key() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now());
    let one = add_mark(&world.sign_in("tess").keyed(key, b"body")).unwrap();
    let two = add_mark(&world.sign_in("root").keyed(key, b"body")).unwrap();
    assert_ne!(one, two);
}

#[test]
fn a_key_is_taken_until_a_day_old_and_five_minutes_ahead() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const AHEAD: Duration = Duration::from_secs(5 * 60);
    const MS: Duration = Duration::from_millis(1);
    let world = World::school();
    let tess = world.sign_in("tess");
    let now = world.clock_now();
    let check = |drawn, accepted: bool| {
        let answer = add_mark(&tess.keyed(key_drawn_at(drawn), b"body"));
        if accepted {
            answer.unwrap();
        } else {
            assert_eq!(status(answer), Status::STALE_KEY);
        }
    };
    check(now.minus(DAY), true);
    check(now.minus(DAY + MS), false);
    check(now.plus(AHEAD), true);
    check(now.plus(AHEAD + MS), false);
    check(UnixMs(0), false);
}

#[test]
fn a_key_is_refused_before_its_answer_is_forgotten() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now().plus(Duration::from_secs(5 * 60)));
    add_mark(&world.sign_in("tess").keyed(key, b"body")).unwrap();
    for hours in 1..=60 {
        world.advance(Duration::from_secs(60 * 60));
        let tess = world.sign_in("tess");
        forget(&world.state, None, &|| false).unwrap();
        add_mark(&tess.keyed(key_drawn_at(world.clock_now()), format!("hour {hours}").as_bytes())).unwrap();
        let before = marks(&world);
        match add_mark(&tess.keyed(key, b"body")) {
            Ok(_) => assert!(hours <= 24, "replayed after {hours} hours"),
            refused => assert_eq!(status(refused), Status::STALE_KEY),
        }
        assert_eq!(marks(&world), before, "executed twice, after {hours} hours");
    }
    let kept = world.state.store.write(None, |tx| tx.count("op_key")).map_err(|error: crate::store::StoreError| error);
    assert!(kept.unwrap() <= 49, "answers older than 48 hours are still kept");
}

#[test]
fn a_refusal_before_the_change_ran_is_no_answer() {
    let world = World::school();
    let key = key_drawn_at(world.clock_now());
    let tess = world.sign_in("tess");
    let session_ended = tess.keyed(key, b"body").grades("add_mark", |grades| {
        world.sql("UPDATE account SET disabled = 1 WHERE name = 'tess'");
        grades.add_mark("L3", "17", "12".parse().unwrap(), "1".parse().unwrap(), "test")
    });
    assert_eq!(status(session_ended), Status::UNAUTHENTICATED);
    world.sql("UPDATE account SET disabled = 0 WHERE name = 'tess'");
    add_mark(&tess.keyed(key, b"body")).unwrap();
    assert_eq!(marks(&world), 2);
}
