//! How a channel comes about.

use std::{path::Path, thread, time::Duration};

use parking_lot::Mutex;

use super::{
    Channel,
    connect::{How, Target},
    not_sent,
};
#[cfg(feature = "tls")]
use crate::transport::TlsClient;
use crate::{
    TransportError,
    transport::{Deadline, Transport, Waiting},
};

/// What may be said of a channel before it connects.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before it connects"]
pub struct ChannelBuilder {
    pub(super) waiting: Waiting,
    pub(super) connect_wait: Duration,
    pub(super) silence_max: Duration,
    pub(super) reply_bytes_max: u32,
    pub(super) pause: fn(Duration),
    #[cfg(feature = "tls")]
    pub(super) tls: Option<TlsClient>,
}

impl ChannelBuilder {
    pub(super) const fn new() -> Self {
        Self {
            waiting: Waiting::Adaptive,
            // Two lost packets and a round trip to the far side of the world.
            connect_wait: Duration::from_secs(5),
            // Long for calls that take milliseconds, and short enough to ask three servers within a call's 10 s.
            silence_max: Duration::from_secs(3),
            // Four times the usual limit of a request, since lists are read more than written.
            reply_bytes_max: 4 << 20,
            pause: thread::sleep,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// How a thread waits for bytes.
    pub const fn waiting(mut self, waiting: Waiting) -> Self {
        self.waiting = waiting;
        self
    }

    /// How long connecting may take, over all addresses; 5 s unless set. A call's own deadline may end it earlier.
    pub const fn connect_wait(mut self, wait: Duration) -> Self {
        self.connect_wait = wait;
        self
    }

    /// How long a server may say nothing at all while a call waits for it, where there are several addresses; 3 s unless
    /// set. Then new calls go to another one, and so does the one that waits, if it bears repetition: a machine that
    /// stands still closes no connection.
    pub const fn silence_max(mut self, silence: Duration) -> Self {
        self.silence_max = silence;
        self
    }

    /// The largest body of a reply; 4 MiB unless set. The server answers a call whose reply would be larger with
    /// [`crate::Status::REPLY_TOO_LARGE`]. A connection keeps the memory of large replies until smaller ones have come for a
    /// while.
    ///
    /// # Limits
    /// Between 1 KiB, so that refusals fit, and 64 MiB; values beyond are moved to the nearest of both.
    pub fn reply_bytes_max(mut self, bytes: u32) -> Self {
        self.reply_bytes_max = bytes.clamp(1 << 10, 64 << 20);
        self
    }

    /// Encrypts, and connects only to a server that proves with a certificate that it is the host of the address. A Unix
    /// socket needs neither and has no TLS.
    #[cfg(feature = "tls")]
    pub fn tls(self, tls: TlsClient) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Connects over TCP; see [`Channel::connect`].
    ///
    /// # Errors
    /// No address can be reached.
    pub fn connect(self, addresses: &str) -> Result<Channel, TransportError> {
        let how = How {
            waiting: self.waiting,
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
        };
        self.reach(Target::tcp(addresses, how))
    }

    /// Connects to the Unix socket at `path`.
    ///
    /// # Errors
    /// Nobody listens there, or takes the connection in time.
    pub fn connect_unix(self, path: impl AsRef<Path>) -> Result<Channel, TransportError> {
        self.reach(Target::Unix { path: path.as_ref().to_owned(), waiting: self.waiting })
    }

    /// Uses a transport that is connected already; see [`Channel::over`].
    #[must_use]
    pub fn over(self, transport: impl Transport + 'static) -> Channel {
        Channel::new(Target::One(Mutex::new(Some(Box::new(transport)))), &self)
    }

    /// Uses whatever `make` makes, each time a connection is needed.
    pub(super) fn made(
        self,
        make: impl Fn() -> std::io::Result<Box<dyn Transport>> + Send + Sync + 'static,
    ) -> Channel {
        Channel::new(Target::Made(Box::new(make)), &self)
    }

    /// Lets `pause` stand for sleeping between two attempts.
    #[cfg(test)]
    pub(super) const fn pause(mut self, pause: fn(Duration)) -> Self {
        self.pause = pause;
        self
    }

    /// Connects at once, so that a wrong address is found where it was given.
    fn reach(&self, target: Target) -> Result<Channel, TransportError> {
        let channel = Channel::new(target, self);
        channel.core.connection(None, Deadline::after(self.connect_wait)).map_err(not_sent)?;
        Ok(channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_a_reply_stays_in_its_range() {
        fn check(bytes: u32, expected: u32) {
            assert_eq!(ChannelBuilder::new().reply_bytes_max(bytes).reply_bytes_max, expected);
        }
        check(1_023, 1_024);
        check(1_024, 1_024);
        check(64 << 20, 64 << 20);
        check((64 << 20) + 1, 64 << 20);
    }
}
