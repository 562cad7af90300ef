//! What expansions of the attribute call. Unstable: the attribute and this module change together, nothing else uses it.
#![allow(missing_docs)]

use crate::{
    AppError, Authorize, Call, CallOptions, Channel, Method, Pending, Refusal, Result, Status,
    tlv::{DecodeBody, DecodeOwned, Encode, Reader, Writer},
};

/// What a generated client holds: a channel and the options of its calls.
#[derive(Clone, Debug)]
pub struct Stub {
    channel: Channel,
    options: CallOptions,
}

impl Stub {
    pub fn new(channel: Channel) -> Self {
        Self { channel, options: CallOptions::new() }
    }

    pub fn with(&self, options: CallOptions) -> Self {
        Self { channel: self.channel.clone(), options }
    }

    pub fn call<T: DecodeOwned, E: AppError>(
        &self,
        _method: &'static Method,
        _body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<T, E> {
        todo!("{:?}", self.options)
    }

    pub fn start<T: DecodeOwned, E: AppError>(
        &self,
        _method: &'static Method,
        _body: impl FnOnce(&mut Writer<'_>),
    ) -> Pending<T, E> {
        todo!()
    }
}

/// First pass over the arguments: those of fixed size, in ascending order (Wire §4.3).
pub fn write_fixed<T: Encode + ?Sized>(out: &mut Writer<'_>, number: u16, value: &T) {
    if T::FIXED {
        value.encode(number, out);
    }
}

/// Second pass: all others that are there.
pub fn write_sized<T: Encode + ?Sized>(out: &mut Writer<'_>, number: u16, value: &T) {
    if !T::FIXED && !value.is_absent() {
        value.encode(number, out);
    }
}

pub fn authorize<A, Z: Authorize<A>>(authorizer: &Z, call: &mut Call, access: A) -> std::result::Result<(), Refusal> {
    let caller = authorizer.authorize(call, access)?;
    call.set_caller(caller);
    Ok(())
}

/// One arm of a dispatch table: decode, run, encode.
pub fn answer<'a, Q: DecodeBody<'a>, T: Encode, E: AppError>(
    mut body: Reader<'a>,
    _reply: &mut Writer<'_>,
    run: impl FnOnce(Q) -> Result<T, E>,
) -> std::result::Result<Status, Refusal> {
    let request = Q::decode_body(&mut body).map_err(|_| Refusal::new(Status::BAD_BODY))?;
    let _ = run(request);
    todo!()
}
