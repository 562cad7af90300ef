//! The views of accounts and sessions. The JSON shapes are a contract that scripts rely on.

use grades_api::model::{Account, SessionSummary, StudentKey, Whoami};
use serde_json::{Value, json};

use super::{
    ColumnKind::{Number, Text},
    Grid, Shown, View, counted, utc,
};

/// Whose session it is.
pub(crate) fn whoami(who: &Whoami) -> View {
    let mut sentence = format!(
        "{}, {}; the session ends at {} if it is not used, else at {}",
        who.name,
        who.role.as_str(),
        utc(who.idle_expires_ms),
        utc(who.expires_ms)
    );
    if !who.promotions.is_empty() {
        sentence.push_str(&format!("\npromotions: {}", who.promotions.join(", ")));
    }
    if let Some(key) = &who.student {
        sentence.push_str(&format!("\nstudent {} of {}", key.number, key.promotion));
    }
    if who.failed_logins > 0 {
        sentence.push_str(&format!("\n{} before this session", counted(who.failed_logins, "failed login")));
    }
    let mut view = View::done(
        sentence,
        &[
            ("name", json!(who.name)),
            ("role", json!(who.role.as_str())),
            ("idle_expires", json!(utc(who.idle_expires_ms))),
            ("expires", json!(utc(who.expires_ms))),
            ("failed_logins", json!(who.failed_logins)),
        ],
    );
    if let Value::Object(json) = &mut view.json {
        json.insert("promotions".to_owned(), json!(who.promotions));
        json.insert("student".to_owned(), student_json(who.student.as_ref()));
    }
    view
}

/// All accounts, as an administrator sees them.
pub(crate) fn account_list(accounts: &[Account]) -> View {
    let mut grid = Grid::new(&[("name", Text), ("role", Text), ("state", Text), ("created", Text), ("scope", Text)]);
    let mut json = Vec::new();
    for account in accounts {
        let state = match (account.disabled, account.locked) {
            (true, _) => "disabled",
            (false, true) => "locked",
            (false, false) => "active",
        };
        let of_student = account.student.iter().map(|key| format!("{} of {}", key.number, key.promotion));
        let scope = account.promotions.iter().cloned().chain(of_student).collect::<Vec<_>>().join(", ");
        let (role, created) = (account.role.as_str(), utc(account.created_ms));
        json.push(json!({
            "name": account.name, "role": role, "disabled": account.disabled, "locked": account.locked,
            "created": created, "promotions": account.promotions, "student": student_json(account.student.as_ref()),
        }));
        grid.rows.push(vec![account.name.clone(), role.to_owned(), state.to_owned(), created, scope]);
    }
    let foot = counted(accounts.len(), "account");
    View { json: json!({ "accounts": json }), csv: grid.clone(), table: Shown::Table(grid, foot) }
}

/// The live sessions of an account.
pub(crate) fn session_list(sessions: &[SessionSummary]) -> View {
    let mut grid = Grid::new(&[
        ("handle", Number),
        ("account", Text),
        ("created", Text),
        ("last_used", Text),
        ("expires", Text),
        ("from", Text),
        ("current", Text),
    ]);
    let mut json = Vec::new();
    for session in sessions {
        let times = [session.created_ms, session.last_used_ms, session.expires_ms].map(utc);
        let [created, last_used, expires] = &times;
        json.push(json!({
            "handle": session.handle, "account": session.account, "created": created, "last_used": last_used,
            "expires": expires, "from": session.peer, "current": session.current,
        }));
        let current = if session.current { "yes" } else { "no" };
        let mut row = vec![session.handle.to_string(), session.account.clone()];
        row.extend(times);
        row.extend([session.peer.clone(), current.to_owned()]);
        grid.rows.push(row);
    }
    let foot = counted(sessions.len(), "session");
    View { json: json!({ "sessions": json }), csv: grid.clone(), table: Shown::Table(grid, foot) }
}

fn student_json(student: Option<&StudentKey>) -> Value {
    student.map_or(Value::Null, |key| json!({ "promotion": key.promotion, "number": key.number }))
}

#[cfg(test)]
mod tests {
    use grades_api::model::Role;

    use super::*;
    use crate::cli::Output;

    fn account(name: &str, role: Role, disabled: bool, locked: bool) -> Account {
        let student = StudentKey { promotion: "L3".to_owned(), number: "17".to_owned() };
        let promotions = if role == Role::Teacher { vec!["L3".to_owned(), "M1".to_owned()] } else { Vec::new() };
        let student = (role == Role::Student).then_some(student);
        Account { name: name.to_owned(), role, disabled, locked, created_ms: 0, promotions, student }
    }

    #[test]
    fn accounts_show_their_state_and_their_scope() {
        let accounts = [
            account("ada", Role::Student, false, true),
            account("root", Role::Administrator, false, false),
            account("tess", Role::Teacher, true, true),
        ];
        let expected = "\
name,role,state,created,scope
ada,student,locked,1970-01-01T00:00:00Z,17 of L3
root,administrator,active,1970-01-01T00:00:00Z,
tess,teacher,disabled,1970-01-01T00:00:00Z,\"L3, M1\"
";
        let view = account_list(&accounts);
        assert_eq!(view.to_text(Output::Csv).unwrap(), expected);
        assert_eq!(view.json["accounts"][0]["student"], json!({ "promotion": "L3", "number": "17" }));
        assert_eq!(view.json["accounts"][2]["promotions"], json!(["L3", "M1"]));
    }

    #[test]
    fn whose_session_it_is_says_until_when_and_what_for() {
        let student = Some(StudentKey { promotion: "L3".to_owned(), number: "17".to_owned() });
        let who = Whoami {
            name: "ada".to_owned(),
            role: Role::Student,
            idle_expires_ms: 1_800_000,
            expires_ms: 43_200_000,
            failed_logins: 2,
            promotions: Vec::new(),
            student,
        };
        let expected = "\
ada, student; the session ends at 1970-01-01T00:30:00Z if it is not used, else at 1970-01-01T12:00:00Z
student 17 of L3
2 failed logins before this session
";
        let view = whoami(&who);
        assert_eq!(view.to_text(Output::Table).unwrap(), expected);
        assert_eq!(view.json["student"], json!({ "promotion": "L3", "number": "17" }));
        assert_eq!(view.json["promotions"], json!([]));
    }

    #[test]
    fn sessions_show_what_recognises_them_and_nothing_that_proves_them() {
        let session = SessionSummary {
            handle: 12,
            account: "ada".to_owned(),
            created_ms: 0,
            last_used_ms: 60_000,
            expires_ms: 43_200_000,
            current: true,
            peer: "127.0.0.1:4000".to_owned(),
        };
        let expected = "\
handle,account,created,last_used,expires,from,current
12,ada,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1970-01-01T12:00:00Z,127.0.0.1:4000,yes
";
        assert_eq!(session_list(&[session]).to_text(Output::Csv).unwrap(), expected);
    }
}
