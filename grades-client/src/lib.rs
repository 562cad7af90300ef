//! A connection to a grades server, for programs: connect, sign in, call. What `grades` does at the command line, a
//! program does with the two clients of a [`Session`], which implement the traits of `grades-api`.
//!
//! ```no_run
//! use grades_api::{Grades as _, model::Password};
//! use grades_client::Connection;
//!
//! let session = Connection::open("127.0.0.1:7878")?.login("ada", &Password::new("eleven herons by the weir"))?;
//! let average = session.grades.promotion_average("L3")?;
//! println!("{} of {} students count", average.counted, average.enrolled);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod connection;
pub use connection::{Connection, Session};
