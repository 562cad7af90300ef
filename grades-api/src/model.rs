//! The values that cross the wire. A value that exists is valid: construction and decoding are the only checks.

mod account;
mod average;
mod coefficient;
mod decimal;
mod mark;
mod name;
mod promotion;
mod secret;
mod sheet;

pub use account::{Account, NewAccount, Role, RoleError, SessionSummary, SignedIn, StudentKey, Whoami};
pub use average::{Mean, PromotionAverage, StudentAverage};
pub use coefficient::{Coefficient, CoefficientError};
pub use mark::{Mark, MarkError, MarkId, MarkReading};
pub use name::NameKind;
pub use promotion::{MarkChange, MarkEntry, Promotion, StudentMarks};
pub use secret::{Password, SessionId};
pub use sheet::{ImportReport, NewMark, Sheet, SheetColumn, SheetRow};
