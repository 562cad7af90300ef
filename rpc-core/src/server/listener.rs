//! Where connections come from: a socket that listens, and the thread that accepts. It never exits before it is told to,
//! and never spins: what the system refuses, it refuses in turn, and waits a little longer each time.

use std::{
    collections::VecDeque,
    fs, io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            fs::{FileTypeExt, MetadataExt},
            net::UnixListener,
        },
    },
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with, sockopt},
};

use super::{
    connection::LINGER,
    observer::RefuseReason,
    running::{Refused, open},
    shared::Shared,
};
#[cfg(feature = "tls")]
use crate::transport::{TlsServer, TlsTransport};
use crate::{
    Status,
    transport::{Deadline, TcpTransport, Transport, UnixTransport, Waiting},
};

/// After a failure the acceptor waits this long; each further one doubles it.
const BACK_OFF_MIN: Duration = Duration::from_millis(5);
/// A new peer waits no longer than this once the trouble is over.
const BACK_OFF_MAX: Duration = Duration::from_millis(100);
/// Refused connections that are held until they have read why. With more, the oldest goes.
const REFUSED_MAX: usize = 64;

/// A socket that listens.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    #[cfg(feature = "tls")]
    Tls(TcpListener, TlsServer),
    /// The file is removed with the listener, unless another has its name by then.
    Unix(UnixListener, SocketFile),
}

/// The file of a Unix socket that listens.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode, which no other file has before the socket is closed.
    identity: (u64, u64),
}

/// A thread that accepts.
#[derive(Debug)]
pub(super) struct Acceptor {
    wake: Arc<OwnedFd>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Listens on the first of the addresses that can be listened on.
    pub(super) fn tcp(address: impl ToSocketAddrs, backlog: u16) -> io::Result<(Self, SocketAddr)> {
        let (listener, address) = listen_first(address, backlog)?;
        Ok((Self::Tcp(listener), address))
    }

    /// [`Listener::tcp`], for peers that speak TLS.
    #[cfg(feature = "tls")]
    pub(super) fn tls(address: impl ToSocketAddrs, backlog: u16, tls: TlsServer) -> io::Result<(Self, SocketAddr)> {
        let (listener, address) = listen_first(address, backlog)?;
        Ok((Self::Tls(listener, tls), address))
    }

    /// Listens at the path. A socket that no server listens at any more is replaced, nothing else.
    pub(super) fn unix(path: &Path, backlog: u16) -> io::Result<Self> {
        let listener = match listen_unix(path, backlog) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_abandoned(path) => {
                fs::remove_file(path)?;
                listen_unix(path, backlog)?
            }
            result => result?,
        };
        Ok(Self::Unix(listener, SocketFile { path: path.to_path_buf(), identity: identity(path)? }))
    }

    /// Takes one connection; `None` if the peer has gone again.
    fn accept(&self, waiting: Waiting) -> io::Result<Option<Box<dyn Transport>>> {
        // What fails after the system has given a connection fails by the peer: were it our trouble, a peer that resets
        // its connections could make the acceptor back off.
        Ok(match self {
            Self::Tcp(listener) => TcpTransport::new(listener.accept()?.0, waiting).ok().map(boxed),
            // The handshake is the business of the connection's own thread.
            #[cfg(feature = "tls")]
            Self::Tls(listener, tls) => {
                let tcp = TcpTransport::new(listener.accept()?.0, waiting).ok();
                tcp.and_then(|tcp| TlsTransport::accept(tcp, tls).ok()).map(boxed)
            }
            Self::Unix(listener, _) => UnixTransport::new(listener.accept()?.0, waiting).ok().map(boxed),
        })
    }

    fn as_fd(&self) -> rustix::fd::BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            #[cfg(feature = "tls")]
            Self::Tls(listener, _) => listener.as_fd(),
            Self::Unix(listener, _) => listener.as_fd(),
        }
    }
}

fn boxed(transport: impl Transport + 'static) -> Box<dyn Transport> {
    Box::new(transport)
}

