//! What changes that run side by side on PostgreSQL cost each other: one that loses is run again, and after three defeats
//! waits until it is alone. Changes that have nothing to do with each other lose to nobody.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use grades_api::{GradesError, model::SessionId};
use rpc_core::{Call, Error};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{
    auth::sessions,
    clock::{Clock as _, SystemClock},
    request_key::{self, KeyedRequest},
    store::AccountRow,
};

type Result<T> = std::result::Result<T, Error<GradesError>>;

/// Changes at once.
const AT_ONCE: usize = 8;

/// Accounts between two that change something, so that they share no page of an index: PostgreSQL judges by pages.
const APART: usize = 500;

/// A store in which everyone has a session and an answer that ended long ago.
fn store_with_what_has_ended() -> Option<Fixture> {
    let fixture = Fixture::postgres()?;
    let accounts = AT_ONCE * APART;
    fixture.write(move |tx| {
        tx.sql(&format!(
            "INSERT INTO account (name, role, password, created_ms)
             SELECT 'a' || n, 2, 'no hash', 1 FROM generate_series(1, {accounts}) n;
             INSERT INTO session (digest, account, epoch, created_ms, last_seen_ms, idle_ms, expires_ms, peer)
             SELECT sha256(name::bytea), id, 0, 1, 1, 1, 1, 'local' FROM account;
             INSERT INTO op_key (account, key, service, opcode, fingerprint, result, created_ms)
             SELECT id, substr(sha256(name::bytea), 1, 16), 1, 1, sha256(name::bytea), '', 1 FROM account"
        ))
    });
    Some(fixture)
}

/// Makes a change for each of some accounts, all of them begun before any goes on: how often they had to be run again.
fn run_again(
    fixture: &Fixture,
    change: impl Fn(&mut dyn Tx, &AccountRow) -> Result<()> + Copy + Send + 'static,
) -> usize {
    let (begun, runs) = (Arc::new(Barrier::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)));
    thread::scope(|scope| {
        for number in 1..=AT_ONCE {
            let (begun, runs, first) = (Arc::clone(&begun), Arc::clone(&runs), AtomicBool::new(true));
            let account = AccountId(i64::try_from(number.saturating_mul(APART)).unwrap());
            let job = move |tx: &mut dyn Tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                let account = tx.account_by_id(account)?.unwrap();
                if first.swap(false, Ordering::SeqCst) {
                    begun.wait();
                }
                change(tx, &account)
            };
            scope.spawn(move || fixture.store.write(None, job).unwrap());
        }
    });
    runs.load(Ordering::SeqCst).checked_sub(AT_ONCE).unwrap()
}

/// A change with a request key that was drawn just now.
fn keyed_change(tx: &mut dyn Tx, account: &AccountRow) -> Result<()> {
    let now = SystemClock.now();
    let mut key = [7; 16];
    key[..6].copy_from_slice(&now.0.to_be_bytes()[2..]);
    let request = KeyedRequest::of(&Call::local().with_key(key, b"a request"));
    let work = |tx: &mut dyn Tx| Ok(tx.audit(&AuditEntry::at_console(now, "did", "that", ""))?);
    request_key::once(tx, account.id, request.as_ref(), now, work)?.map_err(Error::App)
}

fn login(tx: &mut dyn Tx, account: &AccountRow) -> Result<()> {
    static DRAWN: AtomicUsize = AtomicUsize::new(0);
    let drawn = DRAWN.fetch_add(1, Ordering::SeqCst);
    let id = SessionId::from_bytes(Sha256::digest(drawn.to_le_bytes()).into());
    Ok(sessions::begin(tx, account, &id, "local", SystemClock.now()).map(drop)?)
}

#[test]
fn keyed_changes_side_by_side_do_not_lose_to_each_other_over_answers_that_nobody_needs() {
    let Some(fixture) = store_with_what_has_ended() else { return };
    run_again(&fixture, |_, _| Ok(())); // opens the connections
    assert_eq!(run_again(&fixture, keyed_change), 0);
    // The control: if each forgot some of them, as they once did, all but one would lose.
    let forgetful = |tx: &mut dyn Tx, account: &AccountRow| {
        tx.prune_answers(UnixMs(2), 2)?;
        keyed_change(tx, account)
    };
    assert!(run_again(&fixture, forgetful) > 0);
}

#[test]
fn logins_side_by_side_do_not_lose_to_each_other_over_sessions_that_have_ended() {
    let Some(fixture) = store_with_what_has_ended() else { return };
    run_again(&fixture, |_, _| Ok(()));
    assert_eq!(run_again(&fixture, login), 0);
    let forgetful = |tx: &mut dyn Tx, account: &AccountRow| {
        tx.prune_sessions(UnixMs(2), 100)?;
        login(tx, account)
    };
    assert!(run_again(&fixture, forgetful) > 0);
}
