//! A client written from `docs/protocol.md` alone, without a line of the framework: it says exactly the bytes a test wants
//! said, and reads with a deadline. If it and the framework disagree, one of them is wrong about the page.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use socket2::SockRef;

/// How long a reply may take before a test gives up: far above any deadline of the server that a test waits for.
const READ_MAX: Duration = Duration::from_secs(30);

/// A connection that speaks bytes.
#[derive(Debug)]
pub struct RawPeer {
    stream: TcpStream,
    call_id: u32,
}

/// A frame as it stood on the wire (§2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFrame {
    /// 1 hello, 2 request, 3 reply, 4 goodbye.
    pub kind: u8,
    /// Pairs a reply with its request.
    pub call_id: u32,
    /// The service.
    pub service: u16,
    /// The method.
    pub opcode: u16,
    /// How the call ended.
    pub status: u16,
    /// Everything after the header.
    pub body: Vec<u8>,
    /// All of it, header included.
    pub bytes: Vec<u8>,
}

impl RawFrame {
    /// The frames that these bytes are, one after the other; the last one may be cut off, and is left out then.
    #[must_use]
    pub fn all_of(mut bytes: &[u8]) -> Vec<Self> {
        let next = || Self::first_of(bytes).inspect(|frame| bytes = &bytes[frame.bytes.len()..]);
        std::iter::from_fn(next).collect()
    }

    /// The frame that these bytes begin with, if it is all there.
    fn first_of(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(16)?;
        let length = usize::try_from(u32_of(&header[..4])).ok()?;
        let body = rest.get(..length)?;
        let short = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        Some(Self {
            kind: header[12],
            call_id: u32_of(&header[4..8]),
            service: short(8),
            opcode: short(10),
            status: short(14),
            body: body.to_vec(),
            bytes: bytes[..16 + length].to_vec(),
        })
    }
}

