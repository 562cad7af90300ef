//! Every method × every role × every way in which its object can stand to the caller, called on a real server and judged by
//! the rule from which `docs/access.md` is written. A method that is added to a trait fails here until someone writes
//! down how it is called.

use std::{cell::Cell, fmt::Debug};

use grades_api::{
    Accounts, AccountsClient, AccountsError, Grades, GradesClient, GradesError,
    model::{Coefficient, Mark, MarkId, NewAccount, NewMark, Password, Role, Sheet, SheetColumn, SheetRow, StudentKey},
};
use rpc_core::{CallOptions, Channel, Error, Method, Status};
use tests::{ADMINISTRATOR, Answer, Caller, Object, PASSWORD, Relation, RunningServer, expected};

/// A number that no mark and no session of a new store has.
const MISSING: u64 = 1 << 40;

/// Two promotions: a teacher has the first, a student stands in it as number 1.
struct School {
    channel: Channel,
    administrator: Clients,
    teacher: Clients,
    student: Clients,
    /// A teacher of the other promotion.
    stranger: Clients,
    nobody: Clients,
    drawn: Cell<u32>,
    _server: RunningServer,
}

/// Both services as one caller sees them.
struct Clients {
    name: String,
    accounts: AccountsClient,
    grades: GradesClient,
}

impl Clients {
    fn without_session(channel: &Channel, name: &str) -> Self {
        let (accounts, grades) = (AccountsClient::new(channel.clone()), GradesClient::new(channel.clone()));
        Self { name: name.to_owned(), accounts, grades }
    }

    fn sign_in(channel: &Channel, name: &str) -> Self {
        let stranger = Self::without_session(channel, name);
        let signed_in = stranger.accounts.login(name, &Password::new(PASSWORD)).unwrap();
        let options = CallOptions::new().credential(signed_in.session.expose());
        let (accounts, grades) = (stranger.accounts.with(options.clone()), stranger.grades.with(options));
        Self { accounts, grades, ..stranger }
    }

    /// The handle of the session that these clients use.
    fn handle(&self) -> u64 {
        self.accounts.sessions(None).unwrap().into_iter().find(|session| session.current).unwrap().handle
    }
}

impl School {
    fn open() -> Self {
        let server = RunningServer::start();
        let channel = Channel::connect(server.address()).unwrap();
        let administrator = Clients::sign_in(&channel, ADMINISTRATOR);
        for promotion in ["own", "others"] {
            administrator.grades.create_promotion(promotion).unwrap();
            for number in ["1", "2"] {
                administrator.grades.add_student(promotion, number, "A Student").unwrap();
            }
        }
        let make = |name: &str, role, promotion: &str| {
            let student = (role == Role::Student).then(|| key(promotion, "1"));
            let promotions = if role == Role::Teacher { vec![promotion.to_owned()] } else { Vec::new() };
            let account = NewAccount { name: name.to_owned(), role, promotions, student };
            administrator.accounts.create_account(&account, &Password::new(PASSWORD)).unwrap();
            Clients::sign_in(&channel, name)
        };
        let (teacher, stranger) = (make("teacher", Role::Teacher, "own"), make("stranger", Role::Teacher, "others"));
        let student = make("student", Role::Student, "own");
        let nobody = Clients::without_session(&channel, "teacher");
        Self { administrator, teacher, student, stranger, nobody, channel, drawn: Cell::new(0), _server: server }
    }

    const fn clients(&self, caller: Caller) -> &Clients {
        match caller {
            Caller::Nobody => &self.nobody,
            Caller::Student => &self.student,
            Caller::Teacher => &self.teacher,
            Caller::Administrator => &self.administrator,
        }
    }

    /// A name that nothing has yet.
    fn fresh(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("new-{}", self.drawn.get())
    }

    /// A new student of a promotion.
    fn fresh_student(&self, promotion: &str) -> String {
        let number = self.fresh();
        self.administrator.grades.add_student(promotion, &number, "A Student").unwrap();
        number
    }

