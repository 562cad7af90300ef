#[rpc_core::service(id = 1, name = "desk", open)]
struct Desk;

fn main() {}
