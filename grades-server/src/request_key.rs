//! A keyed change takes effect once, however often its request arrives (Wire §9): the answer is kept in the transaction of
//! the change, under the account and the key, and given again to the same request.
//!
//! An error of the method's own is an answer too. What was refused before the change ran is not: it may be tried again.

use std::time::Duration;

use rpc_core::{
    AppError, Call, Error, Limits, Refusal, Result, Status,
    tlv::{Buffer, DecodeOwned, Encode, Reader, Writer, decode_value, encode_value},
};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::UnixMs,
    store::{AccountId, KeyRow, RequestKey, StoreError, Tx},
};

/// An older key may have been forgotten, and would run again.
const KEY_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Clients stamp keys with the server's time; a key from further ahead is from a broken clock, and would be kept too long.
const KEY_AHEAD_MAX: Duration = Duration::from_secs(5 * 60);

/// Twice the age at which a key is refused, so that no clock that is a day off can make one run twice.
pub(crate) const KEPT_FOR: Duration = Duration::from_secs(48 * 60 * 60);

/// A reply is larger than any value that a keyed method answers with.
const RESULT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The key of a call, with what tells its request from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyedRequest {
    key: RequestKey,
    service: u16,
    opcode: u16,
    fingerprint: [u8; 32],
}

impl KeyedRequest {
    /// The key that a call carries, if it does.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        Some(Self {
            key: RequestKey(call.key()?),
            service: call.service().0,
            opcode: call.opcode().0,
            fingerprint: Sha256::digest(call.request_bytes()).into(),
        })
    }

    /// Whether a kept answer is that of this very request: bodies of different methods may be the same bytes.
    fn is_that_of(&self, row: &KeyRow) -> bool {
        (self.service, self.opcode, self.fingerprint) == (row.service, row.opcode, row.fingerprint)
    }

    /// When the client drew the key: the first 48 bits of a UUIDv7.
    fn drawn(&self) -> UnixMs {
        let [a, b, c, d, e, f, ..] = self.key.0;
        UnixMs(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }

    fn refuse_stale(&self, now: UnixMs) -> std::result::Result<(), Refusal> {
        let drawn = self.drawn();
        if drawn < now.minus(KEY_AGE_MAX) || drawn > now.plus(KEY_AHEAD_MAX) {
            return Err(Refusal::new(Status::STALE_KEY));
        }
        Ok(())
    }
}

/// Runs `work` once for the key; without a key, just runs it. The inner result is what the change answers, and is kept.
///
/// # Errors
/// `STALE_KEY`, `KEY_MISMATCH`, or whatever ended `work` before it had an answer: nothing is kept then.
pub(crate) fn once<T, E>(
    tx: &mut dyn Tx,
    account: AccountId,
    request: Option<&KeyedRequest>,
    now: UnixMs,
    work: impl Fn(&mut dyn Tx) -> Result<T, E>,
) -> Result<std::result::Result<T, E>, E>
where
    T: Encode + DecodeOwned,
    E: AppError,
    Error<E>: From<StoreError>,
{
    let Some(request) = request else { return work(tx).map(Ok) };
    request.refuse_stale(now).map_err(Error::Refused)?;
    if let Some(row) = tx.answered(account, request.key)? {
        if !request.is_that_of(&row) {
            return Err(Error::Refused(Refusal::new(Status::KEY_MISMATCH)));
        }
        return Ok(decode_answer(&row.result)?);
    }
    let mut result = Err(StoreError::Failed.into());
    tx.nested(&mut |tx| {
        result = work(tx);
        result.is_ok()
    })?;
    let answer = match result {
        Ok(value) => Ok(value),
        Err(Error::App(error)) => Err(error),
        Err(other) => return Err(other),
    };
    let (service, opcode, fingerprint) = (request.service, request.opcode, request.fingerprint);
    let row = KeyRow { service, opcode, fingerprint, result: encode_answer(&answer)?, created: now };
    tx.insert_answer(account, request.key, &row)?;
    Ok(answer)
}

/// A status, little-endian, then the body of a reply with it.
fn encode_answer<T: Encode, E: Encode>(answer: &std::result::Result<T, E>) -> std::result::Result<Vec<u8>, StoreError> {
    let status = if answer.is_ok() { Status::OK } else { Status::APP };
    let mut result = Buffer::from(status.0.to_le_bytes().to_vec());
    let mut out = Writer::new(&mut result, RESULT_BYTES_MAX);
    match answer {
        Ok(value) => encode_value(&mut out, value),
        Err(error) => encode_value(&mut out, error),
    }
    out.finish().map_err(|error| {
        tracing::error!(%error, "an answer is too large to be kept");
        StoreError::Failed
    })?;
    Ok(result.into())
}

fn decode_answer<T: DecodeOwned, E: DecodeOwned>(
    result: &[u8],
) -> std::result::Result<std::result::Result<T, E>, StoreError> {
    let (status, body) = result.split_first_chunk().ok_or(StoreError::Failed)?;
    let mut body = Reader::new(body, Limits::new().decode());
    let answer = match Status(u16::from_le_bytes(*status)) {
        Status::OK => decode_value(&mut body).map(Ok),
        Status::APP => decode_value(&mut body).map(Err),
        _ => return Err(StoreError::Failed),
    };
    answer.map_err(|error| {
        tracing::error!(%error, "a kept answer does not decode");
        StoreError::Failed
    })
}