    /// A new account without attachments.
    fn fresh_account(&self, role: Role) -> String {
        let account = NewAccount { name: self.fresh(), role, promotions: Vec::new(), student: None };
        self.administrator.accounts.create_account(&account, &Password::new(PASSWORD)).unwrap();
        account.name
    }
}

fn key(promotion: &str, number: &str) -> StudentKey {
    StudentKey { promotion: promotion.to_owned(), number: number.to_owned() }
}

fn judge<T: Debug, E: PartialEq + Debug>(result: rpc_core::Result<T, E>, forbidden: &E, not_found: &E) -> Answer {
    match result {
        Ok(_) => Answer::Done,
        Err(Error::App(error)) if error == *forbidden => Answer::Forbidden,
        Err(Error::App(error)) if error == *not_found => Answer::NotFound,
        Err(Error::Refused(refusal)) if refusal.status == Status::FORBIDDEN => Answer::ForbiddenToRole,
        Err(Error::Refused(refusal)) if refusal.status == Status::UNAUTHENTICATED => Answer::Unauthenticated,
        Err(other) => panic!("neither done nor refused: {other:?}"),
    }
}

fn check_all(methods: &[Method], call: impl Fn(&School, &Method, Caller, Relation) -> Answer) {
    let school = School::open();
    for method in methods {
        for caller in Caller::ALL {
            for relation in Object::of(method).relations(caller) {
                let answer = call(&school, method, caller, *relation);
                let wanted = expected(method, caller, *relation);
                assert_eq!(answer, wanted, "{} by {caller:?}, {relation:?}", method.name);
            }
        }
    }
}

#[test]
fn every_method_of_grades_answers_every_role_by_the_rule() {
    check_all(GradesClient::SERVICE.methods, |school, method, caller, relation| {
        let clients = &school.clients(caller).grades;
        let done =
            |result: rpc_core::Result<(), GradesError>| judge(result, &GradesError::Forbidden, &GradesError::NotFound);
        done(call_grades(school, clients, method.name, caller, relation))
    });
}

fn call_grades(
    school: &School,
    grades: &GradesClient,
    method: &str,
    caller: Caller,
    relation: Relation,
) -> rpc_core::Result<(), GradesError> {
    let promotion = match (relation, caller) {
        (Relation::Own, _) | (Relation::Others, Caller::Student) => "own",
        (Relation::Others, _) => "others",
        (Relation::Missing, _) => "nowhere",
    };
    let number = match (relation, caller) {
        (Relation::Own, Caller::Student) => "1".to_owned(),
        (Relation::Missing, _) => "1".to_owned(),
        _ => school.fresh_student(promotion),
    };
    let (mark, coefficient): (Mark, Coefficient) = ("12".parse().unwrap(), "1".parse().unwrap());
    let id = || match relation {
        Relation::Missing => MarkId(MISSING),
        _ => school.administrator.grades.add_mark(promotion, &number, mark, coefficient, "exam").unwrap(),
    };
    match method {
        "create_promotion" => grades.create_promotion(&school.fresh()),
        "promotions" => grades.promotions().map(drop),
        "add_student" => grades.add_student(promotion, &school.fresh(), "A Student"),
        "remove_student" => grades.remove_student(promotion, &number),
        "add_mark" => grades.add_mark(promotion, &number, mark, coefficient, "test").map(drop),
        "add_marks" => grades.add_marks(promotion, &[NewMark { number, mark }], coefficient, "test").map(drop),
        "correct_mark" => grades.correct_mark(id(), 1, mark, coefficient, "a reason").map(drop),
        "mark_history" => grades.mark_history(id()).map(drop),
        "student_average" => grades.student_average(promotion, &number).map(drop),
        "promotion_average" => grades.promotion_average(promotion).map(drop),
        "student" => grades.student(promotion, &number).map(drop),
        "students" => grades.students(promotion, None, 10).map(drop),
        "import" => {
            let columns = vec![SheetColumn { coefficient, label: school.fresh() }];
            let sheet = Sheet { columns, rows: vec![SheetRow { student: number, marks: vec![mark] }] };
            grades.import(promotion, &sheet, false).map(drop)
        }
        other => panic!("write down how {other} is called"),
    }
}

