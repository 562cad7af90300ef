//! Signing in: what an attempt costs, and that an answer gives nothing away.

use std::{sync::Barrier, thread, time::Duration};

use grades_api::{AccountsError, model::Password};
use rpc_core::Error;

use super::world::{PASSWORD, World, World as Fixture};
use crate::{
    Clock as _, OpenError, PasswordCost, UnlockError,
    auth::password::Verdict,
    store::{StoreError, tests::on_each_backend},
    unlock,
};

const WRONG: &str = "eleven herons by the weir";

fn failures(world: &World, name: &str) -> u32 {
    let account = world.state.store.read(|view| view.account(name)).unwrap();
    account.unwrap().failures
}

fn a_wrong_password_an_unknown_name_and_a_disabled_account_are_answered_alike_and_wait_alike(world: World) {
    let root = world.sign_in("root");
    root.accounts("set_disabled", |a| a.set_disabled("sam", true)).unwrap();
    for (name, password) in [("tess", WRONG), ("nobody", PASSWORD), ("no\0body", PASSWORD), ("sam", PASSWORD)] {
        let mut answers = Vec::new();
        for pause in [0, 0, 1_000, 999, 1, 2_999, 1] {
            world.advance(Duration::from_millis(pause));
            answers.push(world.login(name, password).unwrap_err());
        }
        let (bad, early) = (Error::App(AccountsError::BadCredentials), Error::App(AccountsError::TryLater));
        let expected = [&bad, &early, &bad, &early, &bad, &early, &bad];
        assert_eq!(answers.iter().collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn an_attempt_costs_a_commit_whether_the_name_is_known_or_not() {
    let world = World::school();
    let cost = |name: &str| {
        let before = world.state.store.commits();
        world.login(name, WRONG).unwrap_err();
        world.state.store.commits() - before
    };
    assert_eq!([cost("tess"), cost("nobody")], [1, 1]);
}

#[test]
fn a_success_refunds_its_attempt_and_tells_of_the_failures_before_it() {
    let world = World::school();
    for _ in 0..3 {
        world.login("tess", WRONG).unwrap_err();
        world.advance(Duration::from_secs(3));
    }
    assert_eq!(failures(&world, "tess"), 3);
    let signed_in = rpc_core::test::with_call(rpc_core::Call::local(), || {
        use grades_api::Accounts as _;
        crate::accounts::AccountsHandler::new(std::sync::Arc::clone(&world.state))
            .login("tess", &Password::new(PASSWORD))
    });
    assert_eq!(signed_in.unwrap().account.failed_logins, 3);
    assert_eq!(failures(&world, "tess"), 0);
    world.login("tess", PASSWORD).unwrap();
}

const GUESSERS: usize = 16;

/// How many of the guesses that begin at the same moment are judged.
fn judged_of_all(guess: impl Fn() -> bool + Sync) -> usize {
    let start = Barrier::new(GUESSERS);
    thread::scope(|scope| {
        let guess = || {
            start.wait();
            guess()
        };
        let guessers: Vec<_> = (0..GUESSERS).map(|_| scope.spawn(guess)).collect();
        guessers.into_iter().map(|guesser| guesser.join().unwrap()).filter(|judged| *judged).count()
    })
}

#[test]
fn guesses_side_by_side_do_not_share_a_charge() {
    let world = World::school();
    let judged = judged_of_all(|| world.login("tess", WRONG) == Err(Error::App(AccountsError::BadCredentials)));
    assert_eq!((judged, failures(&world, "tess")), (1, 1));
}

/// The control of the test above: what became of guesses that were judged first and charged then.
#[test]
fn guesses_that_are_charged_after_they_are_judged_all_share_one_charge() {
    let world = World::school();
    let all_judged = Barrier::new(GUESSERS);
    let judged = judged_of_all(|| {
        let state = &world.state;
        let tess = state.store.read(|view| view.account("tess")).unwrap().unwrap();
        let allowed = tess.next_allowed <= world.clock.now();
        let mut slot = state.passwords.gate().enter().unwrap();
        let verdict = state.passwords.check(&mut slot, &Password::new(WRONG), Some(&tess.password));
        drop(slot);
        all_judged.wait();
        let turn = state.attempts.turn("tess").unwrap();
        state.attempts.charge(&turn, "tess").unwrap();
        allowed && verdict == Verdict::Wrong
    });
    assert_eq!((judged, failures(&world, "tess")), (GUESSERS, 1));
}

#[test]
fn honest_logins_side_by_side_all_succeed() {
    const USERS: usize = 8;
    let world = World::school();
    let start = Barrier::new(USERS);
    thread::scope(|scope| {
        let login = || {
            start.wait();
            world.login("tess", PASSWORD).unwrap();
        };
        for user in (0..USERS).map(|_| scope.spawn(login)).collect::<Vec<_>>() {
            user.join().unwrap();
        }
    });
}

#[test]
fn a_hundred_failures_lock_an_account_until_an_administrator_or_a_day_opens_it() {
    let world = World::school();
    let fail_until_locked = || {
        for _ in 0..100 {
            assert_eq!(world.login("tess", WRONG), Err(Error::App(AccountsError::BadCredentials)));
            world.advance(Duration::from_secs(10));
        }
        assert_eq!(world.login("tess", PASSWORD), Err(Error::App(AccountsError::BadCredentials)), "not locked");
    };
    let tess = world.sign_in("tess");
    fail_until_locked();
    assert!(!tess.is_signed_in(), "fifteen idle minutes have passed meanwhile");
    let root = world.sign_in("root");
    let locked = |name: &str| {
        let accounts = root.accounts("accounts", |a| a.accounts()).unwrap();
        accounts.iter().find(|account| account.name == name).unwrap().locked
    };
    assert!(locked("tess") && !locked("sam"));
    root.accounts("set_disabled", |a| a.set_disabled("tess", false)).unwrap();
    world.login("tess", PASSWORD).unwrap();

    fail_until_locked();
    world.advance(Duration::from_secs(24 * 60 * 60));
    world.login("tess", PASSWORD).unwrap();
}

#[test]
fn the_only_administrator_is_unlocked_at_the_console_once_nobody_serves_the_store() {
    let world = World::new();
    world.sql("UPDATE account SET failures = 100, next_allowed_ms = 9000000000000 WHERE name = 'root'");
    let served = unlock(world.address(), "root", world.clock.as_ref());
    assert!(matches!(served, Err(UnlockError::Open(OpenError::InUse(_)))), "{served:?}");
    assert_eq!(world.login("root", PASSWORD), Err(Error::App(AccountsError::BadCredentials)));
    let world = world.restarted_after(PasswordCost::FOR_TESTS, |store, clock| {
        assert!(matches!(unlock(store.clone(), "nobody", clock), Err(UnlockError::NoAccount)));
        unlock(store.clone(), "root", clock).unwrap();
    });
    let audited: Result<Vec<String>, StoreError> = world.state.store.write(None, |tx| tx.audited());
    let audited = audited.unwrap();
    assert_eq!(audited.last().map(String::as_str), Some("console unlock_account root 100 failed attempts"));
    world.login("root", PASSWORD).unwrap();
}

#[test]
fn a_lock_ends_no_session() {
    let world = World::school();
    let sam = world.sign_in("sam");
    world.sql("UPDATE account SET failures = 100, next_allowed_ms = 9000000000000 WHERE name = 'sam'");
    assert_eq!(world.login("sam", PASSWORD), Err(Error::App(AccountsError::BadCredentials)));
    assert!(sam.is_signed_in());
}

#[test]
fn guessing_the_current_password_in_a_session_is_charged_too() {
    let world = World::school();
    let tess = world.sign_in("tess");
    let guess =
        || tess.accounts("change_password", |a| a.change_password(&Password::new(WRONG), &Password::new(WRONG)));
    assert_eq!(guess(), Err(Error::App(AccountsError::BadCredentials)));
    assert_eq!(guess(), Err(Error::App(AccountsError::TryLater)));
    assert_eq!(failures(&world, "tess"), 1);
}

#[test]
fn a_name_or_password_of_any_length_is_only_a_wrong_one() {
    let world = World::school();
    for (name, password) in [("", ""), ("tess", ""), (&*"n".repeat(4_000), PASSWORD), ("sam", &*"p".repeat(4_000))] {
        assert_eq!(world.login(name, password), Err(Error::App(AccountsError::BadCredentials)), "{}", name.len());
    }
    assert_eq!((failures(&world, "tess"), failures(&world, "sam")), (1, 1));
}

#[test]
fn a_password_is_hashed_again_at_login_once_its_cost_has_risen() {
    let stored = |world: &World| {
        let account = world.state.store.read(|view| view.account("root")).unwrap();
        account.unwrap().password
    };
    let world = World::new();
    let cheap = stored(&world);
    world.login("root", PASSWORD).unwrap();
    assert_eq!(stored(&world), cheap);
    let world = world.restarted(PasswordCost::STANDARD);
    world.login("root", PASSWORD).unwrap();
    let dear = stored(&world);
    assert!(dear.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{dear}");
    let world = world.restarted(PasswordCost::FOR_TESTS);
    world.login("root", PASSWORD).unwrap();
    assert_eq!(stored(&world), dear, "never down");
}

#[test]
fn a_stored_password_that_was_tampered_with_signs_nobody_in_and_costs_no_more_than_its_bounds() {
    let world = World::school();
    for password in [
        "",
        PASSWORD,
        "$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=4000000,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=128,t=1,p=16$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let done: Result<(), StoreError> = world.state.store.write(None, move |tx| {
            let tess = tx.account("tess")?.ok_or(StoreError::Failed)?;
            tx.set_password(tess.id, password)?;
            tx.set_attempts(tess.id, 0, crate::UnixMs(0))
        });
        done.unwrap();
        assert_eq!(world.login("tess", PASSWORD), Err(Error::App(AccountsError::BadCredentials)), "{password}");
    }
}

on_each_backend!(a_wrong_password_an_unknown_name_and_a_disabled_account_are_answered_alike_and_wait_alike);
