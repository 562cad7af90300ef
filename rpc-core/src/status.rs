//! How a call ended, as the number in a reply's header. A number and not an enum: a status of a newer peer survives,
//! and its high byte still tells whether the call ran (Wire §8).
//!
//! ```text
//! 0x0000         ok                    executed
//! 0x0001         the method's own error  executed
//! 0x01xx         refused before the handler ran: rejected
//! 0x02xx         may have run: maybe executed
//! 0x03xx         ran, but the reply could not be given: executed
//! ```

use std::fmt;

use crate::Outcome;

/// How a call ended. The constants are grouped by what they say of the call's execution.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u16);

macro_rules! statuses {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal, $text:literal;)*) => {
        impl Status {
            $($(#[doc = $doc])* pub const $name: Self = Self($number);)*

            /// Every status this build knows, in ascending order: the table of Wire §8.
            pub const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$name, $text),)*];
        }
    };
}

statuses! {
    /// The body holds the method's value.
    OK = 0x0000, "ok";
    /// The body holds the method's own error.
    APP = 0x0001, "the method answered with its own error";

    /// No such service on this server.
    UNKNOWN_SERVICE = 0x0101, "no such service";
    /// The service has no such opcode: the server is older, or the method was retired.
    UNKNOWN_OPCODE = 0x0102, "no such opcode";
    /// The body is no message of this method.
    BAD_BODY = 0x0103, "the body does not decode";
    /// The metadata is no metadata message, or is too large.
    BAD_METADATA = 0x0104, "the metadata does not decode";
    /// The body is over the limit for this method.
    BODY_TOO_LARGE = 0x0105, "the body is over the limit";
    /// No session, or one that has ended.
    UNAUTHENTICATED = 0x0106, "not signed in";
    /// The caller's role may not call this method.
    FORBIDDEN = 0x0107, "not allowed for this role";
    /// The deadline passed before the call began.
    DEADLINE_BEFORE_START = 0x0108, "the deadline passed before the call began";
    /// A queue is full; try again after the time the reply names.
    OVERLOADED = 0x0109, "overloaded";
    /// The server is draining and takes no more calls.
    DRAINING = 0x010a, "the server is draining";
    /// No room for this connection.
    BUSY = 0x010b, "no room for another connection";
    /// The hello names no version that this peer speaks.
    UNSUPPORTED_VERSION = 0x010c, "no common version of the protocol";
    /// The request key was used with other content.
    KEY_MISMATCH = 0x010d, "the request key was used with other content";
    /// The request key is too old to be checked.
    STALE_KEY = 0x010e, "the request key is too old";
    /// The same request key is being executed now.
    KEY_IN_PROGRESS = 0x010f, "the same request is in progress";
    /// A frame broke the protocol; the connection closes after it.
    PROTOCOL_ERROR = 0x0110, "the peer broke the protocol";
    /// A service that the call needs, such as the store, can't be reached.
    UNAVAILABLE = 0x0111, "unavailable";
    /// The connection was idle, silent or slow for too long; it closes.
    TIMED_OUT = 0x0112, "the connection was idle or slow for too long";

    /// The handler failed in a way that it does not describe: a panic, or an error of a call of its own.
    INTERNAL = 0x0201, "internal error";
    /// The deadline passed while the call ran.
    DEADLINE_EXCEEDED = 0x0202, "the deadline passed while the call ran";
    /// The store can't tell whether the change was made.
    OUTCOME_UNKNOWN = 0x0203, "the outcome is unknown";

    /// The reply is over the limit.
    REPLY_TOO_LARGE = 0x0301, "the reply is over the limit";
}

impl Status {
    /// Whether the call ran, read off the high byte, so that it holds for numbers this build does not know.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self.0 >> 8 {
            0x00 | 0x03 => Outcome::Executed,
            0x01 => Outcome::Rejected,
            _ => Outcome::MaybeExecuted,
        }
    }

    fn text(self) -> Option<&'static str> {
        Self::KNOWN.iter().find(|(status, _)| *status == self).map(|(_, text)| *text)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({:#06x})", self.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(text),
            None => write!(f, "status {:#06x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_byte_alone_tells_the_outcome() {
        fn check(status: u16, outcome: Outcome) {
            assert_eq!(Status(status).outcome(), outcome, "{status:#06x}");
        }
        check(0x0000, Outcome::Executed);
        check(0x0001, Outcome::Executed);
        check(0x01ff, Outcome::Rejected);
        check(0x02ff, Outcome::MaybeExecuted);
        check(0x03ff, Outcome::Executed);
        check(0x0400, Outcome::MaybeExecuted);
        check(0xffff, Outcome::MaybeExecuted);
    }

    #[test]
    fn the_table_is_ascending_so_no_number_is_used_twice() {
        assert!(Status::KNOWN.is_sorted_by(|a, b| a.0 < b.0));
    }
}
