//! Replies as they are appended to what will be written, and where a panic of user code ends.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    Refusal, Status,
    frame::{FrameKind, Header, HeaderFlags, append_frame, encode_refusal},
    tlv::{Aside, Buffer, Given, Writer},
};

/// Bytes of the body of a refusal: two F4 fields and an F8 field take 19.
const REFUSAL_BYTES_MAX: usize = 32;

/// Appends the reply to `request` that `run` writes, or the refusal in which it ends; a panic is `INTERNAL`. Long strings
/// that `run` gives away are kept in `given`, if there is such a place.
pub(crate) fn append_reply(
    out: &mut Buffer,
    mut given: Option<&mut Vec<Given>>,
    request: &Header,
    bytes_max: usize,
    run: impl FnOnce(&mut Writer<'_>) -> Result<Status, Refusal>,
) -> Status {
    let start = out.len();
    out.extend_from_slice(&[0; Header::BYTES]);
    let given_before = given.as_deref().map_or(0, Vec::len);
    let mut aside = given.as_deref_mut().map(Aside::Keep);
    let mut writer = match &mut aside {
        Some(aside) => Writer::with_aside(out, bytes_max, aside),
        None => Writer::new(out, bytes_max),
    };
    // `AssertUnwindSafe`: what the closure may leave half done is the reply, which is cut off below, and the handler,
    // which answers for its own state.
    let ended = caught(AssertUnwindSafe(|| run(&mut writer))).and_then(|status| {
        let limit = u64::try_from(bytes_max).ok();
        let length = writer.finish().map_err(|_| Refusal { limit, ..Refusal::new(Status::REPLY_TOO_LARGE) })?;
        let length = u32::try_from(length).map_err(|_| Refusal { limit, ..Refusal::new(Status::REPLY_TOO_LARGE) })?;
        Ok((status, length))
    });
    match ended {
        Ok((status, length)) => {
            let header = Header { length, ..reply_header(request, status) };
            if let Some(place) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
                *place = header.encode();
            }
            status
        }
        Err(refusal) => {
            out.truncate(start);
            if let Some(given) = given {
                given.truncate(given_before);
            }
            append_refusal(out, request, &refusal)
        }
    }
}

/// Appends the reply to `request` that tells of a refusal.
pub(crate) fn append_refusal(out: &mut Buffer, request: &Header, refusal: &Refusal) -> Status {
    let header = reply_header(request, refusal.status);
    let appended = append_frame(out, header, REFUSAL_BYTES_MAX, |out| encode_refusal(refusal, out));
    debug_assert!(appended.is_ok(), "a refusal is over its limit");
    refusal.status
}

/// Runs code of the user's; a panic ends here and is told as `INTERNAL`.
pub(crate) fn caught<T>(run: AssertUnwindSafe<impl FnOnce() -> Result<T, Refusal>>) -> Result<T, Refusal> {
    catch_unwind(run).unwrap_or_else(|_| Err(Refusal::new(Status::INTERNAL)))
}

/// Runs what gives no result; a panic ends here, after the panic hook has told of it.
pub(crate) fn contained(run: impl FnOnce()) {
    // `AssertUnwindSafe`: what the closure may leave half done belongs to the user's code, which answers for it.
    let _panicked = catch_unwind(AssertUnwindSafe(run));
}

fn reply_header(request: &Header, status: Status) -> Header {
    Header { length: 0, kind: FrameKind::Reply, flags: HeaderFlags::NONE, status, ..*request }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Opcode, ServiceId,
        frame::{CallId, decode_refusal},
    };

    const REQUEST: Header = Header {
        length: 99,
        call_id: CallId(7),
        service: ServiceId(2),
        opcode: Opcode(3),
        kind: FrameKind::Request,
        flags: HeaderFlags::METADATA,
        status: Status::OK,
    };

    fn check(
        bytes_max: usize,
        run: impl FnOnce(&mut Writer<'_>) -> Result<Status, Refusal>,
        told: Refusal,
        body: &[u8],
    ) {
        let mut out = Buffer::from(b"before".to_vec());
        assert_eq!(append_reply(&mut out, None, &REQUEST, bytes_max, run), told.status);
        let (before, reply) = out.split_at(6);
        assert_eq!(before, b"before");
        let header = Header::decode(reply.first_chunk().unwrap()).unwrap();
        assert_eq!(usize::try_from(header.length).unwrap(), reply[Header::BYTES..].len());
        let expected = Header {
            length: header.length,
            kind: FrameKind::Reply,
            flags: HeaderFlags::NONE,
            status: told.status,
            ..REQUEST
        };
        assert_eq!(header, expected);
        let content = &reply[Header::BYTES..];
        if told.status == Status::OK {
            assert_eq!(content, body);
        } else {
            assert_eq!(decode_refusal(told.status, content), told);
        }
    }

    #[test]
    fn a_reply_of_exactly_the_limit_is_given_and_one_byte_more_is_told() {
        let write = |count| {
            move |out: &mut Writer<'_>| {
                out.bytes(&vec![9; count]);
                Ok(Status::OK)
            }
        };
        check(64, write(63), Refusal::new(Status::OK), &[9; 63]);
        check(64, write(64), Refusal::new(Status::OK), &[9; 64]);
        check(64, write(65), Refusal { limit: Some(64), ..Refusal::new(Status::REPLY_TOO_LARGE) }, &[]);
    }

    #[test]
    fn a_refusal_fits_whatever_the_limit_of_replies_is() {
        let refusal = Refusal { field: Some(u16::MAX), limit: Some(u64::MAX), ..Refusal::new(Status::BAD_BODY) };
        check(0, |_| Err(refusal), refusal, &[]);
    }

    #[test]
    fn a_panic_is_internal_and_leaves_nothing_of_the_half_written_reply() {
        let run = |out: &mut Writer<'_>| {
            out.bytes(b"half a reply");
            panic!("the handler broke")
        };
        check(64, run, Refusal::new(Status::INTERNAL), &[]);
    }
}
