//! Accounts: what may be made and changed, and what each change leaves in the audit.

use grades_api::{
    AccountsError,
    model::{NewAccount, Password, Role},
};
use rpc_core::Error;

use super::world::{PASSWORD, World, key, password};
use crate::{InitError, PasswordCost, SystemClock, init};

fn refused<T: std::fmt::Debug>(result: rpc_core::Result<T, AccountsError>) -> AccountsError {
    match result {
        Err(Error::App(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_account_is_refused_that_could_not_be_or_would_not_fit_its_role() {
    let world = World::school();
    let check = |name: &str, role, promotions: &[&str], student: Option<(&str, &str)>, expected| {
        assert_eq!(refused(world.create(name, role, promotions, student)), expected, "{name}");
        let known = world.state.store.read(|view| view.account(name)).unwrap();
        assert!(known.is_none() || name == "tess", "{name} was made all the same");
    };
    check("tess", Role::Teacher, &[], None, AccountsError::Conflict);
    check(" a", Role::Teacher, &[], None, AccountsError::BadName);
    check("", Role::Teacher, &[], None, AccountsError::BadName);
    check("a", Role::Teacher, &["L3", "X9"], None, AccountsError::NotFound);
    check("b", Role::Student, &[], Some(("L3", "99")), AccountsError::NotFound);
    check("c", Role::Student, &[], Some(("L3", "17")), AccountsError::Conflict); // sam is this student
    check("d", Role::Student, &["L3"], None, AccountsError::WrongRole);
    check("e", Role::Teacher, &[], Some(("L3", "18")), AccountsError::WrongRole);
    check("f", Role::Administrator, &["L3"], None, AccountsError::WrongRole);
}

#[test]
fn a_password_is_judged_wherever_one_is_set() {
    let world = World::school();
    let (root, tess) = (world.sign_in("root"), world.sign_in("tess"));
    let account = NewAccount { name: "new".into(), role: Role::Teacher, promotions: vec![], student: None };
    for (bad, error) in
        [("too short", AccountsError::PasswordLength), ("passwordpassword", AccountsError::PasswordTooCommon)]
    {
        let bad = Password::new(bad);
        assert_eq!(refused(root.accounts("create_account", |a| a.create_account(&account, &bad))), error);
        assert_eq!(refused(root.accounts("reset_password", |a| a.reset_password("tess", &bad))), error);
        assert_eq!(refused(tess.accounts("change_password", |a| a.change_password(&password(), &bad))), error);
    }
    world.login("tess", PASSWORD).unwrap();
}

#[test]
fn a_changed_password_signs_in_and_the_old_one_does_not() {
    let world = World::school();
    let (root, tess) = (world.sign_in("root"), world.sign_in("tess"));
    let new = Password::new("eleven herons by the weir");
    tess.accounts("change_password", |a| a.change_password(&password(), &new)).unwrap();
    world.login("tess", new.expose()).unwrap();
    assert_eq!(world.login("tess", PASSWORD), Err(Error::App(AccountsError::BadCredentials)));
    root.accounts("reset_password", |a| a.reset_password("sam", &new)).unwrap();
    world.login("sam", new.expose()).unwrap();
}

#[test]
fn the_last_administrator_stays_one() {
    let world = World::school();
    let root = world.sign_in("root");
    let last = AccountsError::LastAdministrator;
    assert_eq!(refused(root.accounts("set_disabled", |a| a.set_disabled("root", true))), last);
    assert_eq!(refused(root.accounts("set_role", |a| a.set_role("root", Role::Teacher))), last);
    world.create("second", Role::Administrator, &[], None).unwrap();
    root.accounts("set_disabled", |a| a.set_disabled("second", true)).unwrap();
    assert_eq!(
        refused(root.accounts("set_role", |a| a.set_role("root", Role::Teacher))),
        last,
        "a disabled one is none"
    );
    root.accounts("set_disabled", |a| a.set_disabled("second", false)).unwrap();
    root.accounts("set_role", |a| a.set_role("root", Role::Teacher)).unwrap();
}

#[test]
fn a_role_change_detaches_and_unbinds() {
    let world = World::school();
    let root = world.sign_in("root");
    root.accounts("set_role", |a| a.set_role("tess", Role::Student)).unwrap();
    root.accounts("set_role", |a| a.set_role("sam", Role::Teacher)).unwrap();
    let accounts = root.accounts("accounts", |a| a.accounts()).unwrap();
    assert!(accounts.iter().all(|account| account.promotions.is_empty() && account.student.is_none()), "{accounts:?}");
    root.accounts("bind_student", |a| a.bind_student("tess", Some(&key("L3", "17")))).unwrap();
}

#[test]
fn attaching_and_binding_fit_the_role_and_can_be_repeated() {
    let world = World::school();
    let root = world.sign_in("root");
    let attach =
        |account: &str, promotion: &str| root.accounts("attach_teacher", |a| a.attach_teacher(account, promotion));
    let bind = |account: &str, number: &str| {
        root.accounts("bind_student", |a| a.bind_student(account, Some(&key("L3", number))))
    };
    assert_eq!(refused(attach("sam", "L3")), AccountsError::WrongRole);
    assert_eq!(refused(attach("tess", "X9")), AccountsError::NotFound);
    assert_eq!(refused(attach("nobody", "L3")), AccountsError::NotFound);
    attach("tess", "M1").and_then(|()| attach("tess", "M1")).unwrap();
    root.accounts("detach_teacher", |a| a.detach_teacher("tess", "L3")).unwrap();
    assert_eq!(refused(bind("tess", "17")), AccountsError::WrongRole);
    bind("sam", "17").and_then(|()| bind("sam", "18")).unwrap();
    let tess = world.sign_in("tess").accounts("whoami", |a| a.whoami()).unwrap();
    assert_eq!(tess.promotions, ["M1"]);
    let sam = world.sign_in("sam");
    assert_eq!(sam.accounts("whoami", |a| a.whoami()).unwrap().student, Some(key("L3", "18")));
    root.accounts("bind_student", |a| a.bind_student("sam", None)).unwrap();
    assert_eq!(sam.accounts("whoami", |a| a.whoami()).unwrap().student, None);
}

#[test]
fn every_change_is_in_the_audit_and_a_refused_one_is_not() {
    let world = World::school();
    let root = world.sign_in("root");
    let before = audited(&world).len();
    assert_eq!(refused(root.accounts("attach_teacher", |a| a.attach_teacher("sam", "L3"))), AccountsError::WrongRole);
    assert_eq!(audited(&world).len(), before);
    root.accounts("attach_teacher", |a| a.attach_teacher("tess", "M1")).unwrap();
    root.accounts("logout", |a| a.logout()).unwrap();
    let lines = audited(&world);
    assert_eq!(lines[before..], ["root attach_teacher tess M1", "root logout root "]);
    assert_eq!(lines[0], "console create_account root the first administrator");
    assert_eq!(lines[1], "root login root after 0 failed attempts");
    assert!(!lines.concat().contains(PASSWORD));
}

/// The audit as `actor action object detail`.
pub(super) fn audited(world: &World) -> Vec<String> {
    let lines: Result<_, crate::store::StoreError> = world.state.store.write(None, |tx| tx.audited());
    lines.unwrap()
}

#[test]
fn a_store_gets_one_first_administrator_and_nothing_is_made_for_a_bad_one() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("store");
    let first =
        |name: &str, password: &str| init(&path, name, &Password::new(password), PasswordCost::FOR_TESTS, &SystemClock);
    assert!(matches!(first("root", "short"), Err(InitError::Refused(AccountsError::PasswordLength))));
    assert!(matches!(first("", PASSWORD), Err(InitError::Refused(AccountsError::BadName))));
    assert!(!path.exists());
    first("root", PASSWORD).unwrap();
    assert!(matches!(first("usurper", PASSWORD), Err(InitError::HasAdministrator)));
}
