//! Stores of earlier builds: each is made as that build made it, filled with what it could hold, and brought up.

use super::*;
use crate::{BackupError, Copied, SystemClock, back_up, restore, store::sqlite};

/// What a store of each version holds beyond the one before, in the words of both backends. `DIGEST` and `KEY` stand for
/// 32 and 16 bytes.
const ROWS: &[&str] = &[
    "INSERT INTO account (name, role, password, created_ms) VALUES ('ada', 1, 'no hash', 1);
     INSERT INTO session (digest, account, epoch, created_ms, last_seen_ms, idle_ms, expires_ms, peer)
     VALUES (DIGEST, 1, 0, 1, 1, 1000, 1000, 'local')",
    "INSERT INTO promotion (name, created_ms) VALUES ('L3', 1);
     INSERT INTO student (promotion, number, name, position) VALUES (1, '17', 'Grace Hopper', '00217');
     INSERT INTO mark (student, label, code, ten_thousandths, scale, coefficient, version, created_ms)
     VALUES (1, 'exam', 0, 125000, 2000, 100, 1, 1)",
    "INSERT INTO op_key (account, key, service, opcode, fingerprint, result, created_ms)
     VALUES (1, KEY, 71, 5, DIGEST, KEY, 1)",
    "INSERT INTO audit (at_ms, actor, peer, action, object, detail)
     VALUES (1, 'console', 'local', 'create_account', 'ada', '')",
    "UPDATE audit_horizon SET before_ms = 1",
];

fn rows(version: usize, digest: &str, key: &str) -> String {
    ROWS[..version].join(";\n").replace("DIGEST", digest).replace("KEY", key)
}

/// What a store of this version held is there, and everything that this build does can be done.
fn check(fixture: &Fixture, version: usize) {
    fixture.write(move |tx| {
        let ada = tx.account("ada")?.unwrap();
        assert_eq!((ada.id, ada.role, ada.created), (AccountId(1), Role::Administrator, UnixMs(1)));
        assert_eq!(tx.sessions_of(ada.id)?.len(), 1);
        if version >= 2 {
            let promotion = tx.promotion("L3")?.unwrap();
            let student = tx.student(promotion, "17")?.unwrap();
            assert_eq!(tx.marks_of(student.id)?[0].mark, "12.5".parse().unwrap());
        }
        assert_eq!(tx.answered(ada.id, RequestKey([7; 16]))?.is_some(), version >= 3);
        assert_eq!(tx.audited()?.len(), usize::from(version >= 4));
        Ok(())
    });
    fixture.write(|tx| {
        let promotion = tx.insert_promotion("M1", UnixMs(2))?;
        let student = tx.insert_student(promotion, "21", "Barbara Liskov")?;
        let coefficient = Coefficient::from_hundredths(100).unwrap();
        tx.insert_mark(student, Mark::ABS, coefficient, "oral", UnixMs(2))?;
        let row = KeyRow { service: 1, opcode: 1, fingerprint: [0; 32], result: vec![], created: UnixMs(2) };
        tx.insert_answer(AccountId(1), RequestKey([9; 16]), &row)?;
        tx.audit(&AuditEntry::at_console(UnixMs(2), "did", "that", ""))?;
        tx.prune_audit(UnixMs(2), 10)?;
        assert_eq!(tx.audited()?.len(), 1);
        Ok(())
    });
}

fn versions() -> std::ops::RangeInclusive<usize> {
    let known = usize::try_from(sqlite::known()).unwrap();
    assert_eq!(known, ROWS.len(), "a new version needs rows here");
    1..=known
}

#[test]
fn a_store_of_each_earlier_version_is_brought_up_on_sqlite() {
    for version in versions() {
        let data = tempfile::tempdir().unwrap();
        let rows = rows(version, "zeroblob(32)", "x'07070707070707070707070707070707'");
        sqlite::create_at(data.path(), version, &rows).unwrap();
        let store = Store::open(&data.path().into()).unwrap();
        check(&Fixture { store, place: Place::Directory(data) }, version);
    }
}