fn listen_first(address: impl ToSocketAddrs, backlog: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in address.to_socket_addrs()? {
        match listen_tcp(address, backlog) {
            Ok(listener) => {
                let address = listener.local_addr()?;
                return Ok((listener, address));
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Why by hand: the standard library's backlog of 128 makes a burst of 5,000 connections take half a minute.
fn listen_tcp(address: SocketAddr, backlog: u16) -> io::Result<TcpListener> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    // A server that starts again takes its port over from connections that are still closing.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen(&socket, i32::from(backlog))?;
    Ok(TcpListener::from(socket))
}

fn listen_unix(path: &Path, backlog: u16) -> io::Result<UnixListener> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    listen(&socket, i32::from(backlog))?;
    Ok(UnixListener::from(socket))
}

/// Whether a socket is at the path, and nobody listens there. Who has no room for one more connection does.
fn is_abandoned(path: &Path) -> bool {
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    // Why: the system refuses a connection to a file of any other kind as well.
    fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
        && UnixTransport::connect_now(path).err().is_some_and(refused)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

impl Drop for Listener {
    fn drop(&mut self) {
        // While the socket is open: see `SocketFile::identity`.
        if let Self::Unix(_, SocketFile { path, identity: own }) = self
            && identity(path).is_ok_and(|found| found == *own)
        {
            // Fails only if someone else has removed it.
            let _gone = fs::remove_file(path);
        }
    }
}

impl Acceptor {
    pub(super) fn start(shared: Arc<Shared>, listener: Listener) -> io::Result<Self> {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let accepting =
            Accepting { shared, listener, wake: Arc::clone(&wake), spare: Spare::new(), refused: VecDeque::new() };
        let thread = thread::Builder::new().name("rpc-accept".into()).spawn(move || accepting.run())?;
        Ok(Self { wake, thread })
    }

    /// Closes the listener; the port is free when this returns.
    pub(super) fn stop(self) {
        // Fails only if the counter is full, and then the thread has been woken before.
        let _woken = rustix::io::write(&*self.wake, &1_u64.to_ne_bytes());
        // An error is the thread's panic, which has been reported by the panic hook.
        let _ended = self.thread.join();
    }
}

/// The state of an acceptor's thread.
struct Accepting {
    shared: Arc<Shared>,
    listener: Listener,
    wake: Arc<OwnedFd>,
    spare: Spare,
    /// Connections that were refused, and until when they are held.
    refused: VecDeque<(Instant, Refused)>,
}

/// A file descriptor held in reserve: when there is no other, one connection can be accepted with it and told that the
/// server is busy, instead of waiting in the backlog for nothing.
struct Spare(Option<OwnedFd>);

impl Spare {
    fn new() -> Self {
        Self(eventfd(0, EventfdFlags::CLOEXEC).ok())
    }
}

impl Accepting {
    fn run(mut self) {
        let mut back_off = Duration::ZERO;
        loop {
            let pause = (back_off > Duration::ZERO).then_some(back_off);
            if self.wait(pause) {
                return;
            }
            back_off = match self.accept_one() {
                Ok(()) => Duration::ZERO,
                Err(()) => back_off.saturating_mul(2).clamp(BACK_OFF_MIN, BACK_OFF_MAX),
            };
        }
    }

    /// Waits for a connection, or for `pause` if there is one to keep. Whether the thread is to end.
    fn wait(&mut self, pause: Option<Duration>) -> bool {
        let deadline = match pause {
            Some(pause) => Deadline::after(pause),
            None => self.refused.front().map_or(Deadline::NEVER, |(until, _)| Deadline::at(*until)),
        };
        let mut fds =
            [PollFd::new(&*self.wake, PollFlags::IN), PollFd::from_borrowed_fd(self.listener.as_fd(), PollFlags::IN)];
        // In a pause only the wake-up counts: what the listener says is what could not be had a moment ago.
        let watched = if pause.is_some() { 1 } else { 2 };
        // Why `ok`: a duration that a timespec can't hold is longer than anyone waits.
        let left = deadline.left().and_then(|left| Timespec::try_from(left).ok());
        match poll(fds.get_mut(..watched).unwrap_or_default(), left.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            // Never seen; without this line it would be the one way to spin.
            Err(_) => thread::sleep(BACK_OFF_MIN),
        }
        let [wake, _] = fds;
        let ends = wake.revents().contains(PollFlags::IN);
        let now = Instant::now();
        while self.refused.front().is_some_and(|(until, _)| *until <= now) {
            self.refused.pop_front();
        }
        ends
    }

    /// Takes one connection; an error if none can be had. Whoever could be told that the system is short of something is no
    /// reason to pause: the next one waits for the same answer, and there is one fewer of them.
    fn accept_one(&mut self) -> Result<(), ()> {
        let transport = match self.listener.accept(self.shared.waiting) {
            Ok(Some(transport)) => transport,
            Ok(None) => return Ok(()),
            Err(error) => return self.failed(&error),
        };
        if let Err(refused) = open(&self.shared, transport) {
            self.hold(refused);
        }
        Ok(())
    }

    fn failed(&mut self, error: &io::Error) -> Result<(), ()> {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => return Ok(()),
            // The peer went away between its coming and our taking it: nothing is short.
            io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected => {
                return Ok(());
            }
            kind => self.shared.connection_refused(None, RefuseReason::Accept(kind)),
        }
        let descriptors = matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE));
        if descriptors && self.refuse_with_spare() { Ok(()) } else { Err(()) }
    }

    /// Tells one peer that the server is busy, with the file descriptor held in reserve. Whether there was one to tell.
    fn refuse_with_spare(&mut self) -> bool {
        // The oldest that was refused has a descriptor as well.
        self.refused.pop_front();
        self.spare.0 = None;
        let accepted = self.listener.accept(self.shared.waiting);
        let refused = accepted.is_ok();
        if let Ok(Some(transport)) = accepted {
            let hello = self.shared.hello_frame(Status::BUSY);
            // Whoever can't be told is closed all the same.
            let _told = transport.write(&[io::IoSlice::new(&hello)]).and_then(|_| transport.shutdown());
        }
        self.spare = Spare::new();
        refused
    }

    fn hold(&mut self, refused: Refused) {
        if self.refused.len() >= REFUSED_MAX {
            self.refused.pop_front();
        }
        if let Some(until) = Instant::now().checked_add(LINGER) {
            self.refused.push_back((until, refused));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, transport::memory_pair};

    #[test]
    fn so_many_that_were_refused_are_held_and_with_one_more_the_oldest_goes() {
        let shared = Arc::new(Shared::new(Vec::new(), Limits::new(), None, Waiting::default()).unwrap());
        shared.slots.close();
        let (listener, _) = Listener::tcp("127.0.0.1:0", 1).unwrap();
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC).unwrap());
        let mut accepting = Accepting { shared, listener, wake, spare: Spare::new(), refused: VecDeque::new() };
        let peers: Vec<_> = (0..=REFUSED_MAX)
            .map(|count| {
                assert_eq!(accepting.refused.len(), count);
                let (server, peer) = memory_pair();
                accepting.hold(open(&accepting.shared, Box::new(server)).unwrap_err());
                peer
            })
            .collect();
        let held = peers.iter().map(|peer| peer.write(&[io::IoSlice::new(b"?")]).is_ok());
        assert!(held.eq((0..=REFUSED_MAX).map(|number| number > 0)));
    }
}
