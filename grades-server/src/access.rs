//! Who may call which method: from the credential to a session, from its role to an answer. Scope (which promotion, which
//! student) is decided in the transaction of the call, see `scope`.

use std::sync::Arc;

use grades_api::{Access, model::Role};
use rpc_core::{Authorize, Call, Refusal, Status};

use crate::{
    auth::sessions::{Session, Sessions},
    store::StoreError,
};

/// Decides on every call of both services, before its body is read.
#[derive(Clone, Debug)]
pub(crate) struct Gatekeeper {
    sessions: Arc<Sessions>,
}

impl Gatekeeper {
    pub(crate) const fn new(sessions: Arc<Sessions>) -> Self {
        Self { sessions }
    }
}

/// The table: who passes where.
const fn admits(access: Access, role: Role) -> bool {
    match access {
        Access::Public | Access::SignedIn | Access::Student => true,
        Access::Teacher => matches!(role, Role::Teacher | Role::Administrator),
        Access::Administrator => matches!(role, Role::Administrator),
    }
}

impl Authorize<Access> for Gatekeeper {
    /// None only for a public method.
    type Caller = Option<Session>;

    fn authorize(&self, call: &Call, access: Access) -> Result<Option<Session>, Refusal> {
        if access == Access::Public {
            return Ok(None);
        }
        let credential = call.credential().ok_or(Refusal::unauthenticated())?;
        let session = self.sessions.look_up(credential.as_bytes()).map_err(before_the_call)?;
        let session = session.ok_or(Refusal::unauthenticated())?;
        if admits(access, session.role) { Ok(Some(session)) } else { Err(Refusal::forbidden()) }
    }

    fn is_public(&self, access: &Access) -> bool {
        *access == Access::Public
    }
}

/// Whatever went wrong, the call did not begin.
fn before_the_call(error: StoreError) -> Refusal {
    match error {
        StoreError::Overloaded => error.into(),
        _ => Refusal::new(Status::UNAVAILABLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_passes_where_the_rule_says_and_an_administrator_everywhere() {
        fn check(access: Access, passes: [bool; 3]) {
            let roles = [Role::Administrator, Role::Teacher, Role::Student];
            assert_eq!(roles.map(|role| admits(access, role)), passes, "{access:?}");
        }
        check(Access::Public, [true, true, true]);
        check(Access::SignedIn, [true, true, true]);
        check(Access::Student, [true, true, true]);
        check(Access::Teacher, [true, true, false]);
        check(Access::Administrator, [true, false, false]);
    }
}
