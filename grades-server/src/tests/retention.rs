//! What is kept, and for how long.

use std::{cell::Cell, time::Duration};

use super::{accounts::audited, world::World};
use crate::{
    UnixMs,
    clock::Clock as _,
    retention::forget,
    store::{AccountId, KeyRow, RequestKey, StoreError},
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How many answers of the administrator are kept, and how many of their sessions.
fn kept(world: &World) -> (u64, usize) {
    let view =
        world.state.store.read(|view| Ok((view.answers_of(AccountId(1))?, view.sessions_of(AccountId(1))?.len())));
    view.map_err(|error: StoreError| error).unwrap()
}

#[test]
fn answers_go_after_48_hours_and_sessions_when_they_have_ended_although_nobody_calls() {
    let world = World::school();
    let created = world.clock.now();
    for key in 0..3_u8 {
        let row = KeyRow { service: 1, opcode: 1, fingerprint: [0; 32], result: vec![], created };
        let insert =
            world.state.store.write(None, move |tx| tx.insert_answer(AccountId(1), RequestKey([key; 16]), &row));
        insert.unwrap();
    }
    let sessions = kept(&world).1;
    assert!(sessions > 0);
    world.advance(HOUR);
    assert_eq!((forget(&world.state, None, &|| false), kept(&world)), (Ok(0), (3, sessions)));
    world.advance(47 * HOUR);
    forget(&world.state, None, &|| false).unwrap();
    assert_eq!(kept(&world), (3, 0), "an answer is kept for the whole of its time");
    world.advance(Duration::from_millis(1));
    assert_eq!((forget(&world.state, None, &|| false), kept(&world)), (Ok(3), (0, 0)));
}

#[test]
fn who_is_stopped_forgets_nothing_more() {
    let world = World::school();
    let created = world.clock.now();
    let insert: Result<(), StoreError> = world.state.store.write(None, move |tx| {
        (0..1_200_u16).try_for_each(|number| {
            let mut key = [0; 16];
            key[..2].copy_from_slice(&number.to_be_bytes());
            let row = KeyRow { service: 1, opcode: 1, fingerprint: [0; 32], result: vec![], created };
            tx.insert_answer(AccountId(1), RequestKey(key), &row)
        })
    });
    insert.unwrap();
    world.advance(49 * HOUR);
    let changes = Cell::new(0);
    let after_the_first = || changes.replace(changes.get() + 1) > 0;
    assert_eq!(forget(&world.state, None, &after_the_first), Ok(500));
    assert_eq!((forget(&world.state, None, &|| true), kept(&world).0), (Ok(0), 700));
}

#[test]
fn the_audit_is_kept_for_ever_or_for_as_long_as_the_operator_says_and_says_what_is_gone() {
    let world = World::school();
    let before = audited(&world);
    world.advance(24 * HOUR * 400);
    forget(&world.state, None, &|| false).unwrap();
    assert_eq!(audited(&world), before);
    let kept_for = Some(24 * HOUR * 400);
    forget(&world.state, kept_for, &|| false).unwrap();
    assert_eq!(audited(&world), before, "the last moment counts");
    world.advance(Duration::from_millis(1));
    assert_eq!(forget(&world.state, kept_for, &|| false), Ok(u64::try_from(before.len()).unwrap()));
    let gone = world.clock.now().minus(24 * HOUR * 400);
    assert!(gone > UnixMs(0));
    assert_eq!(
        audited(&world),
        [format!("retention prune_audit audit {} lines of before {} ms", before.len(), gone.0)]
    );
}
