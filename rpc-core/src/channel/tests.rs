//! The channel against a server that is played by hand, so that every order of events can be had without sleeping.

mod calls;
mod connecting;
mod deadlines;
mod ends;
mod faults;
mod hostile;
mod lent;
mod memory;
mod mock;
mod played;
mod retries;
mod silence;
