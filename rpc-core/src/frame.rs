//! A frame: one length-delimited unit on the wire, a header of 16 bytes and a body (Wire §2). No input or output here.

use crate::tlv::{Buffer, DecodeLimits, EncodeError, Writer};

mod goodbye;
mod header;
mod hello;
mod metadata;
mod receive;
mod refusal;
mod slack;

pub use goodbye::Goodbye;
pub use header::{CallId, FrameError, FrameKind, Header, HeaderFlags};
pub use hello::{ClientHello, MAGIC, ServerHello, VERSION};
pub use metadata::{Metadata, Parts};
pub use receive::{Frame, ReceiveBuffer};
pub use refusal::{decode_refusal, encode_refusal};
pub(crate) use slack::Slack;

/// Appends a frame whose body `body` writes; the header's length is filled in.
///
/// # Errors
/// The body is over `body_bytes_max`; `out` is then as long as before.
pub fn append_frame(
    out: &mut Buffer,
    header: Header,
    body_bytes_max: usize,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), EncodeError> {
    append_frame_with(out, header, &[], body_bytes_max, body)
}

/// [`append_frame`] with encoded metadata before the body.
///
/// # Errors
/// The metadata are over [`Metadata::BYTES_MAX`], or the body is over `body_bytes_max`; `out` is then as long as before.
pub fn append_frame_with(
    out: &mut Buffer,
    mut header: Header,
    metadata: &[u8],
    body_bytes_max: usize,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), EncodeError> {
    let metadata_bytes = u16::try_from(metadata.len()).unwrap_or(u16::MAX);
    if usize::from(metadata_bytes) > Metadata::BYTES_MAX {
        return Err(EncodeError { bytes_max: Metadata::BYTES_MAX });
    }
    let start = out.len();
    out.extend_from_slice(&[0; Header::BYTES]);
    header.flags = HeaderFlags::NONE;
    if !metadata.is_empty() {
        header.flags = HeaderFlags::METADATA;
        out.extend_from_slice(&metadata_bytes.to_le_bytes());
        out.extend_from_slice(metadata);
    }
    let mut writer = Writer::new(out, body_bytes_max);
    body(&mut writer);
    if let Err(error) = writer.finish() {
        out.truncate(start);
        return Err(error);
    }
    let content = out.len().saturating_sub(start).saturating_sub(Header::BYTES);
    let Ok(length) = u32::try_from(content) else {
        out.truncate(start);
        return Err(EncodeError { bytes_max: body_bytes_max });
    };
    header.length = length;
    if let Some(place) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *place = header.encode();
    }
    Ok(())
}

/// Appends a frame whose metadata and body are encoded already. `left_out` bytes of the body are written among the others.
///
/// # Errors
/// It is longer than a header can tell; `out` is then as long as before.
pub(crate) fn append_encoded(
    out: &mut Vec<u8>,
    mut header: Header,
    metadata: &[u8],
    body: &[u8],
    left_out: usize,
) -> Result<(), ()> {
    let with_metadata = if metadata.is_empty() { 0 } else { metadata.len().saturating_add(2) };
    let length = body.len().saturating_add(left_out).saturating_add(with_metadata);
    header.length = u32::try_from(length).map_err(drop)?;
    header.flags = if metadata.is_empty() { HeaderFlags::NONE } else { HeaderFlags::METADATA };
    let metadata_bytes = u16::try_from(metadata.len()).map_err(drop)?;
    out.extend_from_slice(&header.encode());
    if !metadata.is_empty() {
        out.extend_from_slice(&metadata_bytes.to_le_bytes());
        out.extend_from_slice(metadata);
    }
    out.extend_from_slice(body);
    Ok(())
}

/// What the framework's own messages may cost: they are flat and short, and the peer is a stranger.
const OWN_LIMITS: DecodeLimits =
    DecodeLimits { depth_max: 1, heap_bytes_max: 0, unknown_fields_max: 64, string_bytes_max: Metadata::BYTES_MAX };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Opcode, ServiceId, Status};

    const HEADER: Header = Header {
        length: 0,
        call_id: CallId(7),
        service: ServiceId(2),
        opcode: Opcode(3),
        kind: FrameKind::Request,
        flags: HeaderFlags::NONE,
        status: Status::OK,
    };

    /// What is appended for so many bytes of metadata and of a body of at most 8.
    fn appended(metadata: usize, body: usize) -> Result<usize, EncodeError> {
        let mut out = Buffer::from(b"before".to_vec());
        let appended = append_frame_with(&mut out, HEADER, &vec![1; metadata], 8, |out| out.bytes(&vec![2; body]));
        let frame = out.strip_prefix(b"before").unwrap();
        assert_eq!(frame.is_empty(), appended.is_err(), "half a frame is left");
        appended.map(|()| frame.len())
    }

    #[test]
    fn a_frame_whose_metadata_or_body_is_over_its_limit_leaves_nothing_behind() {
        assert_eq!(appended(0, 8), Ok(16 + 8));
        assert_eq!(appended(0, 9), Err(EncodeError { bytes_max: 8 }));
        assert_eq!(appended(1_024, 8), Ok(16 + 2 + 1_024 + 8));
        assert_eq!(appended(1_024, 9), Err(EncodeError { bytes_max: 8 }));
        for metadata in [1_025, 65_535, 65_536] {
            assert_eq!(appended(metadata, 8), Err(EncodeError { bytes_max: 1_024 }));
        }
    }
}
