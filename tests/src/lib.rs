//! The harness: real processes on throw-away stores, peers that speak bytes by hand, and the command line as a user runs it.
//! It knows the contract (addresses, exit codes, JSON) and deliberately nothing of how the programs keep it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a harness says what is wrong by panicking, and its input is its own"
)]

mod random;
pub use random::Random;

mod ledger;
pub use ledger::{Ledger, Verdict};

mod linearizable;
pub use linearizable::{Model, Seen, is_linearizable};

mod disk;
pub use disk::{
    Act, Crashes, Disk, Fate, Fault, FaultKind, Files, Step, Synchronous, check_integrity, files,
    make_store_of_version, schema_version, whole_version,
};

mod binaries;
pub use binaries::{binary, example};

mod process;
pub use process::{Finished, run_to_end};

mod measured;
pub use measured::{Figure, Measured, Table, TableRow, shown};

mod plot;

pub mod bench_service;

mod performance;
pub use performance::{MEASURED, goals, plots, tables};

mod prices;
pub use prices::{Price, Prices};

mod layer;
pub use layer::{Played, play_layer};

mod cli;
pub use cli::Cli;

pub mod footprint;

mod shortage;
pub use shortage::Shortage;

mod running_server;
pub use running_server::{ADMINISTRATOR, PASSWORD, RunningServer};

mod database;
pub use database::{Cluster, Database, psql};

mod cluster;
pub use cluster::{Clients, Copying, Machine, Node, Replicated, Site, free_port};

mod school;
pub use school::School;

mod hex;
pub use hex::hex;

mod allocations;
pub use allocations::{CountingAllocator, counts as counts_allocations, peak_of};

mod every_call;
pub use every_call::{EveryCall, FailedCall};

mod keyed_call;
pub use keyed_call::KeyedCall;

pub mod fuzz;

mod protocol_page;
pub use protocol_page::page_frame;

pub mod proxy;

mod raw_peer;
pub use raw_peer::{RawFrame, RawPeer};

mod access_matrix;
pub use access_matrix::{Answer, Caller, Object, Relation, expected};
