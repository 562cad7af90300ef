//! A frame: one length-delimited unit on the wire, a header of 16 bytes and a body (Wire §2). No input or output here.

mod header;

pub use header::{CallId, FrameError, FrameKind, Header, HeaderFlags};
