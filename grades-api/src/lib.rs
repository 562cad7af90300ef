//! The contract of the grades service, which both sides compile: its values, its errors, and its two traits.
//!
//! [`Accounts`] knows who is who, [`Grades`] keeps promotions, students and marks. Each trait has a client that calls over
//! a channel and implements the very trait, so that code takes the trait and does not know whether it is remote:
//!
//! ```
//! use grades_api::{Grades, GradesClient, GradesError, grades::GradesStudents, model::StudentMarks};
//! use rpc_core::MockTransport;
//! # use grades_api::model::{Mean, StudentAverage};
//! # fn student(name: &str, hundredths: u32) -> StudentMarks {
//! #     let mean = Some(Mean { hundredths, exact: None });
//! #     let average = StudentAverage { counted: 1, pending: 0, mean };
//! #     StudentMarks { number: "17".into(), name: name.into(), average, marks: Vec::new() }
//! # }
//!
//! /// The names of those whose mean, as it is shown, is below 10.
//! fn below_the_bar(grades: &dyn Grades, promotion: &str) -> rpc_core::Result<Vec<String>, GradesError> {
//!     let students = grades.students(promotion, None, 500)?.into_iter();
//!     let is_below = |student: &StudentMarks| student.average.mean.as_ref().is_some_and(|mean| mean.hundredths < 1_000);
//!     Ok(students.filter(is_below).map(|student| student.name).collect())
//! }
//!
//! // A test scripts the replies; a program writes `Channel::connect("127.0.0.1:7878")?` in place of `mock.channel()`.
//! let mock = MockTransport::new().on(|request: GradesStudents<'_>| match request.promotion {
//!     "L3" => Ok(vec![student("Ada", 1_143), student("Bob", 999)]),
//!     _ => Err(GradesError::NotFound.into()),
//! });
//! let grades = GradesClient::new(mock.channel());
//! assert_eq!(below_the_bar(&grades, "L3")?, ["Bob"]);
//! assert_eq!(below_the_bar(&grades, "M1"), Err(GradesError::NotFound.into()));
//! # Ok::<(), rpc_core::Error<GradesError>>(())
//! ```
//!
//! A call proves who makes it with the session ID that a login gave, as the credential of its options:
//!
//! ```
//! use grades_api::{Accounts, AccountsClient, AccountsError, GradesClient, model::Password};
//! use rpc_core::{CallOptions, Channel};
//!
//! fn sign_in(channel: &Channel, name: &str, password: &str) -> rpc_core::Result<GradesClient, AccountsError> {
//!     let accounts = AccountsClient::new(channel.clone());
//!     let signed_in = accounts.login(name, &Password::new(password))?;
//!     Ok(GradesClient::new(channel.clone()).with(CallOptions::new().credential(signed_in.session.expose())))
//! }
//! ```
//!
//! What is absent: this crate opens no socket, keeps nothing, and decides nothing about who may do what but to name the
//! rule ([`Access`]) beside each method.
#![forbid(unsafe_code)]

pub mod model;

mod access;
pub use access::Access;

mod error;
pub use error::{AccountsError, GradesError, RowError, RowFault};

pub mod accounts;
pub use accounts::{Accounts, AccountsClient, AccountsDispatch};

pub mod grades;
pub use grades::{Grades, GradesClient, GradesDispatch};

// A server serves both, and tells their calls apart by the id.
const _: () = rpc_core::Service::assert_distinct(&[AccountsClient::SERVICE, GradesClient::SERVICE]);
