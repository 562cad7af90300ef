//! Copies of a store that is served, and what is handed out about a student.

use std::{fs, thread};

use super::world::{World, password};
use crate::{
    BackupError, CheckError, Clock, Copied, ExportError, InitError, OpenError, PasswordCost, StoreAddress, UnixMs,
    back_up, check, export, init, restore, store::Store,
};

#[test]
fn a_copy_that_was_taken_while_the_store_is_served_makes_the_same_store_and_no_session_of_it_lives() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    let (file, data) = (scratch.path().join("copy"), scratch.path().join("restored"));
    let Copied::Read(held) = back_up(&world.address(), &file).unwrap() else { panic!("it is not of today") };
    assert_eq!((held.accounts, held.promotions, held.students, held.marks), (3, 2, 3, 3));
    assert_eq!(check(file.as_path()).unwrap(), held);
    world.sign_in("root").grades("create_promotion", |grades| grades.create_promotion("later")).unwrap();

    let restored = StoreAddress::from(&data);
    assert_eq!(restore(&restored, &file, world.clock.as_ref()).unwrap(), held);
    let store = Store::open(&restored).unwrap();
    let accounts = store.read(|view| view.accounts()).unwrap();
    for account in accounts {
        assert_eq!(store.read(|view| view.sessions_of(account.id)).unwrap(), []);
    }
    let last = store.write(None, |tx| tx.audited()).unwrap().pop().unwrap();
    assert!(last.starts_with("console restore the store"), "{last}");
}

#[test]
fn each_copy_that_is_taken_among_changes_holds_all_before_some_moment_and_nothing_after_it() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        let adding = scope.spawn(|| {
            let root = world.sign_in("root");
            for n in 0..200 {
                let (mark, coefficient) = ("14".parse().unwrap(), "1".parse().unwrap());
                root.grades("add_mark", |grades| grades.add_mark("L3", "17", mark, coefficient, &n.to_string()))
                    .unwrap();
            }
        });
        for copy in 0..5 {
            let file = scratch.path().join(copy.to_string());
            back_up(&world.address(), &file).unwrap();
            let store = Store::open_to_read(&file.as_path().into()).unwrap();
            let labels: Vec<String> = store
                .read(|view| {
                    let promotion = view.promotion("L3")?.unwrap();
                    let student = view.student(promotion, "17")?.unwrap();
                    view.marks_of(student.id)
                })
                .unwrap()
                .into_iter()
                .skip(1) // the school's own
                .map(|mark| mark.label)
                .collect();
            assert_eq!(labels, (0..labels.len()).map(|n| n.to_string()).collect::<Vec<_>>());
        }
        adding.join().unwrap();
    });
}

#[test]
fn nothing_that_is_there_is_replaced() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("copy");
    back_up(&world.address(), &file).unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(back_up(&world.address(), &file), Err(BackupError::Open(OpenError::Exists(_)))));
    assert_eq!(fs::read(&file).unwrap(), before);
    let onto = restore(&world.address(), &file, world.clock.as_ref());
    assert!(matches!(onto, Err(BackupError::Open(OpenError::Exists(_)))), "{onto:?}");
}

#[test]
fn no_store_is_made_beside_what_a_killed_one_left() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("copy");
    back_up(&world.address(), &file).unwrap();
    world.sign_in("root").grades("create_promotion", |grades| grades.create_promotion("later")).unwrap();
    let StoreAddress::Directory(served) = world.address() else { panic!("SQLite is in a directory") };
    for suffix in ["-wal", "-shm", "-journal"] {
        // As it is after a kill, when only the store's file was moved away: what was changed last is in the log.
        let data = scratch.path().join(suffix);
        fs::create_dir(&data).unwrap();
        let left = data.join(format!("grades.sqlite{suffix}"));
        fs::copy(served.join("grades.sqlite-wal"), &left).unwrap();
        let restored = restore(&StoreAddress::from(&data), &file, world.clock.as_ref());
        assert!(
            matches!(&restored, Err(BackupError::Open(OpenError::LeftBehind(path))) if *path == left),
            "{restored:?}"
        );
        let made = init(data.as_path(), "root", &password(), PasswordCost::FOR_TESTS, world.clock.as_ref());
        assert!(matches!(&made, Err(InitError::Open(OpenError::LeftBehind(path))) if *path == left), "{made:?}");
        let found: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(found, std::slice::from_ref(&left));
        // Nor may a copy get a name beside which another's log lies.
        let copied = back_up(&world.address(), &data.join("grades.sqlite"));
        assert!(matches!(&copied, Err(BackupError::Open(OpenError::LeftBehind(path))) if *path == left), "{copied:?}");
    }
}

