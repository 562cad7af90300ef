//! Unix sockets: two thirds of TCP's latency within one machine, and no port for strangers to knock at.

use std::{
    io::{self, IoSlice},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
    thread,
    time::Duration,
};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use super::{Deadline, Interest, Peer, Transport, Wait, Waiting, socket::Socket};

/// A connection over a Unix socket.
#[derive(Debug)]
pub struct UnixTransport {
    socket: Socket<UnixStream>,
}

impl UnixTransport {
    /// Takes over a connected socket, on either side, and makes it blocking.
    ///
    /// # Errors
    /// The system refuses it.
    pub fn new(stream: UnixStream, waiting: Waiting) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        Ok(Self { socket: Socket::new(stream, waiting)? })
    }

    /// Connects to the server that listens at `path`. The kernel holds both ends, so it succeeds or fails at once, unless more
    /// connections wait to be taken than the server has room for.
    ///
    /// # Errors
    /// `TimedOut` if the deadline passed, or the system's reason.
    pub fn connect(path: &Path, deadline: Deadline, waiting: Waiting) -> io::Result<Self> {
        loop {
            if deadline.has_passed() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match Self::connect_now(path) {
                Ok(stream) => return Self::new(stream, waiting),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    thread::sleep(deadline.left().map_or(FULL, |left| left.min(FULL)));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Connects without waiting: `WouldBlock` if there is no room. The standard library would wait for it without end.
    pub(crate) fn connect_now(path: &Path) -> io::Result<UnixStream> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(socket.into())
    }
}

/// How often a server without room is asked again, since nothing tells when it has some. Asking takes a few microseconds, so
/// that less than a hundredth of a processor goes into it.
const FULL: Duration = Duration::from_millis(1);

impl Transport for UnixTransport {
    fn read(&self, buffer: &mut [u8], wait: Wait) -> io::Result<usize> {
        self.socket.read(buffer, wait)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.write(parts)
    }

    fn ready(&self, interest: Interest, deadline: Deadline) -> io::Result<Interest> {
        self.socket.ready(interest, deadline)
    }

    fn shutdown(&self) -> io::Result<()> {
        self.socket.stream().shutdown(Shutdown::Write)
    }

    fn close(&self) {
        // Fails only if the connection is gone already, which is what is asked for.
        let _gone = self.socket.stream().shutdown(Shutdown::Both);
    }

    fn peer(&self) -> Peer {
        Peer::Unix
    }
}

/// A Unix socket at which connections wait until no further one can, and its path. Nobody takes them yet.
#[cfg(test)]
pub(crate) fn full_listener(name: &str) -> (std::os::unix::net::UnixListener, std::path::PathBuf) {
    use rustix::net::{bind, listen, socket};
    let path = std::env::temp_dir().join(format!("rpc-core-{name}-{}.socket", std::process::id()));
    // Fails unless an earlier run was killed.
    let _left = std::fs::remove_file(&path);
    let listener = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&listener, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    listen(&listener, 0).unwrap(); // room for one
    let _waits = UnixStream::connect(&path).unwrap();
    (listener.into(), path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_cross_and_an_end_is_no_error() {
        let (a, b) = UnixStream::pair().unwrap();
        let a = UnixTransport::new(a, Waiting::Adaptive).unwrap();
        let b = UnixTransport::new(b, Waiting::Adaptive).unwrap();
        let wait = Wait::Until(Deadline::after(Duration::from_secs(5)));
        let mut buffer = [0; 16];
        a.write(&[IoSlice::new(b"ping")]).unwrap();
        assert_eq!(b.read(&mut buffer, wait).unwrap(), 4);
        assert_eq!(b.read(&mut buffer, Wait::Now).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        a.shutdown().unwrap();
        assert_eq!(b.read(&mut buffer, wait).unwrap(), 0);
    }

    #[test]
    fn a_passed_deadline_connects_nowhere() {
        let (_listener, path) = full_listener("passed");
        let passed = Deadline::after(Duration::ZERO);
        let error = UnixTransport::connect(&path, passed, Waiting::Block).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        std::fs::remove_file(path).unwrap();
    }
}