#[test]
fn a_store_of_each_earlier_version_is_copied_as_it_is_and_a_copy_of_it_restored() {
    for version in versions() {
        let (data, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let rows = rows(version, "zeroblob(32)", "x'07070707070707070707070707070707'");
        sqlite::create_at(data.path(), version, &rows).unwrap();
        let copy = scratch.path().join("copy");
        let copied = back_up(&data.path().into(), &copy).unwrap();
        let (found, known) = (i64::try_from(version).unwrap(), sqlite::known());
        if found == known {
            assert!(matches!(copied, Copied::Read(contents) if contents.accounts == 1), "{copied:?}");
        } else {
            assert_eq!(copied, Copied::Older { found, known });
        }
        let restored = StoreAddress::from(scratch.path().join("restored"));
        restore(&restored, &copy, &SystemClock).unwrap();
        let store = Store::open(&restored).unwrap();
        assert!(store.read(|view| view.account("ada")).unwrap().is_some(), "{version}");
        assert_eq!(store.read(|view| view.sessions_of(AccountId(1))).unwrap(), [], "{version}");
    }
}

#[test]
fn a_store_whose_making_was_cut_short_is_not_copied() {
    let (data, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sqlite::create_at(data.path(), 0, "").unwrap();
    let copied = back_up(&data.path().into(), &scratch.path().join("copy"));
    assert!(matches!(copied, Err(BackupError::Check(_))), "{copied:?}");
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[cfg(feature = "postgres")]
mod on_postgres {
    use super::*;
    use crate::store::{Backend, postgres::Postgres};

    /// A server of an earlier build, with a store that it made and filled.
    fn earlier(database: &Database, version: usize) -> Store {
        let StoreAddress::Postgres(url) = database.url().parse().unwrap() else { panic!("no URL") };
        let backend: Box<dyn Backend> = Box::new(Postgres::of_version(&url, version).unwrap());
        let key = "decode(repeat('07', 16), 'hex')";
        database.sql(&rows(version, "decode(repeat('00', 32), 'hex')", key));
        Store { backend }
    }

    #[test]
    fn a_store_of_each_earlier_version_is_brought_up() {
        for version in versions() {
            let Some(database) = Database::new() else { return };
            drop(earlier(&database, version));
            let store = Store::open(&database.url().parse().unwrap()).unwrap();
            check(&Fixture { store, place: Place::Database(database) }, version);
        }
    }

    /// What an upgrade without a pause rests on: a step adds, and takes nothing away from a server that still runs.
    #[test]
    fn a_server_of_the_version_before_goes_on_while_another_brings_the_store_up() {
        let Some(database) = Database::new() else { return };
        let before = *versions().end() - 1;
        let old = earlier(&database, before);
        let change = |name: &'static str| {
            old.write(None, move |tx| {
                tx.insert_promotion(name, UnixMs(1))?;
                let row = KeyRow { service: 1, opcode: 1, fingerprint: [0; 32], result: vec![], created: UnixMs(1) };
                tx.insert_answer(AccountId(1), RequestKey([name.as_bytes()[0]; 16]), &row)?;
                tx.prune_answers(UnixMs(0), 2)?;
                tx.audit(&AuditEntry::at_console(UnixMs(1), "did", name, ""))
            })
        };
        change("a").unwrap();
        let new = Store::open(&database.url().parse().unwrap()).unwrap();
        change("b").unwrap();
        new.write(None, |tx| tx.insert_promotion("c", UnixMs(1))).unwrap();
        for store in [&old, &new] {
            let names: Vec<_> = store.read(|view| view.promotions()).unwrap().into_iter().map(|p| p.name).collect();
            assert_eq!(names, ["L3", "a", "b", "c"]);
        }
    }
}
