//! TCP.

use std::{
    io::{self, IoSlice},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use rustix::net::sockopt;

use super::{Deadline, Interest, Peer, Transport, Wait, Waiting, socket::Socket};

/// A TCP connection.
#[derive(Debug)]
pub struct TcpTransport {
    socket: Socket<TcpStream>,
    peer: SocketAddr,
}

impl TcpTransport {
    /// Takes over a connected socket, on either side: makes it blocking and sets its options.
    ///
    /// # Errors
    /// The peer is gone already, or the system refuses an option.
    pub fn new(stream: TcpStream, waiting: Waiting) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        // A frame leaves in one write; holding it back for more helps nobody.
        stream.set_nodelay(true)?;
        // A peer that vanished is noticed after two minutes of silence, or after 30 s of bytes it does not take.
        sockopt::set_socket_keepalive(&stream, true)?;
        sockopt::set_tcp_keepidle(&stream, Duration::from_secs(60))?;
        sockopt::set_tcp_keepintvl(&stream, Duration::from_secs(10))?;
        sockopt::set_tcp_keepcnt(&stream, 6)?;
        #[cfg(target_os = "linux")]
        sockopt::set_tcp_user_timeout(&stream, 30_000)?;
        let peer = stream.peer_addr()?;
        #[cfg(target_os = "linux")]
        if peer.ip().to_canonical().is_loopback() {
            // There is no congestion within a machine, and an algorithm that paces what is sent, as the system's may (BBR),
            // takes nearly half of the speed of large messages. Every Linux has this one; who forbids it keeps the other.
            let _kept = sockopt::set_tcp_congestion(&stream, "reno");
        }
        Ok(Self { socket: Socket::new(stream, waiting)?, peer })
    }

    /// Connects to a server.
    ///
    /// # Errors
    /// `TimedOut` if the deadline passed, or the system's reason.
    pub fn connect(address: SocketAddr, deadline: Deadline, waiting: Waiting) -> io::Result<Self> {
        let stream = match deadline.left() {
            None => TcpStream::connect(address)?,
            Some(Duration::ZERO) => return Err(io::ErrorKind::TimedOut.into()),
            Some(left) => TcpStream::connect_timeout(&address, left)?,
        };
        Self::new(stream, waiting)
    }
}

impl Transport for TcpTransport {
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
        Peer::Tcp(self.peer)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::transport::write_all;

    fn pair(waiting: Waiting) -> (TcpTransport, TcpTransport) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpTransport::connect(listener.local_addr().unwrap(), Deadline::NEVER, waiting).unwrap();
        (client, TcpTransport::new(listener.accept().unwrap().0, waiting).unwrap())
    }

    fn soon() -> Wait {
        Wait::Until(Deadline::after(Duration::from_secs(5)))
    }

    #[test]
    fn bytes_cross_and_an_end_is_no_error() {
        for waiting in [Waiting::Adaptive, Waiting::Block] {
            let (client, server) = pair(waiting);
            let mut buffer = [0; 16];
            for _ in 0..20 {
                assert_eq!(client.write(&[IoSlice::new(b"pi"), IoSlice::new(b"ng")]).unwrap(), 4);
                assert_eq!(server.read(&mut buffer, soon()).unwrap(), 4);
                assert_eq!(&buffer[..4], b"ping");
                assert_eq!(server.write(&[IoSlice::new(b"pong")]).unwrap(), 4);
                assert_eq!(client.read(&mut buffer, soon()).unwrap(), 4);
            }
            client.shutdown().unwrap();
            assert_eq!(server.read(&mut buffer, soon()).unwrap(), 0);
            server.write(&[IoSlice::new(b"last")]).unwrap();
            assert_eq!(client.read(&mut buffer, soon()).unwrap(), 4);
        }
    }

    #[test]
    fn a_connection_is_watched_as_it_should_be_on_both_sides() {
        let (client, server) = pair(Waiting::Block);
        for end in [client, server] {
            let stream = end.socket.stream();
            assert!(stream.nodelay().unwrap() && sockopt::socket_keepalive(stream).unwrap());
            assert_eq!(sockopt::tcp_keepidle(stream).unwrap(), Duration::from_secs(60));
            assert_eq!(sockopt::tcp_keepintvl(stream).unwrap(), Duration::from_secs(10));
            assert_eq!(sockopt::tcp_keepcnt(stream).unwrap(), 6);
            #[cfg(target_os = "linux")]
            assert_eq!(sockopt::tcp_user_timeout(stream).unwrap(), 30_000);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn nothing_is_paced_within_a_machine() {
        let (client, server) = pair(Waiting::Block);
        for end in [client, server] {
            assert_eq!(sockopt::tcp_congestion(end.socket.stream()).unwrap(), "reno");
        }
    }

    #[test]
    fn nothing_there_is_would_block_now_and_timed_out_later() {
        let (client, _server) = pair(Waiting::Adaptive);
        let mut buffer = [0; 16];
        assert_eq!(client.read(&mut buffer, Wait::Now).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let wait = Wait::Until(Deadline::after(Duration::from_millis(1)));
        assert_eq!(client.read(&mut buffer, wait).unwrap_err().kind(), io::ErrorKind::TimedOut);
        let passed = Deadline::after(Duration::ZERO);
        assert_eq!(client.ready(Interest::READ, passed).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(client.ready(Interest::BOTH, passed).unwrap(), Interest::WRITE);
    }

    #[test]
    fn a_writer_without_room_can_wait_for_bytes_to_read() {
        let (client, server) = pair(Waiting::Block);
        let chunk = [0; 65_536];
        while client.write(&[IoSlice::new(&chunk)]).is_ok() {}
        write_all(&server, b"reply", Deadline::after(Duration::from_secs(5))).unwrap();
        let ready = client.ready(Interest::BOTH, Deadline::after(Duration::from_secs(5))).unwrap();
        assert!(ready.read);
        let short = Deadline::after(Duration::from_millis(1));
        let more_than_any_buffer = vec![0; 64 << 20];
        assert_eq!(write_all(&client, &more_than_any_buffer, short).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_read_waits_longer_than_a_socket_sleeps_and_no_longer_than_its_deadline() {
        for waiting in [Waiting::Adaptive, Waiting::Block] {
            let (client, server) = pair(waiting);
            std::thread::scope(|scope| {
                let reader = scope.spawn(|| client.read(&mut [0; 16], soon()));
                for ms in [20, 160, 250] {
                    let deadline = Deadline::after(Duration::from_millis(ms));
                    let read = server.read(&mut [0; 16], Wait::Until(deadline));
                    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut, "{ms}");
                    assert!(deadline.has_passed(), "{ms}");
                }
                assert_eq!(server.write(&[IoSlice::new(b"late")]).unwrap(), 4);
                assert_eq!(reader.join().unwrap().unwrap(), 4);
            });
        }
    }

    #[test]
    fn closing_wakes_a_reader() {
        let (client, _server) = pair(Waiting::Block);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| client.read(&mut [0; 16], soon()));
            client.close();
            assert_eq!(reader.join().unwrap().unwrap(), 0);
        });
    }

    #[test]
    fn a_passed_deadline_connects_nowhere() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let passed = Deadline::after(Duration::ZERO);
        let error = TcpTransport::connect(listener.local_addr().unwrap(), passed, Waiting::Block).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
