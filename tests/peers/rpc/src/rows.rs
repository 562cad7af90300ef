//! The rows: raw sockets, ours, and the frameworks that a user could pick instead. Every one of them carries the same
//! payload, reads every field and checks every answer, with Nagle's algorithm off.
//!
//! What runs on tokio has two rows, for a runtime of one thread and of as many as there are processors, on both sides: take
//! the better one. Left out: volo, whose generator brings a toolchain of its own; jsonrpsee, which no one picks for speed.

use crate::{ours, raw, row::Row};

mod asynchronous;
#[cfg(feature = "capnp")]
mod capnp;
mod tarpc;
mod thrift;
pub(crate) mod tonic;
mod ttrpc;

/// All of them; ratios are to the first.
pub(crate) fn all() -> Vec<Row> {
    let mut rows = vec![raw::RAW, ours::OURS];
    rows.extend(tarpc::ROWS);
    rows.extend(tonic::ROWS);
    rows.extend([ttrpc::ROW, thrift::ROW]);
    #[cfg(feature = "capnp")]
    rows.push(capnp::ROW);
    rows
}

/// The request that everybody sends: 60 bytes of payload.
const SESSION: [u8; 16] = [7; 16];
const PROMOTION: u64 = 1;
const STUDENT: u64 = 2;
const VALUE: f64 = 14.5;
const COEFFICIENT: f64 = 2.0;
const LABEL: &str = "TP reseau 01";

/// The handler's work: every field is read, so that nothing is optimised away.
fn added(session: &[u8], promotion: u64, student: u64, value: f64, coefficient: f64, label: &str) -> u64 {
    let sum = value + coefficient + f64::from(session[0]);
    promotion ^ student ^ sum.to_bits() ^ label.len() as u64
}

/// The caller's: the answer is looked at.
fn expect(mark: u64) {
    assert_eq!(mark, added(&SESSION, PROMOTION, STUDENT, VALUE, COEFFICIENT, LABEL));
}
