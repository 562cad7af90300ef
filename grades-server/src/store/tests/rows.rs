//! What goes in comes out, and what must not be changed can't be.

use super::*;

fn a_mark_of_every_kind_comes_out_as_it_went_in(fixture: Fixture) {
    let marks = [Mark::value(145_000, 2_000).unwrap(), Mark::ABS, Mark::EXC, Mark::ATT];
    let coefficient = Coefficient::from_hundredths(250).unwrap();
    let student = fixture.write(move |tx| {
        let promotion = tx.insert_promotion("L3", UnixMs(1))?;
        let student = tx.insert_student(promotion, "17", "Grace Hopper")?;
        for mark in marks {
            tx.insert_mark(student, mark, coefficient, "exam", UnixMs(2))?;
        }
        Ok(student)
    });
    let entries = fixture.store.read(|view| view.marks_of(student)).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.mark).collect::<Vec<_>>(), marks);
    assert!(entries.iter().all(|entry| entry.coefficient == coefficient && entry.version == 1));
}

fn a_page_begins_after_a_number_that_need_not_be_there(fixture: Fixture) {
    let promotion = fixture.write(|tx| {
        let promotion = tx.insert_promotion("L3", UnixMs(1))?;
        for number in ["10", "9", "1", "30"] {
            let student = tx.insert_student(promotion, number, "same name")?;
            tx.insert_mark(student, Mark::ABS, Coefficient::from_hundredths(100).unwrap(), number, UnixMs(1))?;
        }
        Ok(promotion)
    });
    let check = |after: Option<&str>, limit, expected: &[&str]| {
        let page = fixture.store.read(|view| view.students_with_marks(promotion, after, limit)).unwrap();
        assert!(page.iter().all(|(student, marks)| marks.len() == 1 && marks[0].label == student.number), "{page:?}");
        let numbers: Vec<_> = page.iter().map(|(student, _)| student.number.as_str()).collect();
        assert_eq!(numbers, expected, "{after:?}, {limit}");
    };
    check(None, u32::MAX, &["1", "9", "10", "30"]);
    check(None, 2, &["1", "9"]);
    check(Some("9"), 2, &["10", "30"]);
    check(Some("20"), 2, &["30"]);
    check(Some("30"), 2, &[]);
    check(None, 0, &[]);
}

fn removing_a_student_removes_marks_history_and_binding_with_them(fixture: Fixture) {
    fixture.write(|tx| {
        let account = account(tx, "sam", Role::Student)?;
        let promotion = tx.insert_promotion("L3", UnixMs(1))?;
        let student = tx.insert_student(promotion, "17", "Grace Hopper")?;
        let coefficient = Coefficient::from_hundredths(100).unwrap();
        let id = tx.insert_mark(student, Mark::ABS, coefficient, "", UnixMs(1))?;
        tx.correct_mark(&crate::store::Correction {
            id,
            version: 2,
            old: (Mark::ABS, coefficient),
            new: (Mark::EXC, coefficient),
            by: account,
            at: UnixMs(3),
            reason: "ill".to_owned(),
        })?;
        tx.bind(account, Some(student))?;
        assert_eq!(tx.mark_history(id)?.len(), 1);
        tx.delete_student(student)?;
        assert_eq!(tx.mark(id)?, None);
        assert_eq!(tx.mark_history(id)?, []);
        assert_eq!(tx.bound_student(account)?, None);
        Ok(())
    });
}

fn a_row_that_this_build_would_not_write_is_an_error_and_no_guess(fixture: Fixture) {
    let student = fixture.write(|tx| {
        let promotion = tx.insert_promotion("L3", UnixMs(1))?;
        let student = tx.insert_student(promotion, "17", "Grace Hopper")?;
        tx.insert_mark(student, Mark::ABS, Coefficient::from_hundredths(100).unwrap(), "", UnixMs(1))?;
        tx.sql("UPDATE mark SET code = 0, ten_thousandths = 200001, scale = 2000")?;
        Ok(student)
    });
    assert_eq!(fixture.store.read(|view| view.marks_of(student)), Err(StoreError::Failed));
}

fn the_audit_can_be_neither_altered_nor_deleted(fixture: Fixture) {
    fixture.write(|tx| {
        tx.audit(&AuditEntry {
            at: UnixMs(1),
            account: None,
            actor: "console",
            session: None,
            peer: "local",
            action: "create_account",
            object: "root",
            detail: "",
        })
    });
    for sql in ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"] {
        assert_eq!(fixture.store.write(None, move |tx| tx.sql(sql)), Err(StoreError::Failed), "{sql}");
    }
}

fn lines_of_the_audit_go_by_their_age_and_in_no_other_way(fixture: Fixture) {
    fixture.write(|tx| {
        (1..=5).try_for_each(|at| tx.audit(&AuditEntry::at_console(UnixMs(at), "did", &at.to_string(), "")))
    });
    let prune = |before, rows_max| fixture.write(move |tx| tx.prune_audit(UnixMs(before), rows_max));
    assert_eq!([prune(4, 2), prune(4, 2), prune(4, 2)], [2, 1, 0]);
    // The horizon stays where it was: an earlier one protects nothing anew, and no later line may go.
    assert_eq!(prune(2, 10), 0);
    assert_eq!(
        fixture.store.write(None, |tx| tx.sql("UPDATE audit_horizon SET before_ms = 0")),
        Err(StoreError::Failed)
    );
    assert_eq!(fixture.store.write(None, |tx| tx.sql("DELETE FROM audit WHERE at_ms = 4")), Err(StoreError::Failed));
    assert_eq!(fixture.write(|tx| tx.audited()), ["console did 4 ", "console did 5 "]);
}

