//! Where a channel's server is, and how a transport to it comes about.

use std::{
    fmt, io,
    net::ToSocketAddrs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use parking_lot::Mutex;

#[cfg(feature = "tls")]
use crate::transport::{TlsClient, TlsTransport};
use crate::{
    TransportErrorKind,
    transport::{Deadline, TcpTransport, Transport, UnixTransport, Waiting},
};

/// Makes a transport to the server.
pub(super) enum Target {
    /// Addresses as `host:port`, all of the same service. Each new connection begins with the next one.
    Tcp { addresses: Vec<String>, next: AtomicUsize, how: How },
    /// The path of a Unix socket.
    Unix { path: PathBuf, waiting: Waiting },
    /// One transport that exists already: once it has ended, nothing can be reached any more.
    One(Mutex<Option<Box<dyn Transport>>>),
    /// Whatever the function makes: a test double.
    Made(Box<dyn Fn() -> io::Result<Box<dyn Transport>> + Send + Sync>),
}

/// How a TCP connection is made.
#[derive(Clone, Debug)]
pub(super) struct How {
    pub(super) waiting: Waiting,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<TlsClient>,
}

impl Target {
    /// The addresses in `list`, which commas separate.
    pub(super) fn tcp(list: &str, how: How) -> Self {
        let addresses = list.split(',').map(str::trim).filter(|address| !address.is_empty());
        Self::Tcp { addresses: addresses.map(str::to_owned).collect(), next: AtomicUsize::new(0), how }
    }

    /// Whether another connection may lead to another server.
    pub(super) fn has_several(&self) -> bool {
        match self {
            Self::Tcp { addresses, .. } => addresses.len() > 1,
            Self::Unix { .. } | Self::One(_) => false,
            Self::Made(_) => true,
        }
    }

    /// Connects.
    pub(super) fn connect(&self, deadline: Deadline) -> Result<Box<dyn Transport>, TransportErrorKind> {
        let result = match self {
            Self::Tcp { addresses, next, how } => return connect_tcp(addresses, next, how, deadline),
            Self::Unix { path, waiting } => UnixTransport::connect(path, deadline, *waiting).map(boxed),
            Self::One(transport) => transport.lock().take().ok_or(io::ErrorKind::NotConnected.into()),
            Self::Made(make) => make(),
        };
        result.map_err(|error| TransportErrorKind::of_connecting(&error))
    }
}

/// Tries all addresses, beginning with the next one, so that a server that has gone is not asked first again.
fn connect_tcp(
    addresses: &[String],
    next: &AtomicUsize,
    how: &How,
    deadline: Deadline,
) -> Result<Box<dyn Transport>, TransportErrorKind> {
    let first = next.load(Ordering::Relaxed).checked_rem(addresses.len()).unwrap_or(0);
    let (before, after) = addresses.split_at_checked(first).unwrap_or((&[], addresses));
    let mut left = addresses.len();
    let mut error = TransportErrorKind::Connect(io::ErrorKind::InvalidInput); // no address at all
    for address in after.iter().chain(before) {
        match connect_address(address, share(deadline, left), how) {
            Ok(transport) => {
                let tried = addresses.len().saturating_sub(left);
                next.store(first.saturating_add(tried).saturating_add(1), Ordering::Relaxed);
                return Ok(transport);
            }
            Err(kind) => error = kind,
        }
        left = left.saturating_sub(1);
    }
    Err(error)
}

/// A name may stand for several addresses, of IPv6 and IPv4 for instance.
fn connect_address(address: &str, deadline: Deadline, how: &How) -> Result<Box<dyn Transport>, TransportErrorKind> {
    let resolved: Vec<_> =
        address.to_socket_addrs().map_err(|error| TransportErrorKind::of_resolving(&error))?.collect();
    let mut error = TransportErrorKind::Connect(io::ErrorKind::NotFound);
    for (index, resolved_address) in resolved.iter().enumerate() {
        let share = share(deadline, resolved.len().saturating_sub(index));
        let connected = TcpTransport::connect(*resolved_address, share, how.waiting);
        match connected.and_then(|tcp| how.secure(tcp, address, share)) {
            Ok(transport) => return Ok(transport),
            Err(other) => error = TransportErrorKind::of_connecting(&other),
        }
    }
    Err(error)
}

impl How {
    /// Puts TLS over the connection to `address`, if it is asked for.
    #[cfg(feature = "tls")]
    fn secure(&self, tcp: TcpTransport, address: &str, deadline: Deadline) -> io::Result<Box<dyn Transport>> {
        let Some(tls) = &self.tls else { return Ok(boxed(tcp)) };
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host); // IPv6
        TlsTransport::connect(tcp, tls, tls.server_name(host), deadline).map(boxed)
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the feature `tls`")]
    fn secure(&self, tcp: TcpTransport, _address: &str, _deadline: Deadline) -> io::Result<Box<dyn Transport>> {
        Ok(boxed(tcp))
    }
}

/// An equal part of what is left, so that one silent address does not use up the time of the others.
fn share(deadline: Deadline, parts: usize) -> Deadline {
    let parts = u32::try_from(parts).unwrap_or(u32::MAX);
    match deadline.left().and_then(|left| left.checked_div(parts)) {
        Some(part) => Deadline::after(part),
        None => deadline,
    }
}

fn boxed<T: Transport + 'static>(transport: T) -> Box<dyn Transport> {
    Box::new(transport)
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { addresses, .. } => f.debug_list().entries(addresses).finish(),
            Self::Unix { path, .. } => path.fmt(f),
            Self::One(_) => f.write_str("one transport"),
            Self::Made(_) => f.write_str("a test double"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Duration};

    use super::*;
    use crate::transport::{Peer, full_listener};

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(5))
    }

    fn plain() -> How {
        How {
            waiting: Waiting::Block,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    fn listener() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (listener, address)
    }

    fn peer(target: &Target) -> Result<String, TransportErrorKind> {
        target.connect(soon()).map(|transport| match transport.peer() {
            Peer::Tcp(address) => address.to_string(),
            other => other.to_string(),
        })
    }

    #[test]
    fn connections_go_round_all_addresses_and_pass_over_dead_ones() {
        let ((_a, a), (_b, b), (dead, c)) = (listener(), listener(), listener());
        drop(dead);
        let target = Target::tcp(&format!("{a}, {c} ,{b},"), plain());
        let peers: Vec<_> = (0..4).map(|_| peer(&target).unwrap()).collect();
        assert_eq!(peers, [a.clone(), b.clone(), a, b]);
    }

    #[test]
    fn an_address_that_can_not_be_reached_says_why() {
        let (dead, address) = listener();
        drop(dead);
        let refused = peer(&Target::tcp(&address, plain()));
        assert_eq!(refused, Err(TransportErrorKind::Connect(io::ErrorKind::ConnectionRefused)));
        let nonsense = peer(&Target::tcp("nonsense", plain()));
        assert_eq!(nonsense, Err(TransportErrorKind::Connect(io::ErrorKind::InvalidInput)));
        let name_too_long_to_be_asked_for = format!("{}:1", "n".repeat(300));
        let nobody = peer(&Target::tcp(&name_too_long_to_be_asked_for, plain()));
        assert_eq!(nobody, Err(TransportErrorKind::Connect(io::ErrorKind::NotFound)));
        let none = peer(&Target::tcp("", plain()));
        assert_eq!(none, Err(TransportErrorKind::Connect(io::ErrorKind::InvalidInput)));
    }

    #[test]
    fn a_unix_socket_whose_queue_is_full_is_waited_for_until_the_deadline() {
        let (listener, path) = full_listener("waited-for");
        let target = Target::Unix { path: path.clone(), waiting: Waiting::Block };
        let late = target.connect(Deadline::after(Duration::from_millis(50)));
        assert_eq!(late.map(drop), Err(TransportErrorKind::ConnectDeadline));
        std::thread::scope(|scope| {
            let connects = scope.spawn(|| target.connect(soon()));
            let _taken = listener.accept().unwrap();
            assert!(connects.join().unwrap().is_ok());
        });
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_single_transport_is_given_once() {
        let (near, _far) = crate::transport::memory_pair();
        let target = Target::One(Mutex::new(Some(Box::new(near))));
        assert!(target.connect(soon()).is_ok());
        let again = target.connect(soon()).unwrap_err();
        assert_eq!(again, TransportErrorKind::Connect(io::ErrorKind::NotConnected));
    }
}
