//! How a command fails: one place turns every error into a sentence, a hint and an exit code. Scripts rely on the codes.

use std::{fmt, process::ExitCode};

use anstream::eprint;
use clap::builder::styling::{AnsiColor, Style};
use grades_api::{AccountsError, GradesError, model::NameKind};
use rpc_core::{Error, Outcome, Refusal, Status, TlsError, TransportError, TransportErrorKind};

use crate::render::printable;

/// The exit codes, as the help lists them. 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Anything that no other code describes.
    Failure = 1,
    /// The command line can't be meant; the same code as clap's.
    Usage = 2,
    /// The server can't be reached, or takes no call now.
    Unreachable = 3,
    /// No session, an ended one, or a login that was refused.
    NotLoggedIn = 4,
    /// The caller may not do this.
    Forbidden = 5,
    /// No such thing, or none that the caller may know of.
    NotFound = 6,
    /// The thing is not in a state that allows it.
    Conflict = 7,
    /// A value, a password or a file is not valid.
    InvalidData = 8,
    /// The deadline passed.
    Deadline = 9,
}

/// What a command ends with when it does not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What went wrong: one sentence, lower case, no full stop.
    pub(crate) message: String,
    /// Where there is more than one thing wrong: each on a line.
    pub(crate) details: Vec<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), details: Vec::new(), hint: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Exit::InvalidData, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(crate) fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// Explains a failed call of `Grades`. `about` names what it was about, such as "student `17` of `L3`".
    pub(crate) fn of_grades(about: &str) -> impl FnOnce(Error<GradesError>) -> Self {
        move |error| match error {
            Error::App(error) => Self::grades_app(&error, about),
            error => Self::framework(&error, about),
        }
    }

    /// Explains a failed call of `Accounts`.
    pub(crate) fn of_accounts(about: &str) -> impl FnOnce(Error<AccountsError>) -> Self {
        move |error| match error {
            Error::App(error) => Self::accounts_app(error, about),
            error => Self::framework(&error, about),
        }
    }

    /// Explains why there is no connection to `server`.
    pub(crate) fn of_connecting(server: &str) -> impl FnOnce(TransportError) -> Self {
        move |error| Self::transport(&error, server)
    }

    /// No session to send.
    pub(crate) fn not_logged_in(message: impl Into<String>) -> Self {
        Self::new(Exit::NotLoggedIn, message).hint("sign in with `grades login NAME`")
    }

    /// Prints the failure on standard error and gives the code to exit with.
    pub(crate) fn report(&self) -> ExitCode {
        let (red, cyan) = (bold(AnsiColor::Red), bold(AnsiColor::Cyan));
        let mut text = format!("{red}error:{red:#} {}\n", printable(&self.message));
        for line in &self.details {
            text.push_str(&format!("  {}\n", printable(line)));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("{cyan}hint:{cyan:#} {}\n", printable(hint)));
        }
        eprint!("{text}");
        self.exit.into()
    }

    fn grades_app(error: &GradesError, about: &str) -> Self {
        match error {
            GradesError::NotFound => {
                Self::new(Exit::NotFound, format!("{about} does not exist, or is not yours to see"))
                    .hint("`grades promotion list` and `grades list PROMOTION` show what there is")
            }
            GradesError::Forbidden => {
                Self::new(Exit::Forbidden, format!("{about} is not yours: you are not attached to this promotion"))
                    .hint("an administrator attaches teachers with `grades account attach NAME PROMOTION`")
            }
            GradesError::Conflict => {
                Self::new(Exit::Conflict, format!("{about} exists already")).hint("choose another name or number")
            }
            GradesError::VersionConflict { current } => {
                Self::new(Exit::Conflict, format!("{about} was corrected meanwhile; it is at version {current} now"))
                    .hint("look at it again with `grades list PROMOTION NUMBER`, then repeat the correction")
            }
            GradesError::BadName => Self::invalid(format!(
                "{about}: a name, number, label or reason is empty, too long, or has characters that a line can't hold"
            ))
            .hint(format!(
                "a student's number has at most {} characters, a reason {}, all else {}; no blank at an end",
                NameKind::StudentNumber.chars_max(),
                NameKind::Reason.chars_max(),
                NameKind::StudentName.chars_max()
            )),
            GradesError::BadColumns => Self::invalid(format!(
                "{about}: the sheet has no column of marks, too many, two with the same header, or a header that is no label"
            ))
            .hint("give each column of marks a header of its own"),
            GradesError::BadRow { .. } | GradesError::BadRows { .. } | GradesError::TooManyRows { .. } => {
                Self::invalid(format!("{about}: {error}; nothing was written"))
                    .hint("mend what is named, or send it in parts; then send it again")
            }
            other => Self::unknown(other, about),
        }
    }

    fn accounts_app(error: AccountsError, about: &str) -> Self {
        match error {
            AccountsError::BadCredentials => Self::new(
                Exit::NotLoggedIn,
                format!("{about}: wrong name or password, or the account is disabled or locked"),
            )
            .hint("try again, or ask an administrator to enable the account"),
            AccountsError::TryLater => Self::new(Exit::NotLoggedIn, format!("{about}: too many failed logins"))
                .hint("wait some seconds before the next try"),
            AccountsError::NotFound => Self::new(Exit::NotFound, format!("{about} does not exist"))
                .hint("`grades account list`, `grades session list` and `grades promotion list` show what there is"),
            AccountsError::Conflict => {
                Self::new(Exit::Conflict, format!("{about} exists already")).hint("choose another name")
            }
            AccountsError::Forbidden => {
                Self::new(Exit::Forbidden, format!("{about} is not yours")).hint("ask an administrator")
            }
            AccountsError::PasswordLength => Self::invalid(format!("{about}: the password is too short or too long"))
                .hint("use 15 to 128 characters, at most 512 bytes; several words are fine"),
            AccountsError::PasswordTooCommon => Self::invalid(format!(
                "{about}: the password is among those that attackers try first, or no more than the account's name"
            ))
            .hint("use several words that nobody would guess"),
            AccountsError::BadName => {
                Self::invalid(format!("{about}: the name is empty, too long, or has characters that a line can't hold"))
                    .hint(format!(
                        "a name has at most {} characters, and no blank at an end",
                        NameKind::Account.chars_max()
                    ))
            }
            AccountsError::WrongRole => Self::new(Exit::Conflict, format!("{about}: the account's role does not fit"))
                .hint(
                    "promotions are for teachers, students for student accounts; `grades account list` shows the roles",
                ),
            AccountsError::LastAdministrator => {
                Self::new(Exit::Conflict, format!("{about} is the last administrator, who must stay one"))
                    .hint("make another administrator first")
            }
            other => Self::unknown(&other, about),
        }
    }

    fn unknown(error: &impl fmt::Debug, about: &str) -> Self {
        Self::new(
            Exit::Failure,
            format!("{about}: the server answered with {error:?}, which this program does not know"),
        )
        .hint("use the program that came with the server")
    }

    fn framework<E>(error: &Error<E>, about: &str) -> Self {
        match error {
            Error::Refused(refusal) => Self::refused(refusal, about),
            Error::Transport(error) => Self::transport(error, about),
            Error::RequestTooLarge { bytes_max } => {
                Self::invalid(format!("{about}: the request is over the limit of {bytes_max} bytes and was not sent"))
                    .hint("send less at once")
            }
            _ => Self::new(Exit::Failure, format!("{about}: the server's reply does not decode"))
                .hint("the server runs an incompatible build: use the program that came with it"),
        }
    }

    fn refused(refusal: &Refusal, about: &str) -> Self {
        match refusal.status {
            Status::UNAUTHENTICATED => Self::not_logged_in("not logged in, or the session has ended"),
            Status::FORBIDDEN => Self::new(Exit::Forbidden, format!("{about}: your role may not do this"))
                .hint("`grades whoami` shows your role; `grades list PROMOTION NUMBER` and `grades average PROMOTION NUMBER` show a student's own marks"),
            Status::DEADLINE_BEFORE_START | Status::DEADLINE_EXCEEDED => {
                Self::new(Exit::Deadline, format!("{about}: {refusal}")).outcome(refusal.status.outcome())
            }
            Status::OVERLOADED | Status::DRAINING | Status::BUSY | Status::UNAVAILABLE | Status::TIMED_OUT => {
                Self::new(Exit::Unreachable, format!("the server takes no call now: {refusal}"))
                    .hint("nothing was changed; try again in a moment")
            }
            Status::BODY_TOO_LARGE => Self::invalid(format!("{about}: {refusal}")).hint("send less at once"),
            // Of a string that is over the limit. A body of another build has none.
            Status::BAD_BODY if refusal.limit.is_some() => {
                Self::invalid(format!("{about}: {refusal}")).hint("a text is too long: shorten it")
            }
            Status::UNKNOWN_SERVICE | Status::UNKNOWN_OPCODE | Status::BAD_BODY | Status::UNSUPPORTED_VERSION => {
                Self::new(Exit::Failure, format!("{about}: {refusal}"))
                    .hint("the server runs an incompatible build: use the program that came with it")
            }
            status => Self::new(Exit::Failure, format!("{about}: {refusal}")).outcome(status.outcome()),
        }
    }

    fn transport(error: &TransportError, about: &str) -> Self {
        match error.kind {
            TransportErrorKind::Connect(_) | TransportErrorKind::ConnectDeadline => {
                Self::new(Exit::Unreachable, format!("{about}: {}", error.kind))
                    .hint("check that the server runs, and the address with --server or GRADES_SERVER")
            }
            TransportErrorKind::WriteDeadline | TransportErrorKind::ReplyDeadline | TransportErrorKind::Silent => {
                Self::new(Exit::Deadline, format!("{about}: {}", error.kind)).outcome(error.outcome)
            }
            TransportErrorKind::Tls(tls) => {
                let failure = Self::new(Exit::Unreachable, format!("{about}: {}", error.kind));
                match tls {
                    TlsError::UnknownIssuer => failure.hint("give the authority of the server's certificate with --ca"),
                    TlsError::WrongName => failure.hint("use a name that is in the server's certificate with --server"),
                    TlsError::CertificateRefused => {
                        failure.hint("show a certificate that the server trusts with --cert and --key")
                    }
                    TlsError::Ended | TlsError::NotTls => {
                        failure.hint("check that the server was started with --tls-cert, and the address with --server")
                    }
                    _ => failure.outcome(error.outcome),
                }
            }
            // What a server that speaks TLS answers to one who does not.
            TransportErrorKind::Protocol(_) => Self::new(Exit::Unreachable, format!("{about}: {}", error.kind))
                .details(vec!["if the server speaks TLS, give the authority of its certificate with --ca".to_owned()])
                .outcome(error.outcome),
            _ => Self::new(Exit::Unreachable, format!("{about}: {}", error.kind)).outcome(error.outcome),
        }
    }

    /// Says whether the call ran, so that nobody repeats a change by guess.
    fn outcome(self, outcome: Outcome) -> Self {
        self.hint(match outcome {
            Outcome::NotSent | Outcome::Rejected => "nothing was changed; try again",
            Outcome::MaybeExecuted => "whether it was done is not known: look before you repeat it",
            Outcome::Executed => "it was done; only the answer is missing",
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

fn bold(colour: AnsiColor) -> Style {
    colour.on_default().bold()
}

#[cfg(test)]
mod tests {
    use std::io;

    use grades_api::RowError;

    use super::*;

    #[test]
    fn each_kind_of_error_has_the_exit_code_of_the_contract() {
        #[track_caller]
        fn check(error: Error<GradesError>, exit: Exit) {
            let failure = Failure::of_grades("mark 7")(error);
            assert_eq!(failure.exit, exit, "{failure:?}");
            assert!(failure.hint.is_some(), "{failure:?} says nothing of what to do");
        }
        let refused = |status| Error::Refused(Refusal::new(status));
        let moved = |kind| Error::Transport(transport(kind));
        check(Error::App(GradesError::NotFound), Exit::NotFound);
        check(Error::App(GradesError::Forbidden), Exit::Forbidden);
        check(Error::App(GradesError::Conflict), Exit::Conflict);
        check(Error::App(GradesError::VersionConflict { current: 3 }), Exit::Conflict);
        check(Error::App(GradesError::BadName), Exit::InvalidData);
        check(Error::App(GradesError::BadColumns), Exit::InvalidData);
        check(Error::App(GradesError::BadRow { row: 6, reason: RowError::Twice }), Exit::InvalidData);
        check(Error::App(GradesError::BadRows { faults: Vec::new() }), Exit::InvalidData);
        check(Error::App(GradesError::TooManyRows { rows_max: 1_000 }), Exit::InvalidData);
        check(Error::App(GradesError::Other(99)), Exit::Failure);
        check(refused(Status::UNAUTHENTICATED), Exit::NotLoggedIn);
        check(refused(Status::FORBIDDEN), Exit::Forbidden);
        check(refused(Status::DEADLINE_BEFORE_START), Exit::Deadline);
        check(refused(Status::DEADLINE_EXCEEDED), Exit::Deadline);
        check(refused(Status::BUSY), Exit::Unreachable);
        check(refused(Status::BODY_TOO_LARGE), Exit::InvalidData);
        check(refused(Status::BAD_BODY), Exit::Failure);
        let mut text_too_long = Refusal::new(Status::BAD_BODY);
        text_too_long.limit = Some(65_536);
        check(Error::Refused(text_too_long), Exit::InvalidData);
        check(refused(Status::UNKNOWN_OPCODE), Exit::Failure);
        check(refused(Status::INTERNAL), Exit::Failure);
        check(refused(Status(0x02ff)), Exit::Failure);
        check(moved(TransportErrorKind::Connect(io::ErrorKind::ConnectionRefused)), Exit::Unreachable);
        check(moved(TransportErrorKind::ConnectDeadline), Exit::Unreachable);
        check(moved(TransportErrorKind::ReplyDeadline), Exit::Deadline);
        check(moved(TransportErrorKind::Closed), Exit::Unreachable);
        check(Error::RequestTooLarge { bytes_max: 1 }, Exit::InvalidData);
    }

    #[test]
    fn errors_of_accounts_have_the_exit_code_of_the_contract() {
        #[track_caller]
        fn check(error: AccountsError, exit: Exit) {
            let failure = Failure::of_accounts("account `ada`")(Error::App(error));
            assert_eq!(failure.exit, exit, "{failure:?}");
            assert!(failure.hint.is_some(), "{failure:?} says nothing of what to do");
        }
        check(AccountsError::BadCredentials, Exit::NotLoggedIn);
        check(AccountsError::TryLater, Exit::NotLoggedIn);
        check(AccountsError::NotFound, Exit::NotFound);
        check(AccountsError::Conflict, Exit::Conflict);
        check(AccountsError::Forbidden, Exit::Forbidden);
        check(AccountsError::PasswordLength, Exit::InvalidData);
        check(AccountsError::PasswordTooCommon, Exit::InvalidData);
        check(AccountsError::BadName, Exit::InvalidData);
        check(AccountsError::WrongRole, Exit::Conflict);
        check(AccountsError::LastAdministrator, Exit::Conflict);
        check(AccountsError::Other(77), Exit::Failure);
    }

    #[test]
    fn a_name_that_is_refused_is_answered_with_the_limits_of_what_it_may_name() {
        let hint = Failure::of_grades("student `17`")(Error::App(GradesError::BadName)).hint;
        assert!(hint.is_some_and(|hint| ["64", "500", "200"].iter().all(|limit| hint.contains(limit))));
        let hint = Failure::of_accounts("account `ada`")(Error::App(AccountsError::BadName)).hint;
        assert!(hint.is_some_and(|hint| hint.contains("64")));
    }

    #[test]
    fn a_change_that_may_have_been_made_says_so() {
        let failure = Failure::of_grades("mark 7")(Error::Transport(transport(TransportErrorKind::Closed)));
        assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("not known")), "{failure:?}");
    }

    fn transport(kind: TransportErrorKind) -> TransportError {
        TransportError::new(kind, Outcome::MaybeExecuted)
    }
}
