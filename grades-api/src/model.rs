//! The values that cross the wire. A value that exists is valid: construction and decoding are the only checks.

mod account;
mod average;
mod mark;
mod promotion;
mod secret;
mod sheet;

pub use account::{Account, NewAccount, Role, SessionSummary, SignedIn, StudentKey, Whoami};
pub use average::{Mean, PromotionAverage, StudentAverage};
pub use mark::{Coefficient, Mark, MarkId, MarkReading, MarkTextError};
pub use promotion::{MarkChange, MarkEntry, Promotion, StudentMarks};
pub use secret::{Password, SessionId};
pub use sheet::{ImportReport, Sheet, SheetColumn, SheetRow};
