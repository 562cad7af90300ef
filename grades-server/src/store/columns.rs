//! What every backend has in its columns: which of them make a row, numbers for roles and marks, and a text that sorts students.
//! A row that this build would not write is an error or `None`, never a guess.

use grades_api::model::{Mark, MarkEntry, MarkReading, Role};

use super::{StoreError, StudentId, StudentRow};

/// The columns of an account, in the order in which backends read them.
macro_rules! account_columns_sql {
    () => {
        "id, name, role, disabled, epoch, password, failures, next_allowed_ms, created_ms"
    };
}
pub(super) use account_columns_sql;

/// The columns of a session.
macro_rules! session_columns_sql {
    () => {
        "session.handle, session.digest, session.account, session.created_ms, session.last_seen_ms, session.idle_ms,
         session.expires_ms, session.peer"
    };
}
pub(super) use session_columns_sql;

/// The columns of a mark.
macro_rules! mark_columns_sql {
    () => {
        "mark.id, mark.version, mark.coefficient, mark.code, mark.ten_thousandths, mark.scale, mark.label"
    };
}
pub(super) use mark_columns_sql;

/// The number of a row that was inserted: none is below 0.
pub(super) fn row_number(id: i64) -> Result<u64, StoreError> {
    u64::try_from(id).map_err(|_| StoreError::Failed)
}

/// A role as the number it has on the wire.
pub(super) const fn role_number(role: Role) -> i64 {
    match role {
        Role::Administrator => 1,
        Role::Teacher => 2,
        Role::Student => 3,
    }
}

/// The role with this number.
pub(super) const fn role_from_number(number: i64) -> Option<Role> {
    match number {
        1 => Some(Role::Administrator),
        2 => Some(Role::Teacher),
        3 => Some(Role::Student),
        _ => None,
    }
}

/// A mark as its three columns: code, value, scale.
pub(super) const fn mark_columns(mark: Mark) -> (u8, u32, u32) {
    match mark.reading() {
        MarkReading::Value { ten_thousandths, scale_hundredths } => (0, ten_thousandths, scale_hundredths),
        MarkReading::Abs => (1, 0, 0),
        MarkReading::Exc => (2, 0, 0),
        MarkReading::Att => (3, 0, 0),
    }
}

/// The mark of three columns.
pub(super) fn mark_from_columns(code: u8, value: u32, scale: u32) -> Option<Mark> {
    match code {
        0 => Mark::value(value, scale).ok(),
        1 => Some(Mark::ABS),
        2 => Some(Mark::EXC),
        3 => Some(Mark::ATT),
        _ => None,
    }
}

/// Both in the same order: each student takes the marks at the front that are theirs.
pub(super) fn with_their_marks(
    students: Vec<StudentRow>,
    marks: Vec<(StudentId, MarkEntry)>,
) -> Vec<(StudentRow, Vec<MarkEntry>)> {
    let mut marks = marks.into_iter().peekable();
    let take_theirs = |student: StudentRow| {
        let mut theirs = Vec::new();
        while let Some((_, mark)) = marks.next_if(|(owner, _)| *owner == student.id) {
            theirs.push(mark);
        }
        (student, theirs)
    };
    students.into_iter().map(take_theirs).collect()
}

/// A number spelt so that the order of texts is the order that people expect: a run of digits is preceded by its length
/// and freed of leading zeros, so 9 comes before 10; the number itself at the end keeps 07 and 7 apart.
pub(super) fn position(number: &str) -> String {
    let mut spelt = String::new();
    let mut rest = number;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        if digits {
            let significant = run.trim_start_matches('0');
            // A number has at most 64 characters, so two digits hold the length of a run.
            spelt.push_str(&format!("{:02}", significant.len()));
            spelt.push_str(significant);
        } else {
            spelt.push_str(run);
        }
        rest = tail;
    }
    spelt.push('\u{1}'); // below every character that a number may have
    spelt.push_str(number);
    spelt
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn numbers_stand_in_the_order_that_people_expect() {
        let numbers = ["1", "2", "07", "7", "10", "100", "A-9", "A-9b", "A-10", "GP-0001", "GP-0002", "é"];
        assert!(numbers.is_sorted_by_key(|number| position(number)), "{:?}", numbers.map(position));
    }

    #[test]
    fn two_numbers_never_share_a_position() {
        assert_ne!(position("7"), position("07"));
        assert_ne!(position("1a"), position("01a"));
    }
}
