//! The call that this thread is serving: peer, credential, caller, deadline, request key. A thread-local is sound here
//! because a call is a thread; so a trait's methods need no context parameter, and a stub can implement the same trait.

use std::{any::Any, cell::RefCell, fmt, rc::Rc};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Call>>> = const { RefCell::new(None) };
}

/// The call that this thread is serving; outside of a dispatch, [`Call::local`].
#[must_use]
pub fn call() -> Rc<Call> {
    CURRENT.with_borrow(Clone::clone).unwrap_or_else(|| Rc::new(Call::local()))
}

/// What a handler and an authorizer may know of a call.
pub struct Call {
    caller: Option<Box<dyn Any + Send>>,
}

impl Call {
    /// A call that came from no peer: what a handler sees when it is called as a plain function.
    #[must_use]
    pub fn local() -> Self {
        Self { caller: None }
    }

    /// What the authorizer found, if it is of this type.
    #[must_use]
    pub fn caller<C: Any>(&self) -> Option<&C> {
        self.caller.as_deref()?.downcast_ref()
    }

    pub(crate) fn set_caller<C: Any + Send>(&mut self, caller: C) {
        self.caller = Some(Box::new(caller));
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}
