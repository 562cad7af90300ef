//! A service that outlives its machines, in small: server nodes on one PostgreSQL primary with a standby, clients that add
//! marks meanwhile, and the comparison of what they were told with what is there. All of it are real processes on loopback,
//! in one folder, and none survives the one that started it.
//!
//! ```text
//! clients ──► node 1..n ──► primary ──WAL──► standby
//! ```

mod machine;
pub use machine::{Machine, free_port};

mod replicated;
pub use replicated::{Copying, Replicated};

mod node;
pub use node::Node;

mod clients;
pub use clients::Clients;

mod site;
pub use site::Site;
