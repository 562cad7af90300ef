//! All that is kept about one student, as JSON: for the student, who may ask for it, and for whoever has to hand it over. The
//! only file that names `serde_json`. Secrets stay where they are: no hash of a password and no digest of a session leaves.

use serde_json::{Value, json};

use crate::store::{AccountId, OpenError, Store, StoreAddress, StoreError, StudentRow, View};

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no such student.
    #[error("no student has this number in this promotion")]
    NoStudent,
    /// A row can't be read; the log says which.
    #[error("the store could not be read: see the log")]
    Store,
}

/// Everything that is kept about the student `number` of `promotion`, from one snapshot: marks with their corrections, the
/// account with its sessions, and what the audit says of both. The store may be served.
///
/// # Errors
/// See [`ExportError`].
pub fn export(address: impl Into<StoreAddress>, promotion: &str, number: &str) -> Result<String, ExportError> {
    let store = Store::open_to_read(&address.into())?;
    let found = store.read(|view| student(view, promotion, number))?;
    Ok(format!("{found:#}\n"))
}

fn student(view: &mut dyn View, promotion: &str, number: &str) -> Result<Value, ExportError> {
    let id = view.promotion(promotion)?.ok_or(ExportError::NoStudent)?;
    let student = view.student(id, number)?.ok_or(ExportError::NoStudent)?;
    let account = match view.account_of_student(student.id)? {
        Some(id) => view.account_by_id(id)?,
        None => None,
    };
    let marks = marks(view, &student)?;
    let named = account.as_ref().map(|account| (account.id, account.name.as_str()));
    let audit = view.audit_of(&format!("{promotion}/{number}"), named)?;
    let audit: Vec<Value> = audit
        .into_iter()
        .map(|line| {
            json!({
                "at_ms": line.at.0, "actor": line.actor, "peer": line.peer,
                "action": line.action, "object": line.object, "detail": line.detail,
            })
        })
        .collect();
    let account = match &account {
        None => Value::Null,
        Some(account) => json!({
            "name": account.name,
            "role": account.role.as_str(),
            "created_ms": account.created.0,
            "disabled": account.disabled,
            "failed_logins": account.failures,
            "sessions": sessions(view, account.id)?,
            "answered_requests": view.answers_of(account.id)?,
        }),
    };
    Ok(json!({
        "promotion": promotion, "number": student.number, "name": student.name,
        "marks": marks, "account": account, "audit": audit,
    }))
}

fn marks(view: &mut dyn View, student: &StudentRow) -> Result<Vec<Value>, ExportError> {
    let mut marks = Vec::new();
    for entry in view.marks_of(student.id)? {
        let corrections: Vec<Value> = view
            .mark_history(entry.id)?
            .into_iter()
            .map(|change| {
                json!({
                    "version": change.version, "at_ms": change.at_ms, "by": change.by, "reason": change.reason,
                    "old": { "mark": change.old.to_string(), "coefficient": change.old_coefficient.to_string() },
                    "new": { "mark": change.new.to_string(), "coefficient": change.new_coefficient.to_string() },
                })
            })
            .collect();
        marks.push(json!({
            "id": entry.id.0, "label": entry.label, "mark": entry.mark.to_string(),
            "coefficient": entry.coefficient.to_string(), "version": entry.version, "corrections": corrections,
        }));
    }
    Ok(marks)
}

fn sessions(view: &mut dyn View, account: AccountId) -> Result<Vec<Value>, ExportError> {
    let sessions = view.sessions_of(account)?;
    let session = |session: crate::store::SessionRow| {
        json!({
            "created_ms": session.created.0, "last_seen_ms": session.last_seen.0,
            "expires_ms": session.expires.0, "peer": session.peer,
        })
    };
    Ok(sessions.into_iter().map(session).collect())
}

impl From<StoreError> for ExportError {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}
