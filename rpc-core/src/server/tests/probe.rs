//! A service with one method for each thing that may happen to a call.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, Sender},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{Authorize, Call, Error, Refusal, Result, Status, call, frame::decode_refusal};

/// The rule of a method: whom it lets in.
pub(super) enum Rule {
    Anyone,
    Known,
}

#[derive(Debug, crate::AppError)]
pub(super) enum ProbeError {
    #[tag(1)]
    Odd,
}

impl std::fmt::Display for ProbeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the number is odd")
    }
}

impl std::error::Error for ProbeError {}

/// One method for each thing that may happen to a call.
#[crate::service(id = 0x54, name = "probe", access = Rule)]
pub(super) trait Probe {
    #[rpc(opcode = 1, access = Rule::Known)]
    fn half(&self, number: u64) -> Result<u64, ProbeError>;
    #[rpc(opcode = 2, access = Rule::Known)]
    fn panic(&self) -> Result<u64, ProbeError>;
    /// A list of so many bytes.
    #[rpc(opcode = 3, access = Rule::Known)]
    fn bytes(&self, count: u64) -> Result<Vec<u8>, ProbeError>;
    /// Waits until the test opens the gate.
    #[rpc(opcode = 4, access = Rule::Known, slow)]
    fn wait(&self, number: u64) -> Result<u64, ProbeError>;
    #[rpc(opcode = 5, access = Rule::Anyone)]
    fn hello(&self, text: &[u8]) -> Result<u64, ProbeError>;
    /// How many bytes the text has.
    #[rpc(opcode = 6, access = Rule::Known, keyed)]
    fn count(&self, text: &[u8]) -> Result<u64, ProbeError>;
    /// Waits at the gate on the connection's own thread.
    #[rpc(opcode = 7, access = Rule::Known, deadline = "7s")]
    fn block(&self) -> Result<u64, ProbeError>;
    #[rpc(opcode = 8, access = Rule::Known, slow)]
    fn slow_panic(&self) -> Result<u64, ProbeError>;
    #[rpc(opcode = 9, access = Rule::Known)]
    fn depth(&self, nest: &Nest) -> Result<u64, ProbeError>;
    /// Waits until the test opens the gate, as a login waits for its hash.
    #[rpc(opcode = 10, access = Rule::Anyone, slow)]
    fn log_in(&self) -> Result<u64, ProbeError>;
    /// A list of so many bytes, from the pool.
    #[rpc(opcode = 11, access = Rule::Known, slow)]
    fn slow_bytes(&self, count: u64) -> Result<Vec<u8>, ProbeError>;
    /// A message with a text of so many bytes.
    #[rpc(opcode = 12, access = Rule::Known)]
    fn nest(&self, count: u64) -> Result<Nest, ProbeError>;
}

/// As deep as the peer wants, and wide enough to need a large stack frame a level.
#[derive(Debug, Default, crate::Message)]
#[expect(clippy::use_self, reason = "the derive repeats the types of fields where there is no `Self`")]
pub(super) struct Nest {
    #[tag(1)]
    pub(super) inner: Vec<Nest>,
    #[tag(2)]
    pub(super) text: Option<String>,
    #[tag(3)]
    pub(super) texts: Vec<Option<String>>,
    #[tag(4)]
    pub(super) pairs: Vec<(u64, String)>,
    #[tag(5)]
    pub(super) numbers: Option<Vec<u64>>,
    #[tag(6)]
    pub(super) wide: Option<u128>,
    #[tag(7)]
    pub(super) map: BTreeMap<String, u64>,
    #[tag(8)]
    pub(super) other: Option<Box<Nest>>,
}

/// What a handler saw of its call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) caller: Option<u32>,
    pub(super) key: Option<[u8; 16]>,
    pub(super) request: Vec<u8>,
    pub(super) remaining_s: u64,
    pub(super) deadline: Option<Instant>,
}

pub(super) struct Handler {
    pub(super) gate: Mutex<Receiver<()>>,
    /// Told when a call has come to the gate.
    pub(super) at_gate: Mutex<Sender<Seen>>,
}

impl Handler {
    fn pass(&self) {
        let call = call();
        let seen = Seen {
            caller: call.caller().copied(),
            key: call.key(),
            request: call.request_bytes().to_vec(),
            remaining_s: call.remaining().unwrap_or_default().as_millis().div_ceil(1_000).try_into().unwrap(),
            deadline: call.deadline(),
        };
        // The test may be over.
        let _told = self.at_gate.lock().send(seen);
        let _open = self.gate.lock().recv();
    }
}

impl Probe for Handler {
    fn half(&self, number: u64) -> Result<u64, ProbeError> {
        if number.is_multiple_of(2) { Ok(number / 2) } else { Err(ProbeError::Odd.into()) }
    }

    fn panic(&self) -> Result<u64, ProbeError> {
        panic!("as it was asked to")
    }

    fn bytes(&self, count: u64) -> Result<Vec<u8>, ProbeError> {
        Ok(vec![7; usize::try_from(count).unwrap()])
    }

    fn wait(&self, number: u64) -> Result<u64, ProbeError> {
        self.pass();
        Ok(number)
    }

    fn hello(&self, text: &[u8]) -> Result<u64, ProbeError> {
        Ok(u64::try_from(text.len()).unwrap())
    }

    fn count(&self, text: &[u8]) -> Result<u64, ProbeError> {
        let call = call();
        assert_eq!(call.request_bytes().is_empty(), call.key().is_none());
        match text {
            b"busy" => Err(Error::rejected(Status::KEY_IN_PROGRESS, Some(Duration::from_millis(40)))),
            _ => Ok(u64::try_from(text.len()).unwrap()),
        }
    }

    fn block(&self) -> Result<u64, ProbeError> {
        self.pass();
        Ok(u64::from(call().cancelled()))
    }

    fn slow_panic(&self) -> Result<u64, ProbeError> {
        panic!("as it was asked to")
    }

    fn log_in(&self) -> Result<u64, ProbeError> {
        self.pass();
        Ok(0)
    }

    fn slow_bytes(&self, count: u64) -> Result<Vec<u8>, ProbeError> {
        self.bytes(count)
    }

    fn nest(&self, count: u64) -> Result<Nest, ProbeError> {
        Ok(Nest { text: Some("7".repeat(usize::try_from(count).unwrap())), ..Nest::default() })
    }

    fn depth(&self, nest: &Nest) -> Result<u64, ProbeError> {
        Ok(1 + nest.inner.iter().map(|inner| self.depth(inner).unwrap()).max().unwrap_or(0))
    }
}

pub(super) struct Guard;

impl Authorize<Rule> for Guard {
    type Caller = u32;

    fn authorize(&self, call: &Call, access: Rule) -> std::result::Result<u32, Refusal> {
        match (access, call.credential().map(|credential| credential.as_bytes().to_vec()).as_deref()) {
            (Rule::Anyone, _) => Ok(0),
            (Rule::Known, Some(b"panic")) => panic!("as it was asked to"),
            (Rule::Known, Some(b"good")) => Ok(42),
            // As a guard does that asks another server and passes its refusal on.
            (Rule::Known, Some(b"nested")) => Err(decode_refusal(Status::FORBIDDEN, &[])),
            (Rule::Known, Some(_)) => Err(Refusal::forbidden()),
            (Rule::Known, None) => Err(Refusal::unauthenticated()),
        }
    }

    fn is_public(&self, access: &Rule) -> bool {
        matches!(access, Rule::Anyone)
    }
}
