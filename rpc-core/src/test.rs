//! For unit tests of handlers: no server, no bytes, only the call that the handler sees.

use std::rc::Rc;

use crate::{Call, call::run_in};

/// Runs `f` as a handler of `call`: inside it, [`call`](crate::call) answers with this one.
///
/// ```
/// use rpc_core::{Call, call, test::with_call};
///
/// let role = with_call(Call::local().with_caller("teacher"), || call().caller::<&str>().copied());
/// assert_eq!(role, Some("teacher"));
/// ```
pub fn with_call<R>(call: Call, f: impl FnOnce() -> R) -> R {
    run_in(&Rc::new(call), f)
}
