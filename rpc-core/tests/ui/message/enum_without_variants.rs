use rpc_core::Message;

#[derive(Message)]
enum Reason {}

fn main() {}
