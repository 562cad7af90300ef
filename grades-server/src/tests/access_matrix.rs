//! Role × method × object: what each may do to what is theirs, what is another's, and what is not there.

use grades_api::{
    AccountsClient, AccountsError, Grades, GradesClient, GradesError,
    model::{Mark, MarkId, NewAccount, NewMark, Role, Sheet, SheetColumn, SheetRow},
};
use rpc_core::{Error, Result, Status};

use super::world::{User, World, key, password};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    /// The role may not call the method.
    Refused,
    Forbidden,
    NotFound,
    /// Nobody is signed in.
    SignIn,
}
use End::{Done, Forbidden, NotFound, Refused, SignIn};

/// Where a call aims: a promotion, a student's number in it, and the id of a mark of theirs.
#[derive(Clone, Copy, Debug)]
struct Aim {
    promotion: &'static str,
    number: &'static str,
    mark: MarkId,
}

const OWN: Aim = Aim { promotion: "L3", number: "17", mark: MarkId(1) };
const FOREIGN: Aim = Aim { promotion: "M1", number: "21", mark: MarkId(3) };
const MISSING: Aim = Aim { promotion: "X9", number: "99", mark: MarkId(99) };

fn end<T>(result: Result<T, GradesError>) -> End {
    match result {
        Ok(_) => Done,
        Err(Error::App(GradesError::Forbidden)) => Forbidden,
        Err(Error::App(GradesError::NotFound)) => NotFound,
        Err(Error::Refused(refusal)) if refusal.status == Status::FORBIDDEN => Refused,
        Err(Error::Refused(refusal)) if refusal.status == Status::UNAUTHENTICATED => SignIn,
        Err(other) => panic!("{other}"),
    }
}

fn unit<T>(result: Result<T, GradesError>) -> Result<(), GradesError> {
    result.map(drop)
}

fn aimed(grades: &dyn Grades, method: &str, aim: Aim) -> Result<(), GradesError> {
    let Aim { promotion, number, mark } = aim;
    let one = "1".parse().unwrap();
    let sheet = Sheet {
        columns: vec![SheetColumn { coefficient: one, label: "new".to_owned() }],
        rows: vec![SheetRow { student: number.to_owned(), marks: vec![Mark::EXC] }],
    };
    match method {
        "create_promotion" => grades.create_promotion("new"),
        "promotions" => unit(grades.promotions()),
        "add_student" => grades.add_student(promotion, "new", "New"),
        "remove_student" => grades.remove_student(promotion, number),
        "add_mark" => unit(grades.add_mark(promotion, number, Mark::ABS, one, "")),
        "correct_mark" => unit(grades.correct_mark(mark, 1, Mark::EXC, one, "ill")),
        "mark_history" => unit(grades.mark_history(mark)),
        "student_average" => unit(grades.student_average(promotion, number)),
        "promotion_average" => unit(grades.promotion_average(promotion)),
        "student" => unit(grades.student(promotion, number)),
        "students" => unit(grades.students(promotion, None, 10)),
        "add_marks" => {
            let marks = [NewMark { number: number.to_owned(), mark: Mark::EXC }];
            unit(grades.add_marks(promotion, &marks, one, "new"))
        }
        "import" => unit(grades.import(promotion, &sheet, false)),
        other => panic!("a new method, {other}: say here who may do what with it"),
    }
}

/// For each method: administrator, teacher, student; each on their own, another's, and nothing.
fn expected(method: &str) -> [[End; 3]; 3] {
    let keeps_marks = [[Done, Done, NotFound], [Done, Forbidden, Forbidden], [Refused; 3]];
    match method {
        "create_promotion" => [[Done; 3], [Refused; 3], [Refused; 3]],
        "promotions" => [[Done; 3], [Done; 3], [Done; 3]],
        "student_average" | "student" => {
            [[Done, Done, NotFound], [Done, Forbidden, Forbidden], [Done, NotFound, NotFound]]
        }
        _ => keeps_marks,
    }
}

