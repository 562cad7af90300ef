//! What a caller may say beside the arguments.

use std::{fmt, sync::Arc, time::Duration};

use super::RequestKey;
use crate::frame::Metadata;

/// The options of a call: `client.with(CallOptions::new().deadline(..).credential(..))` is a client whose calls have them, and
/// those that `client` had where these say nothing: who asks for a deadline keeps the credential and the key.
#[derive(Clone, Default)]
pub struct CallOptions {
    /// `None` where nothing is said. Shared by a client and all its calls: each of them copies a pointer.
    said: Option<Arc<Said>>,
}

#[derive(Clone, Default)]
struct Said {
    deadline: Option<Duration>,
    credential: Option<Arc<[u8]>>,
    key: Option<RequestKey>,
    trace_id: Option<[u8; 16]>,
}

impl CallOptions {
    /// The most bytes of a credential: with all other metadata beside it, a request stays within their limit.
    pub const CREDENTIAL_BYTES_MAX: usize = 960;

    /// No option.
    #[must_use]
    pub const fn new() -> Self {
        Self { said: None }
    }

    /// How long the caller waits, over all attempts. Without it, the method's own deadline counts, or 10 s.
    ///
    /// # Limits
    /// 30 s: a longer one is shortened. A call that is made while serving another never outlasts that one.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.say().deadline = Some(deadline);
        self
    }

    /// What proves who calls. Travels with every call, and is never shown.
    ///
    /// # Limits
    /// [`CallOptions::CREDENTIAL_BYTES_MAX`]; a call with a longer one fails as too large, and is not sent.
    #[must_use]
    pub fn credential(mut self, credential: impl AsRef<[u8]>) -> Self {
        self.say().credential = Some(Arc::from(credential.as_ref()));
        self
    }

    /// The key of a keyed method, instead of a new one for each call. For one call: the same key with other arguments is
    /// refused.
    #[must_use]
    pub fn key(mut self, key: RequestKey) -> Self {
        self.say().key = Some(key);
        self
    }

    /// What ties this call to others in logs. A call that is made while serving another has that one's by itself.
    #[must_use]
    pub fn trace_id(mut self, trace_id: [u8; 16]) -> Self {
        self.say().trace_id = Some(trace_id);
        self
    }

    /// These, and `others` where they say nothing.
    pub(crate) fn or(self, others: &Self) -> Self {
        let (Some(said), Some(others)) = (&self.said, &others.said) else {
            return Self { said: self.said.or_else(|| others.said.clone()) };
        };
        let said = Said {
            deadline: said.deadline.or(others.deadline),
            credential: said.credential.clone().or_else(|| others.credential.clone()),
            key: said.key.or(others.key),
            trace_id: said.trace_id.or(others.trace_id),
        };
        Self { said: Some(Arc::new(said)) }
    }

    pub(super) fn named_deadline(&self) -> Option<Duration> {
        self.said.as_ref()?.deadline
    }

    pub(super) fn has_key(&self) -> bool {
        self.said.as_ref().is_some_and(|said| said.key.is_some())
    }

    pub(super) fn credential_bytes(&self) -> usize {
        self.said.as_ref().and_then(|said| said.credential.as_ref()).map_or(0, |credential| credential.len())
    }

    /// What travels with the call, without its deadline; with the key that was drawn for it, if none is said.
    pub(super) fn metadata(&self, drawn_key: Option<RequestKey>) -> Metadata<'_> {
        let said = self.said.as_deref();
        Metadata {
            deadline: None,
            request_key: said.and_then(|said| said.key).or(drawn_key).map(RequestKey::to_bytes),
            trace_id: said.and_then(|said| said.trace_id),
            credential: said.and_then(|said| said.credential.as_deref()),
        }
    }

    fn say(&mut self) -> &mut Said {
        Arc::make_mut(self.said.get_or_insert_default())
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing = Said::default();
        let Said { deadline, credential, key, trace_id } = self.said.as_deref().unwrap_or(&nothing);
        f.debug_struct("CallOptions")
            .field("deadline", deadline)
            .field("credential", &credential.as_ref().map(|_| ".."))
            .field("key", key)
            .field("trace_id", trace_id)
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
        #[track_caller]
        fn check(options: &CallOptions, deadline: Duration, credential: &[u8], trace_id: Option<[u8; 16]>) {
            assert_eq!(options.named_deadline(), Some(deadline));
            let expected = Metadata { credential: Some(credential), trace_id, ..Metadata::default() };
            assert_eq!(options.metadata(None), expected);
        }
        check(&some.clone().or(&all), second(1), b"ada", Some([7; 16]));
        check(&CallOptions::new().or(&some), second(1), b"ada", None);
        check(&some.clone().or(&CallOptions::new()), second(1), b"ada", None);
        check(&some.clone().deadline(second(3)), second(3), b"ada", None);
        check(&some, second(1), b"ada", None);
        assert_eq!(CallOptions::new().or(&CallOptions::new()).metadata(None), Metadata::default());
    }
}
