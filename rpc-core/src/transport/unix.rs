//! Unix sockets: two thirds of TCP's latency within one machine, and no port for strangers to knock at.

use std::{
    io::{self, IoSlice},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
};

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

    /// Connects to the server that listens at `path`. It succeeds or fails at once: the kernel holds both ends.
    ///
    /// # Errors
    /// The system's reason.
    pub fn connect(path: &Path, waiting: Waiting) -> io::Result<Self> {
        Self::new(UnixStream::connect(path)?, waiting)
    }
}

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
}
