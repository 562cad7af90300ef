//! Sessions: exact ends, and every cause of an end.

use std::time::Duration;

use grades_api::{
    Accounts as _, AccountsClient, Grades as _, GradesClient,
    model::{MarkId, Password, Role},
};
use rpc_core::{Error, Refusal, Status, test::with_call};

use super::world::{PASSWORD, User, World, password};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const MS: Duration = Duration::from_millis(1);

#[test]
fn an_unused_session_ends_after_its_idle_time_to_the_millisecond() {
    fn check(name: &str, idle: Duration) {
        let world = World::school();
        let (early, late) = (world.sign_in(name), world.sign_in(name));
        world.advance(idle - MS);
        assert!(early.is_signed_in(), "{name}");
        world.advance(MS);
        assert!(!late.is_signed_in(), "{name}");
        assert!(early.is_signed_in(), "{name}: a use begins the idle time anew");
    }
    check("root", 15 * MINUTE);
    check("tess", 15 * MINUTE);
    check("sam", 30 * MINUTE);
}

#[test]
fn a_session_in_use_ends_after_its_absolute_time_to_the_millisecond() {
    fn check(name: &str, absolute: Duration) {
        let world = World::school();
        let user = world.sign_in(name);
        let step = 10 * MINUTE;
        let mut passed = Duration::ZERO;
        while passed + step < absolute {
            world.advance(step);
            passed += step;
            assert!(user.is_signed_in(), "{name} after {passed:?}");
        }
        world.advance(absolute - passed - MS);
        assert!(user.is_signed_in(), "{name}");
        world.advance(MS);
        assert!(!user.is_signed_in(), "{name}");
    }
    check("root", 4 * HOUR);
    check("tess", 12 * HOUR);
    check("sam", 12 * HOUR);
}

#[test]
fn a_use_is_written_at_most_once_a_minute() {
    let world = World::school();
    let user = world.sign_in("tess");
    let commits = || world.state.store.commits();
    let before = commits();
    world.advance(MINUTE - MS);
    assert!(user.is_signed_in());
    assert_eq!(commits(), before);
    world.advance(MS);
    assert!(user.is_signed_in() && user.is_signed_in());
    assert_eq!(commits(), before + 1);
}

#[test]
fn an_account_has_at_most_ten_sessions_and_the_oldest_makes_room() {
    let world = World::school();
    let users: Vec<_> = (0..11).map(|_| world.sign_in("tess")).collect();
    let live: Vec<bool> = users.iter().map(|user| user.is_signed_in()).collect();
    assert_eq!(live, [false, true, true, true, true, true, true, true, true, true, true]);
}

#[test]
fn an_idle_session_does_not_cost_one_that_is_in_use() {
    let world = World::school();
    let oldest = world.sign_in("tess");
    for _ in 0..9 {
        world.login("tess", PASSWORD).unwrap();
    }
    world.advance(14 * MINUTE);
    assert!(oldest.is_signed_in());
    world.advance(MINUTE);
    let newest = world.sign_in("tess"); // the eleventh, but nine have ended by themselves
    assert!(oldest.is_signed_in() && newest.is_signed_in());
}

#[test]
fn each_cause_ends_exactly_the_sessions_it_should() {
    /// `cause` acts with the sessions of root and tess; then: tess's first, tess's second, sam's.
    fn check(cause: &str, live: [bool; 3], act: impl FnOnce(&User<'_>, &User<'_>)) {
        let world = World::school();
        let (root, one, two, sam) =
            (world.sign_in("root"), world.sign_in("tess"), world.sign_in("tess"), world.sign_in("sam"));
        act(&root, &one);
        assert_eq!([one.is_signed_in(), two.is_signed_in(), sam.is_signed_in()], live, "{cause}");
        assert!(root.is_signed_in(), "{cause}");
    }
    let new = || Password::new("eleven herons by the weir");
    check("logout", [false, true, true], |_, tess| tess.accounts("logout", |a| a.logout()).unwrap());
    check("own password", [true, false, true], |_, tess| {
        tess.accounts("change_password", |a| a.change_password(&password(), &new())).unwrap();
    });
    check("reset password", [false, false, true], |root, _| {
        root.accounts("reset_password", |a| a.reset_password("tess", &new())).unwrap();
    });
    check("role", [false, false, true], |root, _| {
        root.accounts("set_role", |a| a.set_role("tess", Role::Student)).unwrap();
    });
    check("same role", [true, true, true], |root, _| {
        root.accounts("set_role", |a| a.set_role("tess", Role::Teacher)).unwrap();
    });
    check("disabled", [false, false, true], |root, _| {
        root.accounts("set_disabled", |a| a.set_disabled("tess", true)).unwrap();
    });
    check("enabled", [true, true, true], |root, _| {
        root.accounts("set_disabled", |a| a.set_disabled("tess", false)).unwrap();
    });
    check("ended by its owner", [true, false, true], |_, tess| {
        let sessions = tess.accounts("sessions", |a| a.sessions(None)).unwrap();
        let other = sessions.iter().find(|session| !session.current).unwrap();
        tess.accounts("end_session", |a| a.end_session(other.handle)).unwrap();
    });
    check("ended by an administrator", [false, true, true], |root, tess| {
        let handle = tess.accounts("sessions", |a| a.sessions(None)).unwrap();
        let handle = handle.iter().find(|session| session.current).unwrap().handle;
        root.accounts("end_session", |a| a.end_session(handle)).unwrap();
    });
}