fn u32_of(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

impl RawPeer {
    /// Connects and says nothing.
    ///
    /// # Panics
    /// Nobody listens.
    #[must_use]
    pub fn connect(address: &str) -> Self {
        Self::over(TcpStream::connect(address).unwrap_or_else(|error| panic!("no server at {address}: {error}")))
    }

    /// Speaks over a connection that was made in another way, and says nothing.
    ///
    /// # Panics
    /// The socket is none any more.
    #[must_use]
    pub fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(READ_MAX)).expect("a socket takes a deadline");
        stream.set_nodelay(true).expect("a socket takes nodelay");
        Self { stream, call_id: 0 }
    }

    /// Connects and exchanges hellos.
    ///
    /// # Panics
    /// Nobody listens, or the server refuses the connection.
    #[must_use]
    pub fn greeted(address: &str) -> Self {
        let mut peer = Self::connect(address);
        peer.greet();
        peer
    }

    /// Exchanges hellos.
    ///
    /// # Panics
    /// The server refuses the connection.
    pub fn greet(&mut self) {
        self.send(&Self::hello());
        let hello = self.frame().expect("the server answers a hello");
        assert_eq!((hello.kind, hello.status), (1, 0), "{hello:?}");
    }

    /// The bare connection, for whoever has something to say in another way.
    #[must_use]
    pub const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The bare connection, for whoever goes on in another way.
    #[must_use]
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// The bytes of a client's hello (§3): magic, version 1, replies of at most 4 MiB.
    #[must_use]
    pub fn hello() -> Vec<u8> {
        let mut body = vec![1 << 3 | 2];
        body.extend(b"TLVRPC\r\n");
        for (number, value) in [(2u8, 1u32), (4, 4 << 20)] {
            body.push(number << 3 | 1);
            body.extend(value.to_le_bytes());
        }
        Self::header(body.len(), 0, 0, 0, 1, 0).into_iter().chain(body).collect()
    }

    /// The bytes of a request (§2.1) with an optional credential in its metadata (§2.3).
    ///
    /// # Panics
    /// The credential is longer than 255 bytes.
    #[must_use]
    pub fn request(call_id: u32, service: u16, opcode: u16, credential: Option<&[u8]>, body: &[u8]) -> Vec<u8> {
        let metadata = credential.map(|secret| {
            let length = u8::try_from(secret.len()).expect("a short credential");
            let field: Vec<u8> = [4 << 3 | 4, length].into_iter().chain(secret.iter().copied()).collect();
            let length = u16::try_from(field.len()).expect("short metadata");
            [length.to_le_bytes().to_vec(), field].concat()
        });
        let flags = u8::from(metadata.is_some());
        let metadata = metadata.unwrap_or_default();
        let header = Self::header(metadata.len() + body.len(), call_id, service, opcode, 2, flags);
        [header.as_slice(), &metadata, body].concat()
    }

    /// The 16 bytes of a header (§2.1).
    ///
    /// # Panics
    /// The length needs more than 32 bits.
    #[must_use]
    pub fn header(length: usize, call_id: u32, service: u16, opcode: u16, kind: u8, flags: u8) -> Vec<u8> {
        let mut bytes = u32::try_from(length).expect("a length in 32 bits").to_le_bytes().to_vec();
        bytes.extend(call_id.to_le_bytes());
        bytes.extend(service.to_le_bytes());
        bytes.extend(opcode.to_le_bytes());
        bytes.extend([kind, flags, 0, 0]);
        bytes
    }

    /// Signs in (`accounts.login`, service 0x41, opcode 1) and gives the session ID.
    ///
    /// # Panics
    /// The server refuses.
    pub fn login(&mut self, name: &str, password: &str) -> [u8; 32] {
        let body: Vec<u8> = [(1u8, name), (2, password)].iter().flat_map(|(n, text)| Self::text(*n, text)).collect();
        let reply = self.call(0x41, 1, None, &body);
        assert_eq!(reply.status, 0, "{reply:?}");
        // Field 1 is a message (LONG, u32 length); its field 1 is the session ID (SHORT, 32 bytes).
        let start = reply.body.windows(2).position(|pair| pair == [1 << 3 | 4, 32]).expect("a session ID") + 2;
        reply.body[start..start + 32].try_into().expect("32 bytes")
    }

    /// A text field (§4.2).
    ///
    /// # Panics
    /// The text is longer than 255 bytes.
    #[must_use]
    pub fn text(number: u8, text: &str) -> Vec<u8> {
        let length = u8::try_from(text.len()).expect("a short text");
        [number << 3 | 4, length].into_iter().chain(text.bytes()).collect()
    }

    /// Makes one call and waits for its reply.
    ///
    /// # Panics
    /// Another frame comes, or none.
    pub fn call(&mut self, service: u16, opcode: u16, credential: Option<&[u8]>, body: &[u8]) -> RawFrame {
        self.call_id += 1;
        self.send(&Self::request(self.call_id, service, opcode, credential, body));
        let reply = self.frame().expect("a reply");
        let expected = (3, self.call_id, service, opcode);
        assert_eq!((reply.kind, reply.call_id, reply.service, reply.opcode), expected, "{reply:?}");
        reply
    }

    /// Says these bytes, whatever they mean. Whether the peer still listens is for the test to ask.
    pub fn send(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes));
    }

    /// Says that nothing more will come.
    pub fn finish(&mut self) {
        drop(self.stream.shutdown(Shutdown::Write));
    }

    /// The next frame; `None` once the peer has closed the connection between two frames.
    ///
    /// # Panics
    /// Nothing comes before the deadline, or the connection ends inside a frame.
    pub fn frame(&mut self) -> Option<RawFrame> {
        let header = self.exactly(16)?;
        let length = usize::try_from(u32_of(&header[..4])).expect("32 bits fit");
        let body = self.exactly(length).expect("the connection ended inside a frame");
        RawFrame::first_of(&[header, body].concat())
    }

    /// Ends the connection as a machine does that has lost its memory of it: by a reset, without a last word.
    ///
    /// # Panics
    /// The socket takes no option.
    pub fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).expect("a socket takes a linger");
        drop(self);
    }

    /// Everything that comes until the peer closes, as frames.
    ///
    /// # Errors
    /// It does not close before the deadline, or closes inside a frame: what came, and which of the two.
    pub fn hear_out(&mut self) -> Result<Vec<RawFrame>, String> {
        let mut bytes = Vec::new();
        match self.stream.read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(format!("it keeps the connection open ({error}) after {bytes:02x?}")),
        }
        let (mut frames, mut rest) = (Vec::new(), &bytes[..]);
        while !rest.is_empty() {
            let frame = RawFrame::first_of(rest).ok_or_else(|| format!("it closed inside a frame: {bytes:02x?}"))?;
            rest = &rest[frame.bytes.len()..];
            frames.push(frame);
        }
        Ok(frames)
    }

    /// Reads and drops what comes until the peer closes.
    ///
    /// # Panics
    /// It does not close before the deadline.
    pub fn until_closed(&mut self) {
        let mut sink = [0; 4096];
        loop {
            match self.stream.read(&mut sink) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return,
                Err(error) => panic!("the server keeps the connection open: {error}"),
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.stream.read(&mut bytes[filled..]) {
                Ok(0) if filled == 0 => return None,
                Ok(0) => panic!("the connection ended {filled} bytes into {length}"),
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::ConnectionReset && filled == 0 => return None,
                Err(error) => panic!("no reply: {error}"),
            }
        }
        Some(bytes)
    }
}