#[test]
fn every_method_of_grades_holds_every_role_to_its_scope() {
    for method in GradesClient::SERVICE.methods {
        for (name, ends) in ["root", "tess", "sam"].into_iter().zip(expected(method.name)) {
            for (aim, end_expected) in [OWN, FOREIGN, MISSING].into_iter().zip(ends) {
                let world = World::school();
                let user = world.sign_in(name);
                let ended = end(user.grades(method.name, |grades| aimed(grades, method.name, aim)));
                assert_eq!(ended, end_expected, "{} by {name} on {aim:?}", method.name);
            }
        }
    }
}

#[test]
fn a_student_sees_no_other_student_of_the_same_promotion() {
    let world = World::school();
    let sam = world.sign_in("sam");
    let other = Aim { number: "18", mark: MarkId(2), ..OWN };
    for method in ["student", "student_average"] {
        assert_eq!(end(sam.grades(method, |grades| aimed(grades, method, other))), NotFound, "{method}");
    }
}

#[test]
fn without_a_session_nothing_but_a_login_is_possible() {
    let world = World::school();
    let nobody = [world.stranger(), world.with_credential(&[]), world.with_credential(&[7; 32])];
    for user in &nobody {
        for method in GradesClient::SERVICE.methods {
            let ended = end(user.grades(method.name, |grades| aimed(grades, method.name, OWN)));
            assert_eq!(ended, SignIn, "{}", method.name);
        }
        for method in AccountsClient::SERVICE.methods.iter().filter(|method| method.name != "login") {
            assert_eq!(account_end(user, method.name), SignIn, "{}", method.name);
        }
    }
    world.login("root", super::world::PASSWORD).unwrap();
}

/// Calls a method of `Accounts` on the account tess.
fn account_end(user: &User<'_>, method: &str) -> End {
    let new = NewAccount { name: "new".into(), role: Role::Teacher, promotions: vec![], student: None };
    let ended = user.accounts(method, |accounts| match method {
        "login" => accounts.login("tess", &password()).map(drop),
        "logout" => accounts.logout(),
        "whoami" => accounts.whoami().map(drop),
        "change_password" => accounts.change_password(&password(), &password()),
        "sessions" => accounts.sessions(Some("tess")).map(drop),
        "end_session" => accounts.end_session(u64::MAX),
        "create_account" => accounts.create_account(&new, &password()),
        "accounts" => accounts.accounts().map(drop),
        "set_disabled" => accounts.set_disabled("tess", true),
        "set_role" => accounts.set_role("tess", Role::Student),
        "reset_password" => accounts.reset_password("tess", &password()),
        "attach_teacher" => accounts.attach_teacher("tess", "M1"),
        "detach_teacher" => accounts.detach_teacher("tess", "L3"),
        "bind_student" => accounts.bind_student("sam", Some(&key("L3", "17"))),
        other => panic!("a new method, {other}: say here who may call it"),
    });
    match ended {
        Ok(()) => Done,
        Err(Error::App(AccountsError::NotFound)) => NotFound,
        Err(Error::App(AccountsError::Forbidden)) => Forbidden,
        Err(Error::Refused(refusal)) if refusal.status == Status::FORBIDDEN => Refused,
        Err(Error::Refused(refusal)) if refusal.status == Status::UNAUTHENTICATED => SignIn,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn accounts_are_for_administrators_and_ones_own_sessions_for_everyone() {
    for method in AccountsClient::SERVICE.methods {
        let ends = match method.name {
            "login" | "logout" | "whoami" | "change_password" => [Done, Done, Done],
            "sessions" => [Done, Done, Forbidden],
            "end_session" => [NotFound, NotFound, NotFound],
            _ => [Done, Refused, Refused],
        };
        for (name, expected) in ["root", "tess", "sam"].into_iter().zip(ends) {
            let world = World::school();
            assert_eq!(account_end(&world.sign_in(name), method.name), expected, "{} by {name}", method.name);
        }
    }
}