#[test]
fn nobody_ends_or_sees_another_accounts_sessions() {
    let world = World::school();
    let (tess, sam) = (world.sign_in("tess"), world.sign_in("sam"));
    let handle = tess.accounts("sessions", |a| a.sessions(None)).unwrap()[0].handle;
    assert!(sam.accounts("end_session", |a| a.end_session(handle)).is_err());
    assert!(sam.accounts("sessions", |a| a.sessions(Some("tess"))).is_err());
    assert!(tess.is_signed_in());
}

#[test]
fn a_change_is_refused_if_the_session_ended_after_the_call_was_let_in() {
    let world = World::school();
    let (root, tess) = (world.sign_in("root"), world.sign_in("tess"));
    let refused = tess.grades("add_student", |grades| {
        // The gatekeeper has let the call in; now the account is disabled, before the change.
        root.accounts("set_disabled", |a| a.set_disabled("tess", true)).unwrap();
        grades.add_student("L3", "30", "Late")
    });
    assert!(matches!(refused, Err(Error::Refused(refusal)) if refusal.status == Status::UNAUTHENTICATED));
    let students = root.grades("students", |grades| grades.students("L3", None, 10)).unwrap();
    assert!(students.iter().all(|student| student.number != "30"));
}

#[test]
fn a_read_is_refused_if_the_session_ended_after_the_call_was_let_in() {
    #[track_caller]
    fn check(cause: &str, act: impl FnOnce(&World, &User<'_>, &User<'_>)) {
        let world = World::school();
        world.create("ada", Role::Administrator, &[], None).unwrap();
        let (root, ada) = (world.sign_in("root"), world.sign_in("ada"));
        let let_in = |service, methods: &[&'static str]| -> Vec<_> {
            methods.iter().map(|method| (*method, ada.let_in(service, method).unwrap())).collect()
        };
        let grades = ["promotions", "mark_history", "student_average", "promotion_average", "student", "students"];
        let grades = let_in(&GradesClient::SERVICE, &grades);
        let accounts = let_in(&AccountsClient::SERVICE, &["whoami", "sessions", "accounts"]);
        act(&world, &root, &ada);
        for (method, call) in grades {
            let read = || match method {
                "promotions" => world.grades.promotions().map(drop),
                "mark_history" => world.grades.mark_history(MarkId(1)).map(drop),
                "student_average" => world.grades.student_average("L3", "17").map(drop),
                "promotion_average" => world.grades.promotion_average("L3").map(drop),
                "student" => world.grades.student("L3", "17").map(drop),
                _ => world.grades.students("L3", None, 10).map(drop),
            };
            assert_eq!(with_call(call, read), Err(Error::Refused(Refusal::unauthenticated())), "{cause}: {method}");
        }
        for (method, call) in accounts {
            let read = || match method {
                "whoami" => world.accounts.whoami().map(drop),
                "sessions" => world.accounts.sessions(Some("tess")).map(drop),
                _ => world.accounts.accounts().map(drop),
            };
            assert_eq!(with_call(call, read), Err(Error::Refused(Refusal::unauthenticated())), "{cause}: {method}");
        }
    }
    check("disabled", |_, root, _| root.accounts("set_disabled", |a| a.set_disabled("ada", true)).unwrap());
    check("demoted", |_, root, _| root.accounts("set_role", |a| a.set_role("ada", Role::Teacher)).unwrap());
    check("logout", |_, _, ada| ada.accounts("logout", |a| a.logout()).unwrap());
    check("expired", |world, _, _| world.advance(15 * MINUTE));
}

#[test]
fn an_idle_session_is_not_listed_and_a_restart_keeps_the_others() {
    let world = World::school();
    world.sign_in("tess");
    world.advance(15 * MINUTE);
    let session = world.login("tess", PASSWORD).unwrap();
    let listed = world.user(session).accounts("sessions", |a| a.sessions(None)).unwrap();
    assert_eq!(listed.iter().map(|session| session.current).collect::<Vec<_>>(), [true]);
    let world = world.restarted(crate::PasswordCost::FOR_TESTS);
    assert!(world.user(session).is_signed_in());
}

#[test]
fn no_session_id_is_at_rest_and_no_debug_shows_one() {
    let world = World::school();
    let session = world.login("tess", PASSWORD).unwrap();
    let shown = format!("{session:?} {:?} {:?}", world.state, password());
    assert!(!shown.contains(PASSWORD));
    let World { state, place, .. } = world;
    drop(state);
    let crate::StoreAddress::Directory(data) = place.address() else { panic!("a store of PostgreSQL") };
    let mut searched = 0;
    for entry in std::fs::read_dir(data).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        searched += bytes.len();
        for secret in [session.expose().as_slice(), PASSWORD.as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
    assert!(searched > 10_000, "only {searched} bytes were searched");
}
