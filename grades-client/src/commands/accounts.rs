//! The commands on accounts and sessions.

use grades_api::{
    Accounts,
    model::{NewAccount, Role, SignedIn, StudentKey},
};

use crate::{
    cli::{AccountCommand, PasswordInput, SessionCommand},
    failure::{Exit, Failure},
    password_input::Passwords,
    render::{self, View},
};

/// `grades login`: asks for the password and begins a session.
pub(crate) fn login(accounts: &dyn Accounts, name: &str, input: PasswordInput) -> Result<SignedIn, Failure> {
    let password = Passwords::from_input(input).existing(&format!("Password of {name}"))?;
    accounts.login(name, &password).map_err(Failure::of_accounts("the login was refused"))
}

/// `grades logout`: ends the session at the server; one that has ended already is fine.
pub(crate) fn logout(accounts: &dyn Accounts) -> Result<(), Failure> {
    match accounts.logout().map_err(Failure::of_accounts("the session")) {
        Err(failure) if failure.exit != Exit::NotLoggedIn => Err(failure),
        _ => Ok(()),
    }
}

/// `grades whoami`.
pub(crate) fn whoami(accounts: &dyn Accounts) -> Result<View, Failure> {
    let who = accounts.whoami().map_err(Failure::of_accounts("the session"))?;
    Ok(render::whoami(&who))
}

/// `grades passwd`.
pub(crate) fn passwd(accounts: &dyn Accounts, input: PasswordInput) -> Result<View, Failure> {
    let mut passwords = Passwords::from_input(input);
    let current = passwords.existing("Current password")?;
    let new = passwords.new_one("New password")?;
    accounts.change_password(&current, &new).map_err(Failure::of_accounts("the password was not changed"))?;
    Ok(View::done("the password was changed; the account's other sessions have ended".to_owned(), &[]))
}

/// `grades account …`.
pub(crate) fn account(accounts: &dyn Accounts, command: &AccountCommand) -> Result<View, Failure> {
    let (name, sentence, outcome) = match command {
        AccountCommand::List => {
            let all = accounts.accounts().map_err(Failure::of_accounts("the accounts"))?;
            return Ok(render::account_list(&all));
        }
        AccountCommand::Add { name, role, promotions, student, password } => {
            let account = new_account(name, *role, promotions, student.as_deref())?;
            let password = Passwords::from_input(*password).new_one(&format!("Password for {name}"))?;
            let sentence = format!("was made: {role}{}", what_it_lacks(&account));
            (name, sentence, accounts.create_account(&account, &password))
        }
        AccountCommand::Disable { name } => {
            (name, "was disabled; its sessions have ended".to_owned(), accounts.set_disabled(name, true))
        }
        AccountCommand::Enable { name } => (name, "may sign in".to_owned(), accounts.set_disabled(name, false)),
        AccountCommand::Role { name, role } => {
            (name, format!("is {role} now; its sessions have ended"), accounts.set_role(name, *role))
        }
        AccountCommand::Password { name, password } => {
            let password = Passwords::from_input(*password).new_one(&format!("New password for {name}"))?;
            let sentence = "has another password; its sessions have ended".to_owned();
            (name, sentence, accounts.reset_password(name, &password))
        }
        AccountCommand::Attach { name, promotion } => {
            (name, format!("teaches `{promotion}`"), accounts.attach_teacher(name, promotion))
        }
        AccountCommand::Detach { name, promotion } => {
            (name, format!("no longer teaches `{promotion}`"), accounts.detach_teacher(name, promotion))
        }
        AccountCommand::Bind { name, promotion, number } => {
            let key = StudentKey { promotion: promotion.clone(), number: number.clone() };
            (name, format!("is student `{number}` of `{promotion}`"), accounts.bind_student(name, Some(&key)))
        }
        AccountCommand::Unbind { name } => {
            (name, "is bound to no student".to_owned(), accounts.bind_student(name, None))
        }
    };
    outcome.map_err(Failure::of_accounts(&about(name, command)))?;
    Ok(View::done(format!("account `{name}` {sentence}"), &[("account", name.as_str().into())]))
}

/// The account, and what else may be missing.
fn about(name: &str, command: &AccountCommand) -> String {
    match command {
        AccountCommand::Attach { promotion, .. } | AccountCommand::Detach { promotion, .. } => {
            format!("account `{name}` or promotion `{promotion}`")
        }
        AccountCommand::Bind { promotion, number, .. } => {
            format!("account `{name}` or student `{number}` of `{promotion}`")
        }
        _ => format!("account `{name}`"),
    }
}

