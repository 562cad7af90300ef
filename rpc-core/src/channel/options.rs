//! What a caller may say beside the arguments.

use std::{fmt, sync::Arc, time::Duration};

use super::RequestKey;

/// The options of a call: `client.with(CallOptions::new().deadline(..).credential(..))` is a client whose calls have them, and
/// those that `client` had where these say nothing: who asks for a deadline keeps the credential and the key.
#[derive(Clone, Default)]
pub struct CallOptions {
    pub(super) deadline: Option<Duration>,
    pub(super) credential: Option<Arc<[u8]>>,
    pub(super) key: Option<RequestKey>,
    pub(super) trace_id: Option<[u8; 16]>,
}

impl CallOptions {
    /// The most bytes of a credential: with all other metadata beside it, a request stays within their limit.
    pub const CREDENTIAL_BYTES_MAX: usize = 960;

    /// No option.
    #[must_use]
    pub const fn new() -> Self {
        Self { deadline: None, credential: None, key: None, trace_id: None }
    }

    /// How long the caller waits, over all attempts. Without it, the method's own deadline counts, or 10 s.
    ///
    /// # Limits
    /// 30 s: a longer one is shortened. A call that is made while serving another never outlasts that one.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// What proves who calls. Travels with every call, and is never shown.
    ///
    /// # Limits
    /// [`CallOptions::CREDENTIAL_BYTES_MAX`]; a call with a longer one fails as too large, and is not sent.
    #[must_use]
    pub fn credential(mut self, credential: impl AsRef<[u8]>) -> Self {
        self.credential = Some(Arc::from(credential.as_ref()));
        self
    }

    /// The key of a keyed method, instead of a new one for each call. For one call: the same key with other arguments is
    /// refused.
    #[must_use]
    pub const fn key(mut self, key: RequestKey) -> Self {
        self.key = Some(key);
        self
    }

    /// What ties this call to others in logs. A call that is made while serving another has that one's by itself.
    #[must_use]
    pub const fn trace_id(mut self, trace_id: [u8; 16]) -> Self {
        self.trace_id = Some(trace_id);
        self
    }

    /// These, and `others` where they say nothing.
    pub(crate) fn or(self, others: &Self) -> Self {
        Self {
            deadline: self.deadline.or(others.deadline),
            credential: self.credential.or_else(|| others.credential.clone()),
            key: self.key.or(others.key),
            trace_id: self.trace_id.or(others.trace_id),
        }
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("deadline", &self.deadline)
            .field("credential", &self.credential.as_ref().map(|_| ".."))
            .field("key", &self.key)
            .field("trace_id", &self.trace_id)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_never_shown() {
        let shown = format!("{:?}", CallOptions::new().credential(b"secret"));
        assert!(shown.contains("credential") && !shown.contains("secret") && !shown.contains("115"), "{shown}");
    }

    #[test]
    fn what_is_said_counts_and_what_is_not_said_stays() {
        let second = Duration::from_secs;
        let some = CallOptions::new().deadline(second(1)).credential(b"ada");
        let all = CallOptions::new().deadline(second(2)).credential(b"grace").trace_id([7; 16]);
        let CallOptions { deadline, credential, key, trace_id } = some.clone().or(&all);
        assert_eq!((deadline, credential.as_deref()), (Some(second(1)), Some(&b"ada"[..])));
        assert_eq!((key, trace_id), (None, Some([7; 16])));
        let CallOptions { deadline, credential, .. } = CallOptions::new().or(&some);
        assert_eq!((deadline, credential.as_deref()), (Some(second(1)), Some(&b"ada"[..])));
    }
}
