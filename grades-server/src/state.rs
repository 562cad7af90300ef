//! The state that both handlers share: the store, the clock, and who is who.

use std::sync::Arc;

use crate::{
    auth::{
        attempts::Attempts,
        password::{HashError, PasswordCost, Passwords},
        sessions::Sessions,
    },
    clock::Clock,
    store::Store,
};

/// The state that both handlers share. One per running server, shared by its handlers.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) attempts: Attempts,
    pub(crate) passwords: Passwords,
}

impl State {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, cost: PasswordCost) -> Result<Self, HashError> {
        let store = Arc::new(store);
        let sessions = Arc::new(Sessions::new(Arc::clone(&store), Arc::clone(&clock)));
        let attempts = Attempts::new(Arc::clone(&store), Arc::clone(&clock));
        Ok(Self { sessions, attempts, passwords: Passwords::new(cost)?, store, clock })
    }
}