fn new_account(
    name: &str,
    role: Role,
    promotions: &[String],
    student: Option<&[String]>,
) -> Result<NewAccount, Failure> {
    let usage = |what: &str| {
        Err(Failure::new(Exit::Usage, format!("{what} does not go with --role {role}"))
            .hint("--promotion is for teachers, --student for students"))
    };
    if role != Role::Teacher && !promotions.is_empty() {
        return usage("--promotion");
    }
    if role != Role::Student && student.is_some() {
        return usage("--student");
    }
    let student = match student {
        Some([promotion, number]) => Some(StudentKey { promotion: promotion.clone(), number: number.clone() }),
        _ => None,
    };
    Ok(NewAccount { name: name.to_owned(), role, promotions: promotions.to_vec(), student })
}

/// What is left to do before a new account may see anything.
fn what_it_lacks(account: &NewAccount) -> String {
    let name = &account.name;
    match account.role {
        Role::Teacher if account.promotions.is_empty() => {
            format!("; it has no promotion yet: `grades account attach {name} PROMOTION`")
        }
        Role::Student if account.student.is_none() => {
            format!("; it is no student's yet: `grades account bind {name} PROMOTION NUMBER`")
        }
        _ => String::new(),
    }
}

/// `grades session …`.
pub(crate) fn session(accounts: &dyn Accounts, command: &SessionCommand) -> Result<View, Failure> {
    match command {
        SessionCommand::List { name } => {
            let about = name.as_ref().map_or_else(|| "the sessions".to_owned(), |name| format!("account `{name}`"));
            let sessions = accounts.sessions(name.as_deref()).map_err(Failure::of_accounts(&about))?;
            Ok(render::session_list(&sessions))
        }
        SessionCommand::End { handle } => {
            let about = format!("session {handle}");
            accounts.end_session(*handle).map_err(Failure::of_accounts(&about))?;
            Ok(View::done(format!("{about} has ended"), &[("handle", (*handle).into())]))
        }
    }
}

#[cfg(test)]
mod tests {
    use grades_api::{AccountsClient, accounts::AccountsLogout};
    use rpc_core::{Error, MockTransport, Status};

    use super::*;

    #[test]
    fn a_session_that_has_ended_already_is_logged_out() {
        #[track_caller]
        fn check(status: Status, expected: Result<(), Exit>) {
            let server = MockTransport::new().on(move |_: AccountsLogout| Err(Error::rejected(status, None)));
            let client = AccountsClient::new(server.channel());
            assert_eq!(logout(&client).map_err(|failure| failure.exit), expected);
        }
        check(Status::UNAUTHENTICATED, Ok(()));
        check(Status::UNAVAILABLE, Err(Exit::Unreachable));
    }

    #[test]
    fn an_account_that_may_see_nothing_yet_is_told_so() {
        #[track_caller]
        fn check(role: Role, promotions: &[&str], student: Option<&[String]>, lacks: bool) {
            let promotions: Vec<String> = promotions.iter().map(|name| (*name).to_owned()).collect();
            let account = new_account("bob", role, &promotions, student).unwrap();
            assert_eq!(!what_it_lacks(&account).is_empty(), lacks);
        }
        let student = ["L3".to_owned(), "1".to_owned()];
        check(Role::Teacher, &[], None, true);
        check(Role::Teacher, &["L3"], None, false);
        check(Role::Student, &[], None, true);
        check(Role::Student, &[], Some(&student), false);
        check(Role::Administrator, &[], None, false);
    }

    #[test]
    fn promotions_are_for_teachers_and_students_for_student_accounts() {
        #[track_caller]
        fn check(role: Role, promotions: &[&str], student: Option<[&str; 2]>, accepted: bool) {
            let promotions: Vec<String> = promotions.iter().map(|name| (*name).to_owned()).collect();
            let student = student.map(|pair| pair.map(str::to_owned));
            let account = new_account("bob", role, &promotions, student.as_ref().map(<[String; 2]>::as_slice));
            assert_eq!(
                account.map(|_| ()).map_err(|failure| failure.exit),
                if accepted { Ok(()) } else { Err(Exit::Usage) }
            );
        }
        check(Role::Teacher, &[], None, true);
        check(Role::Teacher, &["L3", "M1"], None, true);
        check(Role::Teacher, &[], Some(["L3", "1"]), false);
        check(Role::Student, &[], None, true);
        check(Role::Student, &[], Some(["L3", "1"]), true);
        check(Role::Student, &["L3"], None, false);
        check(Role::Administrator, &[], None, true);
        check(Role::Administrator, &["L3"], None, false);
        check(Role::Administrator, &[], Some(["L3", "1"]), false);
    }
}