fn of_too_many_strangers_the_longest_quiet_is_forgotten(fixture: Fixture) {
    let known = fixture.write(|tx| {
        // 0 is tried again after 1: then 1 is the longest quiet.
        for n in [0, 1, 0, 2, 3_u8] {
            tx.set_strangers(&[n; 32], Strangers { failures: 7, next_allowed: UnixMs(u64::from(n)) }, 3)?;
        }
        assert_eq!(tx.count("stranger")?, 3);
        (0..4_u8).map(|n| Ok(tx.strangers(&[n; 32])?.is_some())).collect::<Result<Vec<_>, StoreError>>()
    });
    assert_eq!(known, [true, false, true, true]);
}

fn old_answers_and_ended_sessions_are_pruned_and_others_kept(fixture: Fixture) {
    fixture.write(|tx| {
        let account = account(tx, "root", Role::Administrator)?;
        for created in [1, 2, 3, 100] {
            let row =
                KeyRow { service: 0x47, opcode: 5, fingerprint: [0; 32], result: vec![], created: UnixMs(created) };
            tx.insert_answer(account, RequestKey([u8::try_from(created).unwrap(); 16]), &row)?;
            tx.insert_session(&NewSession {
                digest: SessionDigest([u8::try_from(created).unwrap(); 32]),
                account,
                epoch: 0,
                created: UnixMs(0),
                idle_ms: 1_000,
                expires: UnixMs(created),
                peer: "local".to_owned(),
            })?;
        }
        tx.prune_answers(UnixMs(50), 2)?;
        tx.prune_sessions(UnixMs(50), 2)?;
        let kept = |tx: &mut dyn Tx, n: u8| Ok::<_, StoreError>(tx.answered(account, RequestKey([n; 16]))?.is_some());
        assert_eq!([kept(tx, 1)?, kept(tx, 2)?, kept(tx, 3)?, kept(tx, 100)?], [false, false, true, true]);
        assert_eq!(tx.sessions_of(account)?.len(), 2);
        Ok(())
    });
}

fn a_request_key_belongs_to_its_account(fixture: Fixture) {
    fixture.write(|tx| {
        let (one, two) = (account(tx, "one", Role::Teacher)?, account(tx, "two", Role::Teacher)?);
        let row = KeyRow { service: 0x47, opcode: 5, fingerprint: [7; 32], result: vec![1], created: UnixMs(1) };
        tx.insert_answer(one, RequestKey([1; 16]), &row)?;
        assert_eq!(tx.answered(one, RequestKey([1; 16]))?, Some(row));
        assert_eq!(tx.answered(two, RequestKey([1; 16]))?, None);
        Ok(())
    });
}

/// Anybody may ask for any text, some before they have signed in, and no backend may fail at it.
fn a_name_with_a_character_that_no_name_has_is_nobodys(fixture: Fixture) {
    fixture.write(|tx| {
        let promotion = tx.insert_promotion("L3", UnixMs(1))?;
        for number in ["1", "2", "20", "3"] {
            tx.insert_student(promotion, number, "same name")?;
        }
        let odd = ["\0", "L3\0", "\0L3", "2\0", "2\u{1}", "2\u{fffe}", "\u{10ffff}"];
        for name in odd {
            assert_eq!(tx.promotion(name)?, None, "{name:?}");
            assert_eq!(tx.student(promotion, name)?, None, "{name:?}");
            assert!(tx.students_named(promotion, name)?.is_empty(), "{name:?}");
            assert!(tx.account(name)?.is_none(), "{name:?}");
        }
        let mut behind = |after| {
            let page = tx.students_with_marks(promotion, Some(after), 10)?;
            Ok::<_, StoreError>(page.into_iter().map(|(student, _)| student.number).collect::<Vec<_>>())
        };
        assert_eq!(behind("\0")?, ["1", "2", "3", "20"]);
        assert_eq!(behind("2\0")?, ["2", "3", "20"], "a position is before all that begin as it does");
        assert_eq!(behind("2")?, ["3", "20"]);
        Ok(())
    });
}

on_each_backend!(
    a_name_with_a_character_that_no_name_has_is_nobodys,
    a_mark_of_every_kind_comes_out_as_it_went_in,
    a_page_begins_after_a_number_that_need_not_be_there,
    removing_a_student_removes_marks_history_and_binding_with_them,
    a_row_that_this_build_would_not_write_is_an_error_and_no_guess,
    the_audit_can_be_neither_altered_nor_deleted,
    lines_of_the_audit_go_by_their_age_and_in_no_other_way,
    of_too_many_strangers_the_longest_quiet_is_forgotten,
    old_answers_and_ended_sessions_are_pruned_and_others_kept,
    a_request_key_belongs_to_its_account,
);
