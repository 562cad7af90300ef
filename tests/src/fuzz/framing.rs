//! Frames out of a stream, hellos, metadata.

use rpc_core::frame::{ClientHello, Frame, FrameError, Goodbye, Header, Metadata, ReceiveBuffer, ServerHello};

use super::choices;
use crate::peak_of;

/// As a server reads: no frame above this, so that the input can pass it.
const LENGTH_MAX: u32 = 2_048;

/// What came out of a buffer.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Frame(Header, Vec<u8>),
    Skipped(Header),
    Bad(FrameError),
}

/// However the bytes of a stream are cut on their way, the same frames come out of them; each is as long as it says; memory
/// follows what has come, never what was announced.
pub(super) fn frames(bytes: &[u8]) {
    let ([piece, skip], stream) = choices(bytes);
    let whole = read(stream, stream.len().max(1), skip);
    let cut = read(stream, usize::from(piece).max(1), skip);
    assert_eq!(whole, cut, "a stream in pieces of {piece} is another");
    for came in whole {
        if let Came::Frame(header, content) = came {
            assert_eq!(usize::try_from(header.length).unwrap(), content.len());
        }
    }
}

/// Reads frames; of those whose call id has a bit in common with `skip` only the header.
fn read(stream: &[u8], piece: usize, skip: u8) -> Vec<Came> {
    let mut came = Vec::new();
    let mut buffer = ReceiveBuffer::new();
    let mut arrived: usize = 0;
    for piece in stream.chunks(piece) {
        let ((), peak) = peak_of(|| buffer.extend(piece));
        arrived += piece.len();
        // A buffer that is filled by a read grows so far, for the next read; from there on it grows with what came.
        let most = (64 << 10).max(2 * arrived);
        assert!(buffer.capacity() <= most && peak <= 2 * most, "{} for {arrived}", buffer.capacity());
        loop {
            let front = match buffer.front() {
                Ok(front) => front.map(|frame| frame.header),
                Err(error) => {
                    came.push(Came::Bad(error));
                    return came;
                }
            };
            match front {
                Some(header) if header.call_id.0.to_le_bytes()[0] & skip != 0 => {
                    buffer.skip_frame();
                    came.push(Came::Skipped(header));
                }
                _ => match buffer.next_frame(LENGTH_MAX) {
                    Ok(Some(frame)) => came.push(Came::Frame(frame.header, frame.content.to_vec())),
                    Ok(None) => break,
                    Err(error) => {
                        came.push(Came::Bad(error));
                        return came;
                    }
                },
            }
        }
    }
    came
}

/// A first frame is a hello or it is none; one that is says the same again when it is written anew.
pub(super) fn hello(bytes: &[u8]) {
    let mut buffer = ReceiveBuffer::new();
    buffer.extend(bytes);
    let Ok(Some(frame)) = buffer.next_frame(1_024) else { return };
    let ((client, server), peak) = peak_of(|| (ClientHello::decode(&frame), ServerHello::decode(&frame)));
    assert_eq!(peak, 0, "a hello costs no memory");
    let mut again = Vec::new();
    if let Ok(client) = client {
        client.append(&mut again);
        assert_eq!(with_frame(&again, ClientHello::decode), Ok(client));
    }
    again.clear();
    if let Ok(server) = server {
        server.append(&mut again);
        assert_eq!(with_frame(&again, ServerHello::decode), Ok(server));
    }
    if let Ok(goodbye) = Goodbye::decode(&frame) {
        assert_eq!(with_frame(&goodbye.encode(), Goodbye::decode), Ok(goodbye));
    }
}

fn with_frame<T>(bytes: &[u8], read: impl FnOnce(&Frame<'_>) -> T) -> T {
    let mut buffer = ReceiveBuffer::new();
    buffer.extend(bytes);
    read(&buffer.next_frame(LENGTH_MAX).expect("our own frame").expect("a whole frame"))
}

/// Metadata decode without a byte of memory, and say the same again when they are written anew.
pub(super) fn metadata(bytes: &[u8]) {
    let (decoded, peak) = peak_of(|| Metadata::decode(bytes));
    assert_eq!(peak, 0, "metadata are a stranger's, and lent from the frame");
    let Ok(metadata) = decoded else { return };
    let mut again = Vec::new();
    // A deadline in one byte is written in four; nothing else becomes longer.
    if metadata.append(&mut again).is_ok() {
        assert_eq!(Metadata::decode(&again), Ok(metadata));
    } else {
        assert!(bytes.len() + 3 > Metadata::BYTES_MAX, "{} bytes became more", bytes.len());
    }
}
