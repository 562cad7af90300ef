//! The service that benchmarks call: what crosses the wire is what a marks service moves, and the handlers do next to nothing.

use std::convert::Infallible;

use rpc_core::Result;

/// What a marks service is asked most: 60 bytes of payload there, 8 back.
#[rpc_core::service(id = 0x42, name = "bench", open)]
pub trait Bench {
    /// Adds a mark.
    ///
    /// # Errors
    /// None of its own.
    #[rpc(opcode = 1)]
    fn add_grade(
        &self,
        session: &[u8; 16],
        promotion: u64,
        student: u64,
        value: f64,
        coefficient: f64,
        label: &str,
    ) -> Result<u64, Infallible>;

    /// Gives the bytes back.
    ///
    /// # Errors
    /// None of its own.
    #[rpc(opcode = 2)]
    fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Infallible>;
}

/// Answers at once.
#[derive(Debug)]
pub struct Handler;

impl Bench for Handler {
    fn add_grade(
        &self,
        session: &[u8; 16],
        promotion: u64,
        student: u64,
        value: f64,
        coefficient: f64,
        label: &str,
    ) -> Result<u64, Infallible> {
        // Every field is read, so that nothing is optimised away.
        let sum = value + coefficient + f64::from(session[0]);
        Ok(promotion ^ student ^ sum.to_bits() ^ label.len() as u64)
    }

    fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Infallible> {
        Ok(bytes.to_vec())
    }
}
