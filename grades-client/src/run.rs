//! From the parsed arguments to the printed result: which server, which session, which command.

use grades_api::{Accounts, Grades};
use grades_client::Connection;

#[cfg(feature = "demo")]
use crate::demo;
use crate::{
    cli::{Cli, Command, PasswordInput, SignedInCommand},
    commands,
    failure::Failure,
    render::View,
    session_file::{RememberedSession, SessionFile},
    tls_files::TlsFiles,
};

/// Where `grades-server run` listens if it is not told otherwise.
const DEFAULT_SERVER: &str = "127.0.0.1:7878";

/// Runs one command and prints its result.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { mut options, command } = cli;
    // An empty variable is how a shell unsets one for a command.
    options.server = options.server.filter(|server| !server.is_empty());
    options.session_file = options.session_file.filter(|file| !file.as_os_str().is_empty());
    let file = || SessionFile::locate(options.session_file.clone());
    let tls = || TlsFiles::named(options.ca.as_deref(), options.cert.as_deref(), options.key.as_deref());
    let view = match &command {
        #[cfg(feature = "demo")]
        Command::Demo { wire, step } => return demo::run(*wire, *step),
        Command::Login { name, password } => login(&file()?, options.server, tls()?, name, *password)?,
        Command::Logout => logout(&file()?, options.server, tls()?)?,
        Command::SignedIn(command) => {
            let remembered = remembered(&file()?, options.server, tls()?)?;
            let session = connect(&remembered.server, remembered.tls.as_ref())?.resume(remembered.session);
            signed_in(&session.accounts, &session.grades, command)?
        }
    };
    view.print(options.output)
}

fn login(
    file: &SessionFile,
    server: Option<String>,
    tls: Option<TlsFiles>,
    name: &str,
    password: PasswordInput,
) -> Result<View, Failure> {
    // A file that can't be read is about to be replaced: it only fails to name a server.
    let before = file.read().ok().flatten();
    let server = server
        .or_else(|| before.as_ref().map(|remembered| remembered.server.clone()))
        .unwrap_or_else(|| DEFAULT_SERVER.to_owned());
    // The password is not to be sent to this server in another way than the session before was.
    let tls = tls.or_else(|| before.filter(|before| before.server == server)?.tls);
    let signed_in = commands::login(&connect(&server, tls.as_ref())?.accounts(), name, password)?;
    let name = signed_in.account.name;
    let session = signed_in.session;
    file.write(&RememberedSession { server: server.clone(), tls, name: name.clone(), session })?;
    let path = file.path().display().to_string();
    let role = signed_in.account.role;
    Ok(View::done(
        format!("signed in to {server} as {name}, {role}; the session is kept in {path}"),
        &[
            ("name", name.into()),
            ("role", role.as_str().into()),
            ("server", server.into()),
            ("session_file", path.into()),
        ],
    ))
}

fn logout(file: &SessionFile, server: Option<String>, tls: Option<TlsFiles>) -> Result<View, Failure> {
    let remembered = remembered(file, server, tls)?;
    commands::logout(&connect(&remembered.server, remembered.tls.as_ref())?.resume(remembered.session).accounts)?;
    file.remove()?;
    let RememberedSession { server, name, .. } = remembered;
    Ok(View::done(format!("{name} signed out of {server}"), &[("name", name.into()), ("server", server.into())]))
}

/// The session to go on with. One of another server stays here: its secret is nobody else's business. `tls` replaces how the
/// server was reached, but nothing can say that it is to be reached without.
fn remembered(file: &SessionFile, server: Option<String>, tls: Option<TlsFiles>) -> Result<RememberedSession, Failure> {
    let path = file.path().display();
    let Some(remembered) = file.read()? else {
        return Err(Failure::not_logged_in(format!("not logged in: there is no session in {path}")));
    };
    match server {
        Some(server) if server != remembered.server => {
            let message = format!("not logged in to {server}: the session in {path} is of {}", remembered.server);
            Err(Failure::not_logged_in(message))
        }
        _ => Ok(RememberedSession { tls: tls.or_else(|| remembered.tls.clone()), ..remembered }),
    }
}

fn connect(server: &str, tls: Option<&TlsFiles>) -> Result<Connection, Failure> {
    match tls {
        None => Connection::open(server),
        Some(files) => Connection::open_tls(server, files.load()?),
    }
    .map_err(Failure::of_connecting(server))
}

/// Every command that needs a session.
fn signed_in(accounts: &dyn Accounts, grades: &dyn Grades, command: &SignedInCommand) -> Result<View, Failure> {
    match command {
        SignedInCommand::Whoami => commands::whoami(accounts),
        SignedInCommand::Passwd { password } => commands::passwd(accounts, *password),
        SignedInCommand::Account(command) => commands::account(accounts, command),
        SignedInCommand::Session(command) => commands::session(accounts, command),
        SignedInCommand::Promotion(command) => commands::promotion(grades, command),
        SignedInCommand::Student(command) => commands::student(grades, command),
        SignedInCommand::Mark(command) => commands::mark(grades, command),
        SignedInCommand::Average { promotion, number } => commands::average(grades, promotion, number.as_deref()),
        SignedInCommand::List { promotion, number } => commands::list(grades, promotion, number.as_deref()),
        SignedInCommand::Import { promotion, file, coefficients, dry_run } => {
            commands::import(grades, promotion, file, coefficients, *dry_run)
        }
    }
}

#[cfg(test)]
mod tests {
    use grades_api::model::SessionId;

    use super::*;
    use crate::failure::Exit;

    #[test]
    fn a_session_is_only_sent_to_the_server_it_is_of() {
        #[track_caller]
        fn check(server: Option<&str>, expected: Result<&str, Exit>) {
            let directory = tempfile::tempdir().unwrap();
            let file = SessionFile::locate(Some(directory.path().join("session"))).unwrap();
            let session = SessionId::from_bytes([1; 32]);
            let before = RememberedSession { server: "a:1".to_owned(), tls: None, name: "ada".to_owned(), session };
            file.write(&before).unwrap();
            let found = remembered(&file, server.map(str::to_owned), None);
            assert_eq!(found.map(|found| found.server).map_err(|failure| failure.exit), expected.map(str::to_owned));
        }
        check(None, Ok("a:1"));
        check(Some("a:1"), Ok("a:1"));
        check(Some("a:2"), Err(Exit::NotLoggedIn));
        check(Some("b:1"), Err(Exit::NotLoggedIn));
    }

    #[test]
    fn without_a_session_the_failure_names_the_file_that_was_looked_for() {
        let file = SessionFile::locate(Some("nowhere/session".into())).unwrap();
        let failure = remembered(&file, None, None).unwrap_err();
        assert_eq!(failure.exit, Exit::NotLoggedIn);
        assert!(failure.message.contains("nowhere/session"), "{failure:?}");
    }
}
