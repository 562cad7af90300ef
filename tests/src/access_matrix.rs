//! Who may call what on what, and how it is refused: one rule from which the page `docs/access.md` is written and by which
//! real calls are judged. It knows what the traits declare and whose each thing is, nothing of the server.

use std::fmt;

use rpc_core::Method;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Someone without a session.
    Nobody,
    /// A student.
    Student,
    /// A teacher.
    Teacher,
    /// An administrator.
    Administrator,
}

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// Nothing but the caller.
    Caller,
    /// A promotion, by name.
    Promotion,
    /// A student of a promotion, by number.
    Student,
    /// A mark, by id.
    Mark,
    /// An account, by name.
    Account,
    /// The sessions of an account, the caller's own if none is named.
    Sessions,
    /// A session, by handle.
    Session,
}

/// How the object stands to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A teacher's promotion, a student's own marks, one's own session.
    Own,
    /// Someone else's.
    Others,
    /// There is none.
    Missing,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The status UNAUTHENTICATED, before anything is looked at.
    Unauthenticated,
    /// The status FORBIDDEN, before anything is looked at.
    ForbiddenToRole,
    /// The method's own error `Forbidden`.
    Forbidden,
    /// The method's own error `NotFound`.
    NotFound,
}

impl Caller {
    /// Everyone, the least powerful first.
    pub const ALL: [Self; 4] = [Self::Nobody, Self::Student, Self::Teacher, Self::Administrator];
}

impl Object {
    /// What a method is about, as its arguments tell.
    #[must_use]
    pub fn of(method: &Method) -> Self {
        let has = |name: &str| method.arguments.iter().any(|argument| argument.name == name);
        match method.name {
            "sessions" => Self::Sessions,
            "end_session" => Self::Session,
            // What they make is not there yet, so it is nobody's; a new student stands in a promotion that is.
            "create_promotion" | "create_account" | "login" => Self::Caller,
            "add_student" => Self::Promotion,
            _ if has("number") => Self::Student,
            _ if has("promotion") && !has("account") => Self::Promotion,
            _ if has("id") => Self::Mark,
            _ if has("account") => Self::Account,
            _ => Self::Caller,
        }
    }

    /// The ways in which it can stand to `caller`.
    #[must_use]
    pub const fn relations(self, caller: Caller) -> &'static [Relation] {
        match (self, caller) {
            (Self::Caller, _) => &[Relation::Own],
            // Every promotion is an administrator's, and no account but for the rule that the last one stays.
            (Self::Promotion | Self::Student | Self::Mark, Caller::Administrator) => {
                &[Relation::Own, Relation::Missing]
            }
            (Self::Account, _) => &[Relation::Others, Relation::Missing],
            _ => &[Relation::Own, Relation::Others, Relation::Missing],
        }
    }
}

/// How a call must end.
#[must_use]
pub fn expected(method: &Method, caller: Caller, relation: Relation) -> Answer {
    let level = match method.access {
        "Access::Public" => 0,
        "Access::SignedIn" | "Access::Student" => 1,
        "Access::Teacher" => 2,
        _ => 3,
    };
    if caller == Caller::Nobody && level > 0 {
        return Answer::Unauthenticated;
    }
    if (caller as u8) < level {
        return Answer::ForbiddenToRole;
    }
    match (Object::of(method), relation, caller) {
        (Object::Caller, ..) | (_, Relation::Own, _) | (_, Relation::Others, Caller::Administrator) => Answer::Done,
        // Another's sessions are an administrator's to see; a handle names a session only to its owner.
        (Object::Sessions, _, Caller::Student | Caller::Teacher) => Answer::Forbidden,
        // Whether there is such a promotion or mark is not a teacher's to know.
        (Object::Promotion | Object::Student | Object::Mark, _, Caller::Teacher) => Answer::Forbidden,
        _ => Answer::NotFound,
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "yes",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::ForbiddenToRole => "FORBIDDEN",
            Self::Forbidden => "`Forbidden`",
            Self::NotFound => "`NotFound`",
        })
    }
}
