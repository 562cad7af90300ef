//! The calls that `docs/protocol.md` §11 and the vectors of the grades services show.

use grades_api::{
    accounts::AccountsLogin,
    grades::{GradesAddMark, GradesAddMarks},
    model::{Mark, NewMark, Password, Role, SessionId, SignedIn, Whoami},
};

pub(crate) fn login() -> AccountsLogin<'static> {
    AccountsLogin { name: "ada", password: Password::new("forty herons at dusk") }
}

pub(crate) fn session() -> SessionId {
    SessionId::from_bytes(std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

pub(crate) fn signed_in() -> SignedIn {
    let account = Whoami {
        name: "ada".into(),
        role: Role::Teacher,
        idle_expires_ms: 1_795_000_900_000,
        expires_ms: 1_795_043_200_000,
        failed_logins: 0,
        promotions: vec!["L3".into()],
        student: None,
    };
    SignedIn { session: session(), account }
}

pub(crate) fn add_mark() -> GradesAddMark<'static> {
    GradesAddMark {
        promotion: "L3",
        number: "GP-0001",
        mark: "14.5".parse().unwrap(),
        coefficient: "2".parse().unwrap(),
        label: "G1",
    }
}

pub(crate) fn add_marks() -> GradesAddMarks<'static> {
    let new = |number: &str, mark: Mark| NewMark { number: number.into(), mark };
    GradesAddMarks {
        promotion: "L3",
        marks: vec![new("GP-0001", "14.5".parse().unwrap()), new("GP-0002", Mark::ABS)],
        coefficient: "2".parse().unwrap(),
        label: "G1",
    }
}