/// Looks at the place of a store when it is asked for the time.
#[derive(Debug)]
struct Looking(StoreAddress);

impl Clock for Looking {
    fn now(&self) -> UnixMs {
        let served = Store::open(&self.0);
        assert!(matches!(served, Err(OpenError::NotInitialised(_))), "it can be served with its sessions: {served:?}");
        let made = Store::create(&self.0);
        assert!(matches!(made, Err(OpenError::InUse(_))), "another store can be made there: {made:?}");
        UnixMs(1)
    }
}

#[test]
fn a_store_that_is_being_restored_is_nobody_elses_and_can_not_be_served_before_its_sessions_have_ended() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    let (file, data) = (scratch.path().join("copy"), scratch.path().join("restored"));
    back_up(&world.address(), &file).unwrap();
    let restored = StoreAddress::from(&data);
    restore(&restored, &file, &Looking(restored.clone())).unwrap();
    drop(Store::open(&restored).unwrap());
}

#[test]
fn a_restore_that_does_not_come_to_its_end_leaves_no_store() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    let (file, data) = (scratch.path().join("copy"), scratch.path().join("restored"));
    world.sign_in("root");
    // The line in the audit is the last thing that is written.
    world.sql("CREATE TRIGGER torn BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'torn'); END");
    back_up(&world.address(), &file).unwrap();
    assert!(restore(&StoreAddress::from(&data), &file, world.clock.as_ref()).is_err());
    assert!(matches!(Store::open(&data.as_path().into()), Err(OpenError::NotInitialised(_))));
}

#[test]
fn a_copy_with_a_row_that_can_not_be_read_gets_no_name() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    world.sql("UPDATE mark SET code = 0, ten_thousandths = 200001, scale = 2000");
    let copied = back_up(&world.address(), &scratch.path().join("copy"));
    assert!(matches!(copied, Err(BackupError::Check(CheckError::Row))), "{copied:?}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn a_copy_that_is_cut_or_damaged_is_refused_and_makes_no_store() {
    let world = World::school();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("copy");
    back_up(&world.address(), &file).unwrap();
    let whole = fs::read(&file).unwrap();
    let damaged = scratch.path().join("damaged");
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&damaged, bytes).unwrap();
        assert!(check(damaged.as_path()).is_err(), "{what}");
        let data = scratch.path().join("restored");
        assert!(restore(&StoreAddress::from(&data), &damaged, world.clock.as_ref()).is_err(), "{what}");
        assert!(matches!(check(data.as_path()), Err(CheckError::Open(OpenError::NotInitialised(_)))), "{what}");
    };
    refused(b"no store at all", "another file");
    refused(&whole[..whole.len() / 2], "half of it");
    // The second page and each after it, but those that hold nothing yet.
    for page in 1..whole.len() / 4_096 {
        let mut torn = whole.clone();
        let range = page * 4_096..(page + 1) * 4_096;
        if torn[range.clone()].iter().skip(8).any(|byte| *byte != 0) {
            torn[range].fill(0);
            refused(&torn, &format!("page {page}"));
        }
    }
}

#[test]
fn an_export_has_all_that_is_kept_about_a_student_and_no_secret() {
    let world = World::school();
    let sam = world.sign_in("sam");
    sam.grades("student", |grades| grades.student("L3", "17")).unwrap();
    let text = export(world.address(), "L3", "17").unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&found["name"], &found["number"]), (&"Grace".into(), &"17".into()));
    assert_eq!((&found["marks"][0]["mark"], &found["marks"][0]["label"]), (&"14".into(), &"exam".into()));
    assert_eq!(found["account"]["name"], "sam");
    assert_eq!(found["account"]["sessions"].as_array().unwrap().len(), 1);
    let done: Vec<_> = found["audit"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert!(["add_student", "add_mark", "create_account"].iter().all(|action| done.contains(action)), "{done:?}");
    assert!(!text.contains("$argon2"), "a hash");
    let other = export(world.address(), "L3", "18").unwrap();
    assert!(!other.contains("sam") && !other.contains("Grace"), "{other}");
    assert!(matches!(export(world.address(), "L3", "99"), Err(ExportError::NoStudent)));
}