#[test]
fn every_method_of_accounts_answers_every_role_by_the_rule() {
    check_all(AccountsClient::SERVICE.methods, |school, method, caller, relation| {
        let clients = school.clients(caller);
        let result = match Object::of(method) {
            Object::Account => administer(school, &clients.accounts, method.name, caller, relation),
            _ => call_own(school, clients, method.name, caller, relation),
        };
        judge(result, &AccountsError::Forbidden, &AccountsError::NotFound)
    });
}

/// Methods about the caller and about sessions.
fn call_own(
    school: &School,
    clients: &Clients,
    method: &str,
    caller: Caller,
    relation: Relation,
) -> rpc_core::Result<(), AccountsError> {
    let accounts = &clients.accounts;
    let another_session = || match caller {
        Caller::Nobody => Clients::without_session(&school.channel, &clients.name),
        _ => Clients::sign_in(&school.channel, &clients.name),
    };
    match method {
        "login" => accounts.login(&clients.name, &Password::new(PASSWORD)).map(drop),
        "logout" => another_session().accounts.logout(),
        "whoami" => accounts.whoami().map(drop),
        "change_password" => {
            let (old, new) = (Password::new(PASSWORD), Password::new("eleven herons under the bridge"));
            accounts.change_password(&old, &new)?;
            accounts.change_password(&new, &old)
        }
        "sessions" => match relation {
            Relation::Own => accounts.sessions(None).map(drop),
            Relation::Others => accounts.sessions(Some("stranger")).map(drop),
            Relation::Missing => accounts.sessions(Some("missing")).map(drop),
        },
        "end_session" => accounts.end_session(match (relation, caller) {
            (Relation::Missing, _) | (Relation::Own, Caller::Nobody) => MISSING,
            (Relation::Own, _) => another_session().handle(),
            (Relation::Others, _) => Clients::sign_in(&school.channel, &school.stranger.name).handle(),
        }),
        "create_account" => {
            let account =
                NewAccount { name: school.fresh(), role: Role::Teacher, promotions: Vec::new(), student: None };
            accounts.create_account(&account, &Password::new(PASSWORD))
        }
        "accounts" => accounts.accounts().map(drop),
        other => panic!("write down how {other} is called"),
    }
}

/// Methods about another account.
fn administer(
    school: &School,
    accounts: &AccountsClient,
    method: &str,
    caller: Caller,
    relation: Relation,
) -> rpc_core::Result<(), AccountsError> {
    // Hashing a password takes its time: only where the account will really be changed.
    let account = |role| match (relation, caller) {
        (Relation::Missing, _) => "missing".to_owned(),
        (_, Caller::Administrator) => school.fresh_account(role),
        _ => school.stranger.name.clone(),
    };
    match method {
        "set_disabled" => accounts.set_disabled(&account(Role::Teacher), true),
        "set_role" => accounts.set_role(&account(Role::Teacher), Role::Student),
        "reset_password" => accounts.reset_password(&account(Role::Teacher), &Password::new(PASSWORD)),
        "attach_teacher" => accounts.attach_teacher(&account(Role::Teacher), "own"),
        "detach_teacher" => {
            let account = account(Role::Teacher);
            if caller == Caller::Administrator && relation != Relation::Missing {
                school.administrator.accounts.attach_teacher(&account, "own").unwrap();
            }
            accounts.detach_teacher(&account, "own")
        }
        "bind_student" => {
            let student = key("own", &school.fresh_student("own"));
            accounts.bind_student(&account(Role::Student), Some(&student))
        }
        other => panic!("write down how {other} is called"),
    }
}

#[test]
fn a_list_of_promotions_holds_the_callers_own() {
    let school = School::open();
    let names = |clients: &Clients| -> Vec<String> {
        clients.grades.promotions().unwrap().into_iter().map(|promotion| promotion.name).collect()
    };
    assert_eq!(names(&school.administrator), ["others", "own"]);
    assert_eq!(names(&school.teacher), ["own"]);
    assert_eq!(names(&school.stranger), ["others"]);
    assert_eq!(names(&school.student), ["own"]);
}
